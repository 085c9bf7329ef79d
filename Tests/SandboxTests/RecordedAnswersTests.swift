internal import JSON
internal import Testing
internal import Transport

@testable import Sandbox

/// The recorded requests, sent to the sandbox: it must answer as the real server did.
@Suite(.enabled(if: Recordings.folder != nil, "MESHDECK_RECORDINGS names no recordings"))
struct RecordedAnswersTests {
  /// Refusals are the same to the byte, but for versions and for what a person reads of Go's JSON reader.
  @Test(arguments: [
    ("anonymous_403", APIUser.anonymous), ("forbidden_list_403", .nobody), ("forbidden_watch_403", .nobody),
    ("forbidden_patch_403", .viewer), ("forbidden_unknown_resource_403", .viewer), ("apply_conflict_409", .admin),
    ("continue_garbage_400", .admin), ("create_already_exists_409", .admin), ("delete_missing_404", .admin),
    ("dryrun_bad_value_422", .admin), ("httproute_bad_weight_422", .admin), ("invalid_crd_schema_422", .admin),
    ("invalid_name_422", .admin), ("list_bad_resourceVersion_400", .admin), ("list_exact_compacted_410", .admin),
    ("list_future_resourceVersion", .admin), ("method_not_allowed_405", .admin), ("not_acceptable_406", .admin),
    ("notfound_group_404", .admin), ("notfound_object_404", .admin), ("notfound_resource_404", .admin),
    ("patch_json_test_fails_422", .admin), ("patch_json_test_resourceVersion_fails_422", .admin),
    ("patch_merge_stale_resourceVersion_409", .admin), ("patch_strategic_on_crd_415", .admin),
    ("pods_bad_labelselector_400", .admin), ("post_to_named_object_409", .admin),
    ("put_stale_resourceVersion_409", .admin), ("put_without_resourceVersion_422", .admin),
    ("unauthorized_bad_token_401", .admin), ("unknown_field_strict_400", .admin),
    ("webhook_denied_negative_weight", .admin), ("webhook_denied_no_routes", .admin),
    ("webhook_denied_total_weight_zero", .admin), ("body_not_json_400", .admin), ("continue_expired_410", .admin),
  ])
  func refusesAsRecorded(_ name: String, _ user: APIUser) async throws {
    let cluster = try TestCluster(as: user)
    try cluster.put(
      .httpRoutes,
      [
        "metadata": ["name": "reviews-split", "namespace": "bookinfo"],
        "spec": ["rules": [["backendRefs": [["name": "reviews", "port": 9080, "weight": 1]]]]],
      ])
    let recorded = try #require(try Recordings.exchange(name))
    var request = recorded.request
    if request.headers["Authorization"] != nil {
      var headers = request.headers
      headers["Authorization"] = recorded.status == 401 ? "Bearer bad" : "Bearer good"
      request = .init(method: request.method, target: request.target, headers: headers, body: request.body)
    }
    let answer = try await cluster.send(request)
    #expect(answer.status == recorded.status)
    guard recorded.body.hasPrefix("{") else {
      #expect(answer.body == .string(recorded.body))
      return
    }
    let expected = try JSONValue(parsing: recorded.body)
    switch name {
    case "list_future_resourceVersion", "body_not_json_400":
      #expect(answer.body["reason"] == expected["reason"] && answer.body["details"] == expected["details"])
    case "continue_expired_410":
      #expect(answer.body["message"] == expected["message"] && answer.body["reason"] == expected["reason"])
      let fresh = try #require(answer.body.at("metadata", "continue")?.string)
      #expect(try await cluster.send("GET", "/api/v1/namespaces/bookinfo/pods?limit=2&continue=\(fresh)").status == 200)
    default: #expect(answer.body == expected)
    }
  }

