import JSON
import KubernetesAPI
import MeshModel
import Testing
import Transport

@testable import LiveMesh

@Suite struct ReconcilerTests {
  /// Objects by the path that they are read at; groups that hold any are served.
  private func find(
    labels: JSONValue = [:], annotations: JSONValue = [:], owners: JSONValue = [], manager: String? = nil,
    kind: String = "VirtualService", _ objects: [String: JSONValue] = [:]
  ) async throws -> [Reconciler] {
    var metadata: JSONValue = [
      "name": "reviews", "namespace": "bookinfo", "labels": labels, "annotations": annotations,
      "ownerReferences": owners,
    ]
    if let manager {
      metadata["managedFields"] = [
        [
          "manager": .string(manager), "operation": "Update", "time": "2026-11-23T02:16:48Z",
          "fieldsV1": ["f:spec": ["f:http": [:]]],
        ]
      ]
    }
    let object = try #require(KubernetesObject(JSON(parsing: (["metadata": metadata] as JSONValue).bytes())))
    let client = ScriptedClient { request in
      let path = String(request.target.prefix { $0 != "?" })
      if let found = objects[path] { return .status(200, found.text()) }
      if path.split(separator: "/").count == 2, objects.keys.contains(where: { $0.hasPrefix(path + "/") }) {
        let versions = Set(objects.keys.filter { $0.hasPrefix(path + "/") }.map { $0.split(separator: "/")[2] })
        let list = versions.map { JSONValue.string(String($0)) }.map { ["version": $0] as JSONValue }
        return .status(200, (["kind": "APIGroup", "versions": .array(list)] as JSONValue).text())
      }
      return .status(404, "404 page not found")
    }
    let access = ClusterAccess(context: "prod", endpoint: Endpoint(host: "kubernetes.test"))
    let kubernetes = KubernetesClient(access, over: client, gate: .readOnly)
    return await ReconcilerFinder(kubernetes: kubernetes, served: ServedVersions(kubernetes))
      .reconcilers(of: object, kind: kind)
  }

  private static func list(_ items: JSONValue...) -> JSONValue {
    ["kind": "List", "metadata": [:], "items": .array(items)]
  }

  private static func named(_ name: String, spec: JSONValue, status: JSONValue = [:]) -> JSONValue {
    ["metadata": ["name": .string(name), "namespace": "bookinfo"], "spec": spec, "status": status]
  }

  private func id(_ kind: String, _ name: String, in namespace: String = "bookinfo") -> ObservedChange.ObjectID {
    .init(kind: kind, namespace: namespace, name: name)
  }

  @Test func anObjectOfNobodyIsPutBackByNobody() async throws {
    #expect(try await find(manager: "kubectl-edit") == [])
  }

