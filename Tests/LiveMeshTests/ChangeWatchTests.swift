import JSON
import KubernetesAPI
import MeshModel
import Synchronization
import Testing
import Transport

@testable import LiveMesh

@Suite(.timeLimit(.minutes(1)))
struct ChangeWatchTests {
  /// A mesh whose API server answers as is said, and else serves Istio and Kubernetes without any object.
  private func mesh(
    now: Timestamp, _ rest: @escaping @Sendable (String) -> ScriptedClient.Answer?
  ) -> (mesh: LiveMesh, client: ScriptedClient) {
    let client = ScriptedClient { request in
      let target = request.target
      if let answer = rest(target) { return answer }
      if target.contains("watch=1") { return .open }
      if target.hasSuffix("/apis/gateway.networking.k8s.io") { return .status(404, "404 page not found") }
      if target.hasPrefix("/apis/"), target.split(separator: "/").count == 2 {
        return .status(200, #"{"versions":[{"version":"v1"},{"version":"v1alpha3"}]}"#)
      }
      return .status(200, Self.list())
    }
    let access = ClusterAccess(context: "prod", endpoint: Endpoint(host: "kubernetes.test"))
    let mesh = LiveMesh(
      client: client, kubernetes: KubernetesClient(access, over: client, gate: .open),
      journal: Journal(path: "/nowhere"), user: "ada",
      clock: MeshClock(now: { now }, sleep: { span in try? await Task.sleep(for: span) }))
    return (mesh, client)
  }

  private static func list(_ items: String...) -> String {
    #"{"kind":"List","metadata":{"resourceVersion":"1"},"items":[\#(items.joined(separator: ","))]}"#
  }

  private static let forbidden = ScriptedClient.Answer.status(
    403, #"{"kind":"Status","message":"nope","reason":"Forbidden","code":403}"#)

  private let now = Timestamp("2026-11-23T12:00:00Z")!

  private static let deployment = """
    {"metadata":{"name":"reviews-v3","namespace":"bookinfo","uid":"u1","resourceVersion":"7",
      "creationTimestamp":"2026-01-01T00:00:00Z","managedFields":[
        {"manager":"argocd","operation":"Update","time":"2026-11-23T11:50:00Z"},
        {"manager":"kubectl","operation":"Update","time":"2026-11-23T11:55:00Z","subresource":"scale"}]},
     "spec":{"selector":{"matchLabels":{"app":"reviews","version":"v3"}},
      "template":{"metadata":{"labels":{"app":"reviews","version":"v3"}}}}}
    """

  private static func replicaSet(_ revision: Int, image: String, made: String) -> String {
    """
    {"metadata":{"name":"reviews-v3-\(revision)","namespace":"bookinfo","creationTimestamp":"2026-11-23T\(made)Z",
      "annotations":{"deployment.kubernetes.io/revision":"\(revision)"},
      "ownerReferences":[{"kind":"Deployment","name":"reviews-v3","uid":"u1","controller":true}]},
     "spec":{"template":{"metadata":{"labels":{"app":"reviews","pod-template-hash":"\(revision)"}},
      "spec":{"containers":[{"name":"reviews","image":"reviews:\(image)"}]}}}}
    """
  }

  @Test func aRolloutFromBeforeIsToldByItsReplicaSets() async throws {
    let (mesh, client) = mesh(now: now) { target in
      guard !target.contains("watch=1") else { return nil }
      if target.contains("/replicasets") {
        return .status(
          200,
          Self.list(
            Self.replicaSet(1, image: "1.18", made: "02:00:00"), Self.replicaSet(2, image: "1.19", made: "11:50:01")))
      }
      return target.contains("/deployments") ? .status(200, Self.list(Self.deployment)) : nil
    }
    // A first answer that comes late is told without its reasons.
    let changes = await firstValue(of: mesh.changes(in: .namespace("bookinfo"))) { $0.contains { !$0.fields.isEmpty } }
    #expect(
      changes?.map { "\($0.by ?? "–") \($0.summary)" } == [
        "kubectl Deployment reviews-v3  changed", "argocd Deployment reviews-v3  image 1.18 → 1.19",
      ])
    #expect(changes?.allSatisfy { $0.version == "v3" } == true)
    let asked = client.requests.map(\.target).filter { $0.contains("/replicasets") }
    #expect(asked.count == 1)
    #expect(asked.first?.contains("labelSelector=app%3Dreviews%2Cversion%3Dv3") == true, "\(asked)")
  }

  @Test func whatMayNotBeListedHidesNothingElse() async throws {
    let (mesh, _) = mesh(now: now) { target in
      guard !target.contains("watch=1") else { return nil }
      // To have no rights in the root namespace is nothing to complain of.
      if ["/replicasets", "/sidecars", "/envoyfilters", "istio-system/authorizationpolicies"].contains(
        where: target.contains)
      {
        return Self.forbidden
      }
      return target.contains("/deployments") ? .status(200, Self.list(Self.deployment)) : nil
    }
    var changes: [ObservedChange] = []
    var what: String?
    for await event in mesh.changes(in: .namespace("bookinfo")) {
      if case .value(let value) = event { changes = value }
      if case .trouble(let trouble) = event {
        #expect(trouble.kind == .forbidden)
        what = trouble.what
      }
      // On a busy machine the first answers come before all kinds have been heard of.
      if changes.map(\.by) == ["kubectl", "argocd"],
        what == "not allowed to list sidecars, envoyfilters: their changes are not seen"
      {
        break
      }
    }
  }

  @Test func aServerThatCannotBeReachedIsNotOneWithoutChanges() async {
    let (mesh, _) = mesh(now: now) { _ in .failure(.unreachable(Endpoint(host: "kubernetes.test"), reason: "down")) }
    for await event in mesh.changes(in: .allNamespaces) {
      switch event {
      case .connecting: continue
      case .value(let changes): Issue.record("\(changes)")
      case .trouble(let trouble): #expect(trouble.kind == .unreachable)
      }
      break
    }
  }

  @Test func policiesOfTheWholeMeshAreSeenFromEachNamespace() async throws {
    let (mesh, _) = mesh(now: now) { target in
      guard target.contains("/namespaces/istio-system/"), !target.contains("watch=1") else { return nil }
      return target.contains("/peerauthentications")
        ? .status(
          200,
          Self.list(
            #"{"metadata":{"name":"default","namespace":"istio-system","managedFields":["#
              + #"{"manager":"kubectl-edit","operation":"Update","time":"2026-11-23T11:59:00Z"}]},"spec":{}}"#))
        : Self.forbidden
    }
    let changes = await firstValue(of: mesh.changes(in: .namespace("bookinfo"))) { !$0.isEmpty }
    #expect(changes?.map(\.reach) == [.mesh])
    let reviews = ServiceID(namespace: "bookinfo", name: "reviews")
    #expect(changes?.first?.touches(reviews, version: "v1") == .mesh)
  }

  /// The routes and the changes are read from the same watches.
  @Test func noKindIsWatchedTwice() async throws {
    let (mesh, client) = mesh(now: now) { _ in nil }
    _ = await firstValue(of: mesh.routes(in: .namespace("bookinfo")))
    _ = await firstValue(of: mesh.changes(in: .namespace("bookinfo")))
    let lists = client.requests.map(\.target).filter { $0.contains("/namespaces/") && !$0.contains("watch=1") }
    #expect(Set(lists).count == lists.count)
    #expect(
      lists.count == 23,
      "14 kinds that are served, 2 of the Gateway API, which is not, the pods, and 6 of policies in the root namespace")
    let groups = client.requests.map(\.target).filter { $0.hasSuffix("/apis/networking.istio.io") }
    #expect(groups.count == 1)
  }

  /// The first value that will do.
  private func firstValue<Value>(of feed: Feed<Value>, where isEnough: (Value) -> Bool = { _ in true }) async -> Value?
  {
    for await event in feed { if case .value(let value) = event, isEnough(value) { return value } }
    return nil
  }
}
