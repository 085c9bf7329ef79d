import Testing
import Transport

@testable import KubernetesAPI

@Suite struct ErrorTests {
  /// What each recorded refusal is, by the beginning of its sentence.
  @Test(arguments: [
    (
      "anonymous_403.json",
      "not allowed (403): virtualservices.networking.istio.io is forbidden: User \"system:anonymous\""
    ),
    ("unauthorized_bad_token_401.json", "the API server does not accept the credentials (401)"),
    ("forbidden_patch_403.json", "not allowed (403): "),
    ("notfound_object_404.json", "not found (404): virtualservices.networking.istio.io \"nope\" not found"),
    ("delete_missing_404.json", "not found (404): "),
    ("notfound_group_404.txt", "the API server does not serve /the/path (404)"),
    ("notfound_resource_404.txt", "the API server does not serve /the/path (404)"),
    ("method_not_allowed_405.json", "not supported (405): "),
    ("not_acceptable_406.json", "not supported (406): "),
    ("patch_strategic_on_crd_415.json", "not supported (415): "),
    ("create_already_exists_409.json", "there already (409): "),
    ("patch_merge_stale_resourceVersion_409.json", "somebody else changed it (409): "),
    ("put_stale_resourceVersion_409.json", "somebody else changed it (409): "),
    ("apply_conflict_409.json", "somebody else changed it (409): Apply failed with "),
    ("continue_expired_410.json", "too old (410): "),
    ("list_exact_compacted_410.json", "too old (410): "),
    ("patch_json_test_fails_422.json", "refused as invalid (422): the server rejected our request"),
    ("httproute_bad_weight_422.json", "refused as invalid (422): "),
    ("webhook_denied_negative_weight.json", "denied by validation.istio.io: configuration is invalid: weight -1 < 0"),
    ("webhook_denied_total_weight_zero.json", "denied by validation.istio.io: "),
    ("unknown_field_strict_400.json", "refused (400): "),
    ("pods_bad_labelselector_400.json", "refused (400): "),
    ("list_future_resourceVersion.json", "the API server lags behind what it said before (504)"),
  ])
  func readsRecordedRefusals(_ name: String, _ sentence: String) throws {
    guard let answer = try RecordedAnswer("kube/\(name)") else { return }
    let error = KubernetesError(
      status: answer.status, headers: answer.headers, body: answer.body, path: "/the/path")
    #expect(error.description.hasPrefix(sentence), "\(error)")
  }

  @Test func keepsWhatACallerActsOn() throws {
    if let answer = try RecordedAnswer("kube/apply_conflict_409.json") {
      let error = KubernetesError(status: answer.status, headers: answer.headers, body: answer.body, path: "/")
      guard case .conflict(_, let causes) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(causes.map(\.reason) == ["FieldManagerConflict"] && causes.first?.field == ".spec.http")
    }
    if let answer = try RecordedAnswer("kube/list_future_resourceVersion.json") {
      let error = KubernetesError(status: answer.status, headers: answer.headers, body: answer.body, path: "/")
      #expect(error == .resourceVersionTooLarge(retryAfter: .seconds(1)))
    }
  }

  @Test(arguments: [
    (429, "", KubernetesError.tooManyRequests(retryAfter: .seconds(7))),
    (
      502, "<html>\r\n<head><title>502 Bad Gateway</title></head>",
      .notKubernetes(status: 502, summary: "<an HTML page, \"502 bad gateway\">")
    ),
    (403, "<HTML><body>blocked", .notKubernetes(status: 403, summary: "<an HTML page>")),
    (301, "", .notKubernetes(status: 301, summary: "an empty answer")),
    (503, "no healthy upstream", .serverFailed(status: 503, message: "no healthy upstream", retryAfter: .seconds(7))),
    (
      500, status(500, "InternalError", #"etcd \u001b[31mdown\n"#),
      .serverFailed(status: 500, message: "etcd  [31mdown ", retryAfter: .seconds(7))
    ),
    (401, "", .unauthorized(message: "")),
    (404, "page\u{1b}]0;owned\u{7} not here", .notKubernetes(status: 404, summary: "page ]0;owned  not here")),
    (400, status(400, ""), .badRequest(message: "said so")),
    (404, status(404, "NotFound", more: #","details":{"name":"x"}"#), .notFound(message: "said so")),
  ])
  func readsWhatStandsInBetween(_ code: Int, _ body: String, _ expected: KubernetesError) {
    let error = KubernetesError(status: code, headers: ["retry-after": "7"], body: Array(body.utf8), path: "/p")
    #expect(error == expected)
  }

  @Test func noMessageIsEndless() {
    let body = status(400, "BadRequest", String(repeating: "x", count: 100_000))
    let error = KubernetesError(status: 400, headers: [:], body: Array(body.utf8), path: "/")
    #expect(error.description.utf8.count < 2100)
  }

  @Test(arguments: [
    (#"299 - "one""#, ["one"]), (#"299 - "a \"b\", c", 299 - "two""#, [#"a "b", c"#, "two"]),
    (#"299 - "one" "Wed, 21 Oct 2015 07:28:00 GMT", 299 - "two""#, ["one", "two"]), ("garbage", []),
    (#"299 - "open"#, ["open"]),
  ])
  func readsWarnings(_ field: String, _ texts: [String]) {
    #expect(warningTexts(field) == texts)
  }
}
