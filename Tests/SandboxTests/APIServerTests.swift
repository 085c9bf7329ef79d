internal import JSON
internal import Testing
internal import Transport

@testable import Sandbox

@Suite struct APIServerTests {
  private let list = "/apis/networking.istio.io/v1/namespaces/bookinfo/virtualservices"
  private let weight = #"[{"op":"replace","path":"/spec/http/0/route/0/weight","value":"#

  private func setWeight(_ weight: Int, _ cluster: TestCluster) async throws -> JSONValue {
    let body = self.weight + "\(weight)}]"
    return try await cluster.send("PATCH", reviews + "?fieldManager=hand", body, as: "application/json-patch+json").body
  }

  @Test func countsVersionsAndGenerations() async throws {
    let cluster = try TestCluster()
    let before = try await cluster.send("GET", reviews).body
    let changed = try await setWeight(70, cluster)
    #expect(changed.at("metadata", "generation") == 2)
    #expect(changed.at("metadata", "uid") == before.at("metadata", "uid"))
    #expect(changed.at("metadata", "resourceVersion") != before.at("metadata", "resourceVersion"))
    let again = try await setWeight(70, cluster)
    #expect(again == changed)
    let labelled = try await cluster.send(
      "PATCH", reviews, #"{"metadata":{"labels":{"a":"b"}}}"#, as: "application/merge-patch+json"
    ).body
    #expect(labelled.at("metadata", "generation") == 2)
    #expect(labelled.at("metadata", "resourceVersion") != changed.at("metadata", "resourceVersion"))
  }

  @Test func tellsWhoSetWhichFields() async throws {
    let cluster = try TestCluster()
    let changed = try await setWeight(70, cluster)
    let owners = (changed.at("metadata", "managedFields")?.array ?? []).map {
      [$0["manager"]?.string, $0["operation"]?.string, $0["fieldsV1"]?.text()]
    }
    #expect(
      owners == [
        ["console", "Update", #"{"f:spec":{".":{},"f:hosts":{}}}"#], ["hand", "Update", #"{"f:spec":{"f:http":{}}}"#],
      ])
  }

  @Test func givesFieldsToWhomAppliesThemByForce() async throws {
    let cluster = try TestCluster()
    let applied = """
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: reviews}
      spec:
        hosts: [reviews]
        http: [{route: [{destination: {host: reviews, subset: v1}}]}]
      """
    let yaml = "application/apply-patch+yaml"
    let refused = try await cluster.send("PATCH", reviews + "?fieldManager=tool", applied, as: yaml)
    #expect(refused.status == 409)
    #expect(refused.body.at("details", "causes")?.array?.first?["field"] == ".spec.http")
    let forced = try await cluster.send("PATCH", reviews + "?fieldManager=tool&force=true", applied, as: yaml)
    #expect(forced.status == 200)
    let owners = (forced.body.at("metadata", "managedFields")?.array ?? []).map { $0["fieldsV1"]?.text() }
    #expect(owners == [#"{"f:spec":{"f:hosts":{},"f:http":{}}}"#, #"{"f:spec":{".":{},"f:hosts":{}}}"#])
    // What the tool no longer applies, and nobody else has set, is gone.
    let less =
      applied.split(separator: "\n").dropLast().joined(separator: "\n")
      + "\n  tcp: [{route: [{destination: {host: reviews}}]}]"
    let after = try await cluster.send("PATCH", reviews + "?fieldManager=tool", less, as: yaml)
    #expect(after.status == 200)
    #expect(after.body["spec"]?.object?.keys == ["hosts", "tcp"])
  }

