import KubernetesAPI
import MeshModel
import Testing
import Transport

@testable import LiveMesh

@Suite(.timeLimit(.minutes(1)))
struct LiveMeshTests {
  private let service = PatchedService([("v1", 75), ("v3", 25)])

  /// An API server that knows one VirtualService, and answers what is said for the rest.
  private func mesh(_ rest: @escaping @Sendable (String) -> ScriptedClient.Answer?) -> LiveMesh {
    let empty = #"{"kind":"List","metadata":{"resourceVersion":"1"},"items":[]}"#
    let client = ScriptedClient { [service] request in
      let target = request.target
      if let answer = rest(target) { return answer }
      if target.contains("watch=1") { return .open }
      if target.hasSuffix("/apis/networking.istio.io") {
        return .status(200, #"{"versions":[{"version":"v1"}],"preferredVersion":{"version":"v1"}}"#)
      }
      guard target.contains("virtualservices"), case .status(_, let object, _) = service.get() else {
        return .status(200, empty)
      }
      return .status(
        200, #"{"kind":"VirtualServiceList","metadata":{"resourceVersion":"1"},"items":[\#(object)]}"#)
    }
    let access = ClusterAccess(context: "prod", endpoint: Endpoint(host: "kubernetes.test"))
    return LiveMesh(
      client: client, kubernetes: KubernetesClient(access, over: client, gate: .open),
      journal: Journal(path: "/nowhere"), user: "ada")
  }

  @Test func podsThatMayNotBeListedHideNoRoutes() async throws {
    let mesh = mesh { target in
      target.contains("/pods")
        ? .status(403, #"{"kind":"Status","message":"pods is forbidden","reason":"Forbidden","code":403}"#) : nil
    }
    var routes: [Route] = []
    for await event in mesh.routes(in: .namespace("bookinfo")) {
      if case .value(let value) = event { routes = value }
      if case .trouble(let trouble) = event {
        #expect(!routes.isEmpty, "the value comes before the trouble")
        #expect(trouble.kind == .forbidden)
        break
      }
    }
    #expect(routes.map(\.split) == [TrafficSplit([v1: 75, v3: 25])])
  }

  @Test func aClusterWithoutIstioSaysSo() async {
    let mesh = mesh { $0.hasSuffix("/apis/networking.istio.io") ? .status(404, "404 page not found") : nil }
    for await event in mesh.routes(in: .allNamespaces) {
      guard case .trouble(let trouble) = event else { continue }
      #expect(trouble == IstioNetworking.missing)
      break
    }
  }

  @Test func aJournalThatCannotBeReadIsNoEmptyJournal() async {
    let mesh = mesh { _ in nil }
    #expect(throws: Never.self) { try Journal(path: "/nowhere/changes.jsonl").records(context: "prod") }
    await #expect(throws: Never.self) { try await mesh.history() }
    #expect(throws: ChangeFailure.self) { try Journal(path: "/proc/self/mem/changes.jsonl").records(context: "prod") }
  }
}