  @Test func argoCDIsKnownByItsAnnotation() async throws {
    let notes: JSONValue = [
      "argocd.argoproj.io/tracking-id": "shop:networking.istio.io/VirtualService:bookinfo/reviews"
    ]
    let evidence =
      "its annotation argocd.argoproj.io/tracking-id is shop:networking.istio.io/VirtualService:bookinfo/reviews"
    func expected(_ putsBack: Reconciler.Return) -> [Reconciler] {
      [Reconciler(.argoCD, object: id("Application", "shop", in: "argocd"), evidence: evidence, putsBack: putsBack)]
    }
    #expect(try await find(annotations: notes) == expected(.within(.seconds(180))))
    let path = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/shop"
    let healing: JSONValue = ["syncPolicy": ["automated": ["selfHeal": true]]]
    #expect(try await find(annotations: notes, [path: Self.named("shop", spec: healing)]) == expected(.atOnce))
    #expect(
      try await find(annotations: notes, [path: Self.named("shop", spec: ["syncPolicy": ["automated": [:]]])])
        == expected(.nextSync))
    #expect(try await find(annotations: notes, [path: Self.named("shop", spec: [:])]) == expected(.nextSync))
  }

  /// The label alone is any chart's.
  @Test func argoCDsLabelCountsOnlyWhereItWrote() async throws {
    let labels: JSONValue = ["app.kubernetes.io/instance": "shop"]
    #expect(try await find(labels: labels, manager: "helm") == [])
    #expect(try await find(labels: labels, manager: "argocd-controller").map(\.controller) == [.argoCD])
  }

  @Test func fluxIsKnownByItsLabelsAndCanBeSuspended() async throws {
    let labels: JSONValue = [
      "kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
    ]
    let path = "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/apps"
    let object = id("Kustomization", "apps", in: "flux-system")
    let found = try await find(labels: labels, [path: Self.named("apps", spec: ["interval": "10m0s"])])
    #expect(found.map(\.putsBack) == [.within(.seconds(600))])
    #expect(found.map(\.offers) == [[ControllerAction(.suspend, object)]])
    #expect(
      found.first?.description
        == "Flux (Kustomization flux-system/apps) puts its own back within about 10 min: "
        + "its label kustomize.toolkit.fluxcd.io/name is apps")
    let suspended = try await find(
      labels: labels, [path: Self.named("apps", spec: ["interval": "10m0s", "suspend": true])])
    #expect(suspended.map(\.putsBack) == [.whenResumed])
    #expect(suspended.map(\.offers) == [[ControllerAction(.resume, object)]])
    #expect(try await find(labels: labels).map(\.putsBack) == [.nextReconciliation])
    let exempt: JSONValue = ["kustomize.toolkit.fluxcd.io/reconcile": "disabled"]
    #expect(try await find(labels: labels, annotations: exempt) == [])
  }

  @Test func aHelmReleasePutsBackOnlyWhereItWatches() async throws {
    let labels: JSONValue = ["helm.toolkit.fluxcd.io/name": "shop", "helm.toolkit.fluxcd.io/namespace": "bookinfo"]
    let path = "/apis/helm.toolkit.fluxcd.io/v2/namespaces/bookinfo/helmreleases/shop"
    let plain = try await find(labels: labels, [path: Self.named("shop", spec: ["interval": "5m"])])
    #expect(plain.map(\.putsBack) == [.nextUpgrade])
    let watching = try await find(
      labels: labels, [path: Self.named("shop", spec: ["interval": "5m", "driftDetection": ["mode": "enabled"]])])
    #expect(watching.map(\.putsBack) == [.within(.seconds(300))])
  }

  @Test func helmPutsBackAtTheNextUpgrade() async throws {
    let found = try await find(annotations: ["meta.helm.sh/release-name": "shop"])
    #expect(found.map(\.controller) == [.helm])
    #expect(found.map(\.putsBack) == [.nextUpgrade])
  }

  @Test func aRolloutThatNamesTheRouteIsFound() async throws {
    let path = "/apis/argoproj.io/v1alpha1/namespaces/bookinfo/rollouts"
    func spec(_ istio: JSONValue) -> JSONValue {
      ["strategy": ["canary": ["trafficRouting": ["istio": istio]]]]
    }
    let object = id("Rollout", "reviews-rollout")
    let one = try await find([
      path: Self.list(Self.named("reviews-rollout", spec: spec(["virtualService": ["name": "reviews"]])))
    ])
    #expect(one.map(\.putsBack) == [.within(.seconds(5))])
    #expect(one.first?.object == object)
    #expect(one.first?.offers == [ControllerAction(.pause, object), ControllerAction(.abort, object)])
    let paused = try await find([
      path: Self.list(
        Self.named(
          "reviews-rollout", spec: spec(["virtualServices": [["name": "reviews"]]]),
          status: ["pauseConditions": [["reason": "CanaryPauseStep"]]]))
    ])
    #expect(paused.first?.offers.map(\.verb) == [.pause, .promote, .abort])
    let other = try await find([
      path: Self.list(Self.named("reviews-rollout", spec: spec(["virtualService": ["name": "ratings"]])))
    ])
    #expect(other == [])
    #expect(try await find(manager: "rollouts-controller").map(\.controller) == [.argoRollouts])
  }

  @Test func flaggersCanaryIsFoundByOwnerOrService() async throws {
    let path = "/apis/flagger.app/v1beta1/namespaces/bookinfo/canaries"
    let spec: JSONValue = ["targetRef": ["name": "reviews"], "analysis": ["interval": "30s"]]
    let byService = try await find([path: Self.list(Self.named("reviews", spec: spec))])
    #expect(byService.map(\.controller) == [.flagger])
    #expect(byService.map(\.putsBack) == [.within(.seconds(30))])
    let byOwner = try await find(owners: [["kind": "Canary", "name": "shop", "uid": "1", "controller": true]])
    #expect(byOwner.first?.object == id("Canary", "shop"))
    #expect(byOwner.first?.offers == [])
  }

  @Test(arguments: [
    ("10m0s", Duration.seconds(600)), ("1h", .seconds(3600)), ("1h30m", .seconds(5400)), ("500ms", .milliseconds(500)),
    ("1.5s", .milliseconds(1500)), ("", nil), ("5", nil), ("m", nil), ("1e9h", nil), ("99999999h", nil), ("-5s", nil),
  ]) func goWritesDurations(_ text: String, _ expected: Duration?) {
    #expect(Duration(go: text) == expected)
  }
}
