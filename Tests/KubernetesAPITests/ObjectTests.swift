import JSON
import Testing
import Transport

@testable import KubernetesAPI

private func resource<Resource: KubernetesResource>(_: Resource.Type, _ text: String) throws -> Resource {
  Resource(try #require(KubernetesObject(JSON(parsing: text))))
}

/// The resources of a recorded list.
private func recorded<Resource: KubernetesResource>(_: Resource.Type, _ name: String) throws -> [Resource]? {
  guard let body = try recording(name) else { return nil }
  return try JSON(parsing: body)["items"]?.elements.map { Resource(try #require(KubernetesObject($0))) }
}

@Suite struct ObjectTests {
  @Test func keepsUnknownFieldsAndSetsTheManagedOnesApart() throws {
    let text = #"""
      {"kind":"X","metadata":{"name":"a","namespace":"n","resourceVersion":"7","new":{"deep":[1,null]},"managedFields":[
      {"manager":"kubectl","operation":"Update","time":"2026-01-01T00:00:00Z","fieldsV1":{"f:spec":{".":{},"f:hosts":{}}}},
      {"manager":"console","operation":"Apply","time":"2026-01-02T00:00:00Z","fieldsV1":{"f:spec":{"f:http":{}}}},
      {"manager":"istiod","operation":"Update","time":"2026-01-03T00:00:00Z","subresource":"status","fieldsV1":{"f:status":{}}}
      ]},"spec":{"hosts":["h"],"future":{"x":1.5}}}
      """#
    let object = try #require(KubernetesObject(JSON(parsing: text)))
    #expect(
      object.json.text()
        == #"{"kind":"X","metadata":{"name":"a","namespace":"n","resourceVersion":"7","new":{"deep":[1,null]}},"spec":{"hosts":["h"],"future":{"x":1.5}}}"#
    )
    #expect(object.lastWriter(of: JSONPointer(["spec", "http", "0", "route"]))?.manager == "console")
    #expect(object.lastWriter(of: JSONPointer(["spec", "hosts"]))?.manager == "kubectl")
    #expect(object.lastWriter(of: JSONPointer(["spec", "gateways"])) == nil)
    #expect(object.lastWriter(of: JSONPointer(["spec"]))?.manager == "console")
    #expect(object.lastWriter?.manager == "console" && object.lastWriter?.operation == .apply)
    let slim = try #require(KubernetesObject(JSON(parsing: text), keepingFields: false))
    #expect(slim.owners.map(\.manager) == ["kubectl", "console", "istiod"] && slim.json == object.json)
    #expect(
      slim.lastWriter(of: JSONPointer(["spec", "http"])) == nil && slim.lastWriter?.time == "2026-01-02T00:00:00Z")
  }

  @Test func tellsWhoWroteTheRecordedWeights() throws {
    guard let body = try recording("kube/virtualservice_reviews.json") else { return }
    let object = try #require(KubernetesObject(JSON(parsing: body)))
    let writer = object.lastWriter(of: JSONPointer(["spec", "http", "0", "route", "1", "weight"]))
    #expect(writer?.manager == "console" && writer?.time == "2026-11-23T01:06:10Z")
    #expect(object.annotations.keys.contains("kubectl.kubernetes.io/last-applied-configuration"))
  }

  @Test func anInjectedProxyIsAContainerWhereverItStands() throws {
    let pod = try resource(
      Pod.self,
      #"""
      {"metadata":{"name":"p","namespace":"n","deletionTimestamp":"2026-01-01T00:00:00Z","labels":{"app":"x"}},
       "spec":{"nodeName":"node-1","serviceAccountName":"sa","initContainers":[{"name":"istio-init","image":"i"},
        {"name":"istio-proxy","image":"proxyv2:1","restartPolicy":"Always"}],"containers":[{"name":"app","image":"a:1"}]},
       "status":{"phase":"Running","podIP":"10.0.0.1","conditions":[{"type":"Ready","status":"False","reason":"NotReady"}],
        "initContainerStatuses":[{"name":"istio-proxy","ready":true,"restartCount":2}],
        "containerStatuses":[{"name":"app","ready":false,"restartCount":7,"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}}
      """#)
    #expect(pod.containers.map(\.name) == ["istio-proxy", "app"])
    #expect(pod.container("istio-proxy")?.isSidecar == true && pod.container("istio-proxy")?.isReady == true)
    #expect(pod.container("app")?.waitingReason == "CrashLoopBackOff" && pod.container("app")?.restarts == 7)
    #expect(!pod.isReady && pod.condition("Ready")?.reason == "NotReady" && pod.isBeingDeleted)
    #expect(pod.ip == "10.0.0.1" && pod.node == "node-1" && pod.serviceAccount == "sa" && pod.labels == ["app": "x"])
  }

  @Test func emptyObjectsSaySoQuietly() throws {
    let text = #"{"metadata":{"name":"x"}}"#
    let pod = try resource(Pod.self, text)
    #expect(pod.phase == "Unknown" && !pod.isReady && pod.containers.isEmpty && pod.ip == nil && pod.namespace == "")
    let service = try resource(Service.self, text)
    #expect(service.ports.isEmpty && service.clusterIP == nil && !service.selects(["a": "b"]))
    #expect(try resource(Deployment.self, text).replicas == 1)
    #expect(try resource(EndpointSlice.self, text).endpoints.isEmpty)
    let twisted =
      #"{"metadata":{"name":"x","labels":[1],"ownerReferences":{}},"spec":[],"status":7,"endpoints":[7,{}]}"#
    #expect(try resource(Pod.self, twisted).containers.isEmpty)
    #expect(try resource(EndpointSlice.self, twisted).endpoints.allSatisfy { $0.isReady && $0.addresses.isEmpty })
  }

  @Test func listsLetGoOfTheBulkOfPods() async throws {
    let list = #"""
      {"kind":"PodList","metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"p","labels":{"env":"prod"}},
       "spec":{"new":1,"containers":[{"name":"app","image":"a","env":[{"name":"A","value":"B"}],"args":["x"]}],"volumes":[]}}]}
      """#
    let pods = try await client(over: ScriptedClient(.init(200, list))).list(Pod.self)
    #expect(
      pods.first?.json.text()
        == #"{"metadata":{"name":"p","labels":{"env":"prod"}},"spec":{"new":1,"containers":[{"name":"app","image":"a"}]}}"#
    )
  }

  @Test func readsRecordedPods() throws {
    guard let pods = try recorded(Pod.self, "kube/pods.json") else { return }
    #expect(pods.count > 3 && pods.allSatisfy { $0.phase == "Running" && $0.ip != nil && $0.isReady })
    let reviews = pods.filter { $0.labels["app"] == "reviews" }
    #expect(!reviews.isEmpty && reviews.allSatisfy { $0.container("istio-proxy")?.isSidecar == true })
    #expect(pods.allSatisfy { $0.object.ownerReferences.first?.kind == "ReplicaSet" })
  }

  @Test func readsRecordedServicesSlicesAndDeployments() throws {
    guard let services = try recorded(Service.self, "kube/services.json"),
      let slices = try recorded(EndpointSlice.self, "kube/endpointslices.json"),
      let deployments = try recorded(Deployment.self, "kube/deployments.json")
    else { return }
    let reviews = try #require(services.first { $0.name == "reviews" })
    #expect(reviews.selects(["app": "reviews", "version": "v2"]) && reviews.ports.first?.number == 9080)
    let slice = try #require(slices.first { $0.service == "reviews" })
    #expect(slice.endpoints.allSatisfy { $0.isReady && $0.pod?.namespace == "bookinfo" } && !slice.endpoints.isEmpty)
    let deployment = try #require(deployments.first { $0.name == "reviews-v1" })
    #expect(deployment.podLabels["version"] == "v1" && !deployment.images.isEmpty)
  }

  @Test func pathsAreAsTheServerHasThem() {
    #expect(ResourceType.pod.path() == "/api/v1/pods")
    #expect(ResourceType.pod.path(in: "n", name: "a", subresource: "log") == "/api/v1/namespaces/n/pods/a/log")
    #expect(ResourceType.deployment.version("v2").path(in: "../x") == "/apis/apps/v2/namespaces/..%2Fx/deployments")
    #expect(ResourceType.endpointSlice.description == "endpointslices.discovery.k8s.io")
  }
}