  @Test func refusesAStaleDeleteAndGrantsAFreshOne() async throws {
    let cluster = try TestCluster()
    let stale = try await cluster.send("DELETE", reviews, #"{"preconditions":{"resourceVersion":"1"}}"#)
    #expect(stale.status == 409)
    let gone = try await cluster.send("DELETE", reviews)
    #expect(gone.body["status"] == "Success" && gone.body.at("details", "name") == "reviews")
    #expect(try await cluster.send("GET", reviews).status == 404)
  }

  @Test func theEditorEditsInBookinfoAlone() async throws {
    let cluster = try TestCluster(as: .editor)
    let body = "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}"
    let merge = "application/merge-patch+json"
    #expect(try await cluster.send("PATCH", reviews, body, as: merge).status == 200)
    let elsewhere = "/apis/networking.istio.io/v1/namespaces/istio-system/virtualservices/x"
    #expect(try await cluster.send("PATCH", elsewhere, body, as: merge).status == 403)
    #expect(try await cluster.send("GET", elsewhere).status == 404)
  }

  @Test func mergesNamedListsOfItsOwnKinds() async throws {
    let cluster = try TestCluster()
    let deployments = "/apis/apps/v1/namespaces/bookinfo/deployments"
    let made = try await cluster.send(
      "POST", deployments,
      """
      {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"spec":{"replicas":1,
      "template":{"spec":{"containers":[{"name":"a","image":"a:1"},{"name":"b","image":"b:1"}]}}}}
      """)
    #expect(made.status == 201)
    let patched = try await cluster.send(
      "PATCH", deployments + "/d?fieldManager=kubectl-set",
      #"{"spec":{"template":{"spec":{"containers":[{"name":"b","image":"b:2"},{"name":"a","$patch":"delete"}]}}}}"#,
      as: "application/strategic-merge-patch+json")
    #expect(patched.body.at("spec", "template", "spec", "containers") == [["name": "b", "image": "b:2"]])
    #expect(patched.body.at("metadata", "generation") == 2)
    let owner = patched.body.at("metadata", "managedFields")?.array?.first { $0["manager"] == "kubectl-set" }
    let expected = #"{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"b\"}":{"f:image":{}}}}}}}"#
    #expect(owner?["fieldsV1"]?.text() == expected)
  }

  @Test func dryRunsLeaveNothingBehind() async throws {
    let cluster = try TestCluster()
    let version = cluster.store.version
    let body = #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}"#
    let path = "/api/v1/namespaces/bookinfo/configmaps"
    #expect(try await cluster.send("POST", path + "?dryRun=All", body).status == 201)
    #expect(try await cluster.send("DELETE", reviews + "?dryRun=All").status == 200)
    #expect(try await cluster.send("DELETE", reviews, #"{"dryRun":["All"]}"#).status == 200)
    #expect(cluster.store.version == version)
    #expect(try await cluster.send("POST", "/api/v1/namespaces/nowhere/configmaps", body).status == 404)
  }

  @Test(arguments: [
    ("labelSelector=app%3Dx", ["a", "b"]), ("labelSelector=app%3Dx,v%21%3D2", ["a"]),
    ("labelSelector=v+in+(1,3)", ["a", "c"]), ("labelSelector=v+notin+(1)", ["b", "c"]), ("labelSelector=!app", ["c"]),
    ("labelSelector=app", ["a", "b"]), ("fieldSelector=metadata.name%3Db", ["b"]),
    ("fieldSelector=status.phase%21%3DRunning", ["c"]), ("fieldSelector=spec.nodeName%3D%3Dn1", ["a"]),
  ])
  func selects(_ query: String, _ names: [String]) async throws {
    let cluster = try TestCluster()
    for (name, labels, phase, node) in [
      ("a", ["app": "x", "v": "1"] as JSONValue, "Running", "n1"), ("b", ["app": "x", "v": "2"], "Running", "n2"),
      ("c", ["v": "3"], "Pending", ""),
    ] {
      try cluster.put(
        .pods,
        [
          "metadata": ["name": .string(name), "namespace": "bookinfo", "labels": labels],
          "spec": ["nodeName": .string(node)], "status": ["phase": .string(phase)],
        ])
    }
    let pods = try await cluster.send("GET", "/api/v1/pods?\(query)").body
    #expect((pods["items"]?.array ?? []).map { $0.at("metadata", "name")?.string } == names)
  }

  @Test func pagesShowOneMoment() async throws {
    let cluster = try TestCluster()
    let maps = "/api/v1/namespaces/bookinfo/configmaps"
    for name in ["a", "b", "c", "d", "e"] {
      try cluster.put(.configMaps, ["metadata": ["name": .string(name), "namespace": "bookinfo"]])
    }
    var names: [String?] = []
    var token = ""
    repeat {
      let page = try await cluster.send("GET", "\(maps)?limit=2&continue=\(token)").body
      names += (page["items"]?.array ?? []).map { $0.at("metadata", "name")?.string }
      if token.isEmpty { #expect(page.at("metadata", "remainingItemCount") == 3) }
      token = page.at("metadata", "continue")?.string ?? ""
      if names.count == 2 {
        #expect(try await cluster.send("DELETE", maps + "/d").status == 200)
        try cluster.put(.configMaps, ["metadata": ["name": "bb", "namespace": "bookinfo"]])
      }
    } while !token.isEmpty
    #expect(names == ["a", "b", "c", "d", "e"])
  }

  @Test func historyExpiresInAllThreeShapes() async throws {
    let cluster = try TestCluster(historyLimit: 8)
    let old = cluster.store.version
    let token = ContinueToken(version: old, after: .init("a", in: "bookinfo")).text
    for weight in 1...20 { _ = try await setWeight(weight, cluster) }
    let watched = try await cluster.watch(list + "?watch=1&resourceVersion=\(old)&timeoutSeconds=5")
    #expect(watched.count == 1 && watched[0]["type"] == "ERROR")
    #expect(watched[0].at("object", "code") == 410 && watched[0].at("object", "reason") == "Expired")
    #expect(try await cluster.send("GET", list + "?resourceVersionMatch=Exact&resourceVersion=\(old)").status == 410)
    let page = try await cluster.send("GET", list + "?limit=1&continue=\(token)")
    #expect(page.status == 410 && page.body.at("metadata", "continue")?.string?.isEmpty == false)
    // What is recent does not.
    let recent = try await cluster.watch(
      list + "?watch=1&resourceVersion=\(cluster.store.version - 1)&timeoutSeconds=1")
    #expect(recent.map { $0["type"]?.string } == ["MODIFIED"])
  }

  @Test func watchesFromTheBeginning() async throws {
    let cluster = try TestCluster()
    let query =
      "watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=1"
    let watching = Task { try await cluster.watch(list + "?" + query) }
    _ = try await setWeight(70, cluster)
    let events = try await watching.value
    #expect(events[0]["type"] == "ADDED")
    let end = events.firstIndex { $0.at("object", "metadata", "annotations", "k8s.io/initial-events-end") == "true" }
    #expect(end == 1)
    #expect(events.last?["type"] == "BOOKMARK")
    #expect(events.last?.at("object", "metadata", "resourceVersion") == .string("\(cluster.store.version)"))
    let last = events.last { $0["type"] != "BOOKMARK" }
    #expect(last?.at("object", "spec", "http")?.array?.first?["route"]?.array?.first?["weight"] == 70)
  }

  @Test func anObjectThatCeasesToMatchIsDeletedForTheWatch() async throws {
    let cluster = try TestCluster()
    let begin = cluster.store.version
    for label in ["yes", "no", "yes"] {
      _ = try await cluster.send(
        "PATCH", reviews, "{\"metadata\":{\"labels\":{\"seen\":\"\(label)\"}}}", as: "application/merge-patch+json")
    }
    let table: HTTPHeaders = ["Accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"]
    let path = list + "?watch=1&labelSelector=seen%3Dyes&resourceVersion=\(begin)&timeoutSeconds=1"
    for headers in [[:], table] {
      let events = try await cluster.watch(path, headers: headers)
      #expect(events.map { $0["type"]?.string } == ["ADDED", "DELETED", "ADDED"])
      guard headers["Accept"] != nil else { continue }
      #expect(
        events.map { $0.at("object", "columnDefinitions")?.array != nil } == [true, false, false])
    }
  }

  @Test(arguments: [
    ("Hash=1;Subject=\"CN=jane,O=console-viewers,O=ops\"", "jane", ["console-viewers", "ops", "system:authenticated"]),
    ("By=a;Subject=\"O=system:masters,CN=root\",By=b;Subject=\"CN=last\"", "last", ["system:authenticated"]),
  ])
  func readsForwardedCertificates(_ header: String, _ name: String, _ groups: [String]) throws {
    let user = try #require(Authenticator.user(ofForwarded: header))
    #expect(user.name == name && user.groups == groups)
    let request = HTTPServer.Request(method: "GET", target: "/", headers: ["X-Forwarded-Client-Cert": header])
    let believing = Authenticator(tokens: [:], trustsForwardedCertificates: true)
    let doubting = Authenticator(tokens: [:], trustsForwardedCertificates: false)
    #expect(try believing.user(of: request).name == name)
    #expect(try doubting.user(of: request) == .anonymous)
  }

  @Test(arguments: [
    "\0", "k8s\0", "k8s\0\u{12}\u{7F}", "[]", "{\"metadata\":[]}", "{\"metadata\":{\"name\":{}}}", "null", "3",
  ])
  func survivesBodiesThatAreNoObjects(_ body: String) async throws {
    let cluster = try TestCluster()
    for type in ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"] {
      for path in [list, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"] {
        let status = try await cluster.send("POST", path, body, as: type).status
        #expect((400..<500).contains(status) || path != list)
      }
      #expect(try await cluster.send("PUT", reviews, body, as: type).status >= 400)
    }
    for type in ["json-patch+json", "merge-patch+json", "apply-patch+yaml"] {
      let status = try await cluster.send("PATCH", reviews + "?fieldManager=x", body, as: "application/\(type)").status
      #expect(status >= 400 || body == "[]" && type == "json-patch+json" || body.contains("metadata"))
    }
    #expect(try await cluster.send("GET", reviews).status == 200)
  }
}
