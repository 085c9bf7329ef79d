import JSON
import KubernetesAPI
import MeshModel

/// Finds the controllers that will put back what is written to an object.
struct ReconcilerFinder: Sendable {
  /// Argo CD looks at its sources, and Flagger at its canaries, this often where they say nothing else.
  private static let argoInterval: Duration = .seconds(180)
  private static let flaggerInterval: Duration = .seconds(60)
  /// Argo Rollouts watches the routes that it moves.
  private static let rolloutsReaction: Duration = .seconds(5)

  let kubernetes: KubernetesClient
  let served: ServedVersions

  func reconcilers(of object: KubernetesObject, kind: String) async -> [Reconciler] {
    let marks = OwnerMarks(object)
    async let application = application(marks)
    async let kustomization = kustomization(marks)
    async let helm = helm(marks)
    async let rollouts = rollouts(of: object, kind: kind, marks)
    async let canary = canary(of: object, marks)
    return await [rollouts, canary, application, kustomization, helm].flatMap { $0 }
  }

  private func application(_ marks: OwnerMarks) async -> [Reconciler] {
    guard let mark = marks.application else { return [] }
    let policy = await read(mark, ControllerKinds.application).map { $0["spec"]?["syncPolicy"]?["automated"] }
    let putsBack: Reconciler.Return =
      switch policy {
      case .some(.some(let automated)) where automated["selfHeal"]?.bool == true: .atOnce
      case .some: .nextSync
      case nil: .within(Self.argoInterval)
      }
    return [
      Reconciler(
        .argoCD, object: mark.object(ControllerKinds.application), evidence: mark.evidence, putsBack: putsBack)
    ]
  }

  private func kustomization(_ marks: OwnerMarks) async -> [Reconciler] {
    guard let mark = marks.kustomization, !marks.isExempt else { return [] }
    let found = await read(mark, ControllerKinds.kustomization)
    return [flux(found, mark, ControllerKinds.kustomization, keepsOff: false)]
  }

  private func helm(_ marks: OwnerMarks) async -> [Reconciler] {
    if let mark = marks.helmRelease {
      let found = await read(mark, ControllerKinds.helmRelease)
      // Without drift detection the release is looked at, not what became of its objects.
      let isWatching = found?["spec"]?["driftDetection"]?["mode"]?.string == "enabled"
      return [flux(found, mark, ControllerKinds.helmRelease, keepsOff: found != nil && !isWatching)]
    }
    guard let mark = marks.release else { return [] }
    return [Reconciler(.helm, evidence: mark.evidence, putsBack: .nextUpgrade)]
  }

  /// - Parameter keepsOff: whether it puts nothing back between upgrades.
  private func flux(
    _ found: JSONValue?, _ mark: OwnerMarks.Mark, _ type: ResourceType, keepsOff: Bool
  ) -> Reconciler {
    let object = mark.object(type)
    let isSuspended = found?["spec"]?["suspend"]?.bool ?? false
    let interval = found?["spec"]?["interval"]?.string.flatMap { Duration(go: $0) }
    let putsBack: Reconciler.Return =
      isSuspended ? .whenResumed : keepsOff ? .nextUpgrade : interval.map { .within($0) } ?? .nextReconciliation
    let offers = found == nil || keepsOff ? [] : [ControllerAction(isSuspended ? .resume : .suspend, object)]
    return Reconciler(.flux, object: object, evidence: mark.evidence, putsBack: putsBack, offers: offers)
  }

  private func rollouts(of object: KubernetesObject, kind: String, _ marks: OwnerMarks) async -> [Reconciler] {
    let (name, namespace) = (object.key.name, object.key.namespace)
    let all = await list(ControllerKinds.rollout, in: namespace)
    let named = all?.first { found in
      let rollout = ArgoRollout(json: found.json)
      return kind == "HTTPRoute" ? rollout.routes(httpRoute: name) : rollout.routes(name, in: namespace)
    }
    guard let named else {
      return marks.rolloutsWrote.map {
        [Reconciler(.argoRollouts, evidence: $0, putsBack: .within(Self.rolloutsReaction))]
      } ?? []
    }
    let id = ObservedChange.ObjectID(kind: "Rollout", namespace: namespace, name: named.key.name)
    let rollout = ArgoRollout(json: named.json)
    return [
      Reconciler(
        .argoRollouts, object: id, evidence: "its trafficRouting names \(kind) \(name)",
        putsBack: .within(Self.rolloutsReaction),
        offers: [ControllerAction(rollout.isPaused ? .resume : .pause, id)]
          + (rollout.waits ? [ControllerAction(.promote, id)] : []) + [ControllerAction(.abort, id)])
    ]
  }

  private func canary(of object: KubernetesObject, _ marks: OwnerMarks) async -> [Reconciler] {
    let all = await list(ControllerKinds.canary, in: object.key.namespace)
    let found = all?.first { canary in
      let spec = canary.json["spec"]
      if let mark = marks.canary { return canary.key.name == mark.name }
      return (spec?["service"]?["name"]?.string ?? spec?["targetRef"]?["name"]?.string) == object.key.name
    }
    guard let name = found?.key.name ?? marks.canary?.name else { return [] }
    let id = ObservedChange.ObjectID(kind: "Canary", namespace: object.key.namespace, name: name)
    let spec = found?.json["spec"]
    let isSuspended = spec?["suspend"]?.bool ?? false
    let interval = spec?["analysis"]?["interval"]?.string.flatMap { Duration(go: $0) } ?? Self.flaggerInterval
    return [
      Reconciler(
        .flagger, object: id,
        evidence: marks.canary?.evidence ?? "its service is \(object.key.name)",
        putsBack: isSuspended ? .whenResumed : .within(interval),
        offers: found == nil ? [] : [ControllerAction(isSuspended ? .resume : .suspend, id)])
    ]
  }

  // What cannot be read leaves what the object itself says.

  private func read(_ mark: OwnerMarks.Mark, _ type: ResourceType) async -> JSONValue? {
    let found: AnyResource? = try? await kubernetes.get(
      AnyResource.self, as: type, in: mark.namespace, name: mark.name)
    return found?.json
  }

  private func list(_ type: ResourceType, in namespace: String) async -> [KubernetesObject]? {
    guard let versions = try? await served.versions(of: type.group), versions.contains(type.version) else { return nil }
    let found: [AnyResource]? = try? await kubernetes.list(AnyResource.self, as: type, in: namespace)
    return found?.map(\.object)
  }
}

extension OwnerMarks.Mark {
  fileprivate func object(_ type: ResourceType) -> ObservedChange.ObjectID {
    ObservedChange.ObjectID(kind: type.kind, namespace: namespace, name: name)
  }
}