  /// What is granted has the recorded status, warnings and shape.
  @Test(arguments: [
    ("patch_noop_merge", APIUser.admin), ("dryrun_merge_200", .admin), ("editor_patch_dryrun_200", .editor),
    ("patch_merge_weights", .admin), ("unknown_field_warn_dryrun", .admin),
    ("istio_warning_header_dryrun", .admin), ("weights_not_100_accepted_dryrun", .admin),
    ("apply_force_dryrun_200", .admin), ("notfound_namespace_list_200", .admin), ("virtualservice_reviews", .admin),
    ("virtualservices_v1alpha3", .admin), ("virtualservices_all_ns", .admin),
    ("virtualservices_partial_metadata", .admin), ("selfsubjectaccessreview_editor_patch_vs", .editor),
    ("selfsubjectaccessreview_nobody_patch_vs", .nobody), ("ssar_admin_pods_proxy", .admin),
    ("selfsubjectreview_viewer", .viewer), ("selfsubjectrulesreview_nobody", .nobody),
    ("selfsubjectrulesreview_viewer", .viewer),
    ("selfsubjectrulesreview_editor", .editor), ("livez", .admin),
    ("anonymous_version_200", .anonymous), ("api", .admin), ("namespaces", .admin),
  ])
  func grantsAsRecorded(_ name: String, _ user: APIUser) async throws {
    let cluster = try TestCluster(as: user)
    let recorded = try #require(try Recordings.exchange(name))
    var request = recorded.request
    var headers = request.headers
    if headers["Authorization"] != nil { headers["Authorization"] = "Bearer good" }
    request = .init(method: request.method, target: request.target, headers: headers, body: request.body)
    let answer = try await cluster.send(request)
    #expect(answer.status == recorded.status)
    #expect(answer.headers["Warning"] == recorded.warning)
    guard recorded.body.hasPrefix("{") else {
      #expect(answer.body == .string(recorded.body))
      return
    }
    let expected = try JSONValue(parsing: recorded.body)
    #expect(answer.body.object?.keys == expected.object?.keys)
    for key in ["kind", "apiVersion"] { #expect(answer.body[key] == expected[key]) }
    for rules in ["resourceRules", "nonResourceRules"] {  // the real server's are in no order
      func texts(_ answer: JSONValue) -> Set<String> {
        Set((answer.at("status", rules)?.array ?? []).map { $0.text() })
      }
      // Permitted deviation: whoever reads pods may read their logs here, since the console shows them.
      let logs = #"{"verbs":["get"],"apiGroups":[""],"resources":["pods/log"]}"#
      #expect(texts(answer.body).subtracting([logs]) == texts(expected))
    }
    for key in ["allowed", "reason", "userInfo"] {
      #expect(answer.body.at("status", key) == expected.at("status", key))
    }
    let (one, other) = (answer.body["items"]?.array?.first ?? answer.body, expected["items"]?.array?.first ?? expected)
    for key in ["kind", "apiVersion"] { #expect(one[key] == other[key]) }
    if let metadata = one["metadata"]?.object, answer.status == 201 {
      #expect(metadata.keys == other["metadata"]?.object?.keys)
    }
    if name.contains("dryrun"), answer.status == 200 {
      #expect(answer.body.at("metadata", "generation") == 2)
      let stored = cluster.store.object(.virtualServices, .init("reviews", in: "bookinfo"))
      #expect(answer.body.at("metadata", "resourceVersion") == stored?[metadata: "resourceVersion"])
    }
  }

  @Test(arguments: [
    ("virtualservices_table", ResourceType.virtualServices), ("destinationrules_table", .destinationRules),
    ("services_table", .services), ("pods_table", .pods), ("deployments_table", .deployments),
    ("endpointslices_table", .endpointSlices), ("httproutes_table", .httpRoutes),
  ])
  func printsTablesAsRecorded(_ name: String, _ type: ResourceType) async throws {
    let cluster = try TestCluster()
    let objects = try JSONValue(parsing: try #require(Recordings.text(type.plural + ".json")))
    let table = try JSONValue(parsing: try #require(Recordings.text(name + ".json")))
    for item in objects["items"]?.array ?? [] {
      let object = APIObject(item)
      try cluster.store.write(type, object.key) { _ in object }
    }
    let recorded = try #require(try Recordings.exchange(name))
    let answer = try await cluster.send(recorded.request)
    #expect(answer.body.object?.keys == table.object?.keys)
    func columns(_ table: JSONValue) -> [[JSONValue?]] {
      (table["columnDefinitions"]?.array ?? []).map { [$0["name"], $0["type"], $0["format"], $0["priority"]] }
    }
    #expect(columns(answer.body) == columns(table))
    // All cells but those that say how long ago.
    let ages = Set(
      (table["columnDefinitions"]?.array ?? []).indices.filter {
        table["columnDefinitions"]?.array?[$0]["name"] == "Age"
      })
    func cells(_ table: JSONValue) -> [[JSONValue]] {
      (table["rows"]?.array ?? []).map { row in
        (row["cells"]?.array ?? []).enumerated().filter { !ages.contains($0.offset) }.map(\.element)
      }
    }
    #expect(cells(answer.body) == cells(table))
  }
}
