import JSON
import Transport

private let virtualServices = "/apis/networking.istio.io/v1/namespaces/bookinfo/virtualservices"
private let httpRoutes = "/apis/gateway.networking.k8s.io/v1/namespaces/bookinfo/httproutes"
private let json: HTTPHeaders = ["Accept": "application/json", "Content-Type": "application/json"]

/// A `Status` with a reason, a code and a message that holds certain words.
private func refusal(_ answer: Answer, _ status: Int, reason: String?, saying words: String) -> [String] {
  Check.of(answer, status: status) { check in
    check.holds(answer.json["kind"]?.string == "Status", "a Status")
    check.holds(answer.json["reason"]?.string == reason, "the reason \(reason ?? "nil")")
    check.holds(answer.json["code"]?.int == status, "the code")
    check.holds(answer.json["message"]?.string?.contains(words) == true, "the words “\(words)”")
  }
}

private func virtualService(_ spec: String) -> String {
  #"{"apiVersion":"networking.istio.io/v1","kind":"VirtualService","metadata":{"name":"tmp","namespace":"bookinfo"},"#
    + #""spec":\#(spec)}"#
}

let kubernetesContracts = [
  Contract(name: "kube/anonymous_version_200", server: .kubernetes(as: .anonymous), target: "/version") { answer in
    Check.of(answer, status: 200) { $0.holds(answer.json["gitVersion"]?.string?.hasPrefix("v1.") == true, "a version") }
  },
  Contract(name: "kube/anonymous_403", server: .kubernetes(as: .anonymous), target: virtualServices) {
    refusal($0, 403, reason: "Forbidden", saying: "system:anonymous")
  },
  Contract(name: "kube/unauthorized_bad_token_401", server: .kubernetes(as: .unknownToken), target: virtualServices) {
    refusal($0, 401, reason: "Unauthorized", saying: "Unauthorized")
  },
  Contract(name: "kube/notfound_group_404", server: .kubernetes(as: .admin), target: "/apis/nope.io/v1/things") {
    answer in
    Check.of(answer, status: 404) { $0.holds(answer.text.hasPrefix("404 page not found"), "plain text") }
  },
  Contract(
    name: "kube/notfound_namespace_list_200", server: .kubernetes(as: .admin),
    target: "/apis/networking.istio.io/v1/namespaces/no-such-ns/virtualservices"
  ) { answer in
    Check.of(answer, status: 200) { $0.holds(answer.json["items"] == .array([]), "an empty list") }
  },
  Contract(name: "kube/virtualservices", server: .kubernetes(as: .admin), target: virtualServices) { answer in
    Check.of(answer, status: 200) { check in
      check.holds(answer.json["kind"]?.string == "VirtualServiceList", "a list")
      check.holds(answer.json["metadata"]?["resourceVersion"]?.string != nil, "the list's version")
      let reviews = answer.json["items"]?.array?.first { $0["metadata"]?["name"]?.string == "reviews" }
      let share = reviews?["spec"]?["http"]?.array?.first?["route"]?.array?.first
      check.holds(share?["weight"]?.int != nil && share?["destination"]?["subset"]?.string != nil, "weights")
      check.holds(reviews?["metadata"]?["managedFields"]?.array?.first?["manager"]?.string != nil, "who wrote it")
    }
  },
  Contract(
    name: "kube/httproutes", server: .kubernetes(as: .admin), target: httpRoutes, scenario: "gateway-api"
  ) { answer in
    Check.of(answer, status: 200) { check in
      check.holds(answer.json["kind"]?.string == "HTTPRouteList", "a list")
      let routes = answer.json["items"]?.array ?? []
      let ofService = routes.first { $0["spec"]?["parentRefs"]?.array?.first?["kind"] == "Service" }
      let rule = ofService?["spec"]?["rules"]?.array?.first
      let backend = rule?["backendRefs"]?.array?.first
      check.holds(backend?["weight"]?.int != nil, "weights")
      // What nobody wrote stands there as the definition's default.
      check.holds(backend?["kind"] == "Service" && backend?["group"] == "", "what a backend is")
      check.holds(rule?["matches"]?.array?.first?["path"]?["value"] == "/", "what a rule takes")
    }
  },
  Contract(
    name: "kube/httproute_bad_weight_422", server: .kubernetes(as: .admin), method: .patch,
    target: httpRoutes + "/reviews",
    headers: ["Content-Type": "application/json-patch+json", "Accept": "application/json"],
    body: #"[{"op": "replace", "path": "/spec/rules/0/backendRefs/0/weight", "value": 1000001}]"#,
    scenario: "gateway-api"
  ) { refusal($0, 422, reason: "Invalid", saying: "should be less than or equal to 1000000") },
  Contract(
    name: "kube/pods_paged_limit2", server: .kubernetes(as: .admin), target: "/api/v1/namespaces/bookinfo/pods?limit=2"
  ) { answer in
    Check.of(answer, status: 200) { check in
      check.holds(answer.json["items"]?.array?.count == 2, "two pods")
      check.holds(answer.json["metadata"]?["continue"]?.string?.isEmpty == false, "where to go on")
      check.holds(answer.json["metadata"]?["remainingItemCount"]?.int != nil, "how many are left")
    }
  },
  Contract(
    name: "kube/patch_json_test_fails_422", server: .kubernetes(as: .admin), method: .patch,
    target: virtualServices + "/reviews",
    headers: ["Content-Type": "application/json-patch+json", "Accept": "application/json"],
    body: #"[{"op": "test", "path": "/spec/http/0/route/0/weight", "value": 99}]"#
  ) { refusal($0, 422, reason: "Invalid", saying: "the server rejected our request due to an error in our request") },
  Contract(
    name: "kube/patch_strategic_on_crd_415", server: .kubernetes(as: .admin), method: .patch,
    target: virtualServices + "/reviews",
    headers: ["Content-Type": "application/strategic-merge-patch+json", "Accept": "application/json"], body: "{}"
  ) { refusal($0, 415, reason: "UnsupportedMediaType", saying: "the body of the request was in an unknown format") },
  Contract(
    name: "kube/dryrun_bad_value_422", server: .kubernetes(as: .admin), method: .patch,
    target: virtualServices + "/reviews?dryRun=true",
    headers: ["Content-Type": "application/merge-patch+json", "Accept": "application/json"], body: "{}"
  ) { refusal($0, 422, reason: "Invalid", saying: "dryRun") },
  Contract(
    name: "kube/webhook_denied_total_weight_zero", server: .kubernetes(as: .admin), method: .post,
    target: virtualServices, headers: json,
    body: virtualService(
      #"{"hosts":["x"],"http":[{"route":[{"destination":{"host":"a"},"weight":0},{"destination":{"host":"b"},"weight":0}]}]}"#
    )
  ) { refusal($0, 400, reason: nil, saying: #"admission webhook "validation.istio.io" denied the request"#) },
  Contract(
    name: "kube/unknown_field_warn_dryrun", server: .kubernetes(as: .admin), method: .post,
    target: virtualServices + "?dryRun=All&fieldValidation=Warn", headers: json,
    body: virtualService(#"{"hosts":["x"],"nope":1,"http":[{"route":[{"destination":{"host":"a"}}]}]}"#)
  ) { answer in
    Check.of(answer, status: 201) { $0.holds(answer.headers["Warning"]?.hasPrefix("299 - ") == true, "a warning") }
  },
  Contract(
    name: "kube/delete_missing_404", server: .kubernetes(as: .admin), method: .delete, target: virtualServices + "/nope"
  ) { refusal($0, 404, reason: "NotFound", saying: #""nope" not found"#) },
  Contract(
    name: "kube/selfsubjectaccessreview_viewer_patch_vs", server: .kubernetes(as: .viewer), method: .post,
    target: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", headers: json,
    body: #"{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":"#
      + #"{"namespace":"bookinfo","verb":"patch","group":"networking.istio.io","resource":"virtualservices"}}}"#
  ) { answer in
    Check.of(answer, status: 201) { $0.holds(answer.json["status"]?["allowed"]?.bool == false, "a no") }
  },
  Contract(
    name: "kube/endpointslice_loopback_address_422", server: .kubernetes(as: .admin), method: .post,
    target: "/apis/discovery.k8s.io/v1/namespaces/bookinfo/endpointslices?dryRun=All", headers: json,
    body:
      #"{"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"loop","namespace":"bookinfo"},"#
      + #""addressType":"IPv4","endpoints":[{"addresses":["127.0.0.1"]}],"ports":[{"port":80}]}"#
  ) { refusal($0, 422, reason: "Invalid", saying: "loopback") },
]
