import IstioAPI
import KubernetesAPI
import MeshModel

/// Holds a change against what was seen. Pure: the same evidence gives the same checks.
struct ChangeChecks {
  /// Subsets that were written less long ago may not have reached the proxies.
  static let settling: Duration = .seconds(10)

  let draft: ChangeDraft
  let evidence: ChangeEvidence
  /// The kind that is written.
  let type: ResourceType
  let targets: [Target]

  /// A destination of the change.
  struct Target {
    let destination: Destination
    /// 0 to 1.
    let before: Double
    let after: Double

    /// Only one that gets more can make things worse: taking requests away from what is broken is never refused.
    var isGaining: Bool { after > before }
  }

  init(_ draft: ChangeDraft, _ evidence: ChangeEvidence, type: ResourceType) {
    self.draft = draft
    self.evidence = evidence
    self.type = type
    targets = Self.targets(of: draft.edit)
  }

  private static func targets(of edit: Edit) -> [Target] {
    func targets(_ before: TrafficSplit, _ after: TrafficSplit) -> [Target] {
      after.destinations.map {
        Target(destination: $0, before: before.fraction(of: $0) ?? 0, after: after.fraction(of: $0) ?? 0)
      }
    }
    return switch edit {
    case .mirror(let destination, let before, let after):
      [Target(destination: destination, before: before / 100, after: after / 100)]
    case .weights(let before, let after, let along):
      targets(before, after) + along.flatMap { targets($0.before, $0.after) }
    case .canary, .firstRoute: targets(edit.before, edit.after)
    case .controller: []
    }
  }

  var all: [ChangeCheck] {
    let all =
      [permission] + weights + targets.flatMap { grants(for: $0) + backing(of: $0) } + [callers, waypoint] + overrides
      + capacity
    // Two destinations of one Service say the same of it.
    var said: Set<ChangeCheck> = []
    return all.filter { said.insert($0).inserted }
  }

  private var permission: ChangeCheck {
    permission(to: "\(draft.route.resource)", in: draft.route.resource.namespace)
  }

  /// - Parameter object: what is written, for a person.
  func permission(to object: String, in namespace: String) -> ChangeCheck {
    switch evidence.permission {
    case .success(.allowed): return ChangeCheck(.permission, .ok, "you may \(draft.verb) \(object)")
    case .success(.denied(let reason)):
      let words = reason.flatMap { $0.isEmpty ? nil : ": \($0)" } ?? ""
      return ChangeCheck(.permission, .refusal, "you may not \(draft.verb) \(type) in \(namespace)\(words)")
    case .failure(let trouble):
      return ChangeCheck(
        .permission, .unknown, "whether you may \(draft.verb) \(object) could not be asked: \(trouble)")
    }
  }

  /// A lone destination and a total of nothing are refused before anybody looks.
  private var weights: [ChangeCheck] {
    if let refusal = draft.edit.refusal(of: draft.route) { return [ChangeCheck(.weights, .refusal, refusal)] }
    guard case .weights(_, let after, _) = draft.edit else { return [] }
    return [ChangeCheck(.weights, .ok, "the weights of \(after.shares.count) destinations add up to \(after.total)")]
  }

  // MARK: - What gets the requests

  private func backing(of target: Target) -> [ChangeCheck] {
    let destination = target.destination
    guard target.after > 0 || target.isGaining else { return [] }
    let node = destination.node
    func bad(_ subject: ChangeCheck.Subject, _ words: String) -> ChangeCheck {
      ChangeCheck(subject, target.isGaining ? .refusal : .warning, words)
    }
    guard node.kind == .service else {
      return [
        ChangeCheck(
          .destination, .unknown, "\(destination.host) is no Service of the cluster: nothing tells whether it is there")
      ]
    }
    guard evidence.isSeen(node.namespace) else {
      return [
        ChangeCheck(
          .destination, .unknown, "\(destination) is of the namespace \(node.namespace), which is not looked at")
      ]
    }
    let service: Service
    switch evidence.services {
    case .failure(let trouble):
      return [ChangeCheck(.destination, .unknown, "whether \(destination) is there is not known: \(trouble)")]
    case .success(let services):
      guard let found = services.first(where: { $0.name == node.name && $0.namespace == node.namespace }) else {
        return [
          bad(.destination, "there is no Service \(node.service): requests that go there are answered with an error")
        ]
      }
      service = found
    }
    let exists = ChangeCheck(.destination, .ok, "there is a Service \(node.service)")
    guard let subset = destination.subset else { return [exists, readiness(of: target, service, labels: [:])] }
    return [exists] + checks(ofSubset: subset, target, service)
  }

  private func checks(ofSubset name: String, _ target: Target, _ service: Service) -> [ChangeCheck] {
    let destination = target.destination
    // Of the first routing the subsets are defined with it, and before it.
    if case .firstRoute(let first, .making) = draft.edit, first.subsets.contains(name) {
      return [readiness(of: target, service, labels: ["version": name])]
    }
    let rules: [DestinationRule]
    switch evidence.destinationRules {
    case .failure(let trouble):
      return [ChangeCheck(.subset, .unknown, "whether \(destination) is defined is not known: \(trouble)")]
    case .success(let all): rules = all.filter { $0.fullHost == destination.host }
    }
    guard let rule = rules.first(where: { $0.subsets.contains { $0.name == name } }),
      let subset = rule.subsets.first(where: { $0.name == name })
    else {
      guard evidence.hasAllDestinationRules else {
        return [
          ChangeCheck(
            .subset, .unknown, "no DestinationRule that is looked at defines \(destination); another namespace's may")
        ]
      }
      let names = rules.map { "\($0.namespace)/\($0.name)" }.sorted().joined(separator: ", ")
      let what =
        names.isEmpty
        ? "no DestinationRule is of \(destination.host)" : "DestinationRule \(names) has no subset \(name)"
      return [
        ChangeCheck(.subset, target.isGaining ? .refusal : .warning, "\(what): proxies answer its requests with 503")
      ]
    }
    return [readiness(of: target, service, labels: subset.labels, of: rule)]
      + (target.isGaining ? [order(rule, name)] : [])
  }

  private func readiness(
    of target: Target, _ service: Service, labels: [String: String], of rule: DestinationRule? = nil
  ) -> ChangeCheck {
    let destination = target.destination
    let name = rule.map { "\(destination), a subset of DestinationRule \($0.name)," } ?? "\(destination)"
    guard !service.selector.isEmpty else {
      return ChangeCheck(
        .subset, .unknown, "Service \(service.name) selects no pods: somebody else keeps its endpoints")
    }
    switch evidence.pods {
    case .failure(let trouble):
      return ChangeCheck(.subset, .unknown, "whether \(destination) has ready pods is not known: \(trouble)")
    case .success(let all):
      let pods = Self.pods(of: service, labels, among: all)
      let ready = pods.filter(\.isReady).count
      if ready > 0 { return ChangeCheck(.subset, .ok, "\(name) has \(ready) of \(pods.count) pods ready") }
      let what = pods.isEmpty ? "matches no pod" : "has none of its \(Figures.count(pods.count, "pod", "pods")) ready"
      return ChangeCheck(
        .subset, target.isGaining ? .refusal : .warning, "\(name) \(what): its requests are answered with 503")
    }
  }

  static func pods(of service: Service, _ labels: [String: String], among all: [Pod]) -> [Pod] {
    all.filter { pod in
      pod.namespace == service.namespace && !pod.isBeingDeleted && service.selects(pod.labels)
        && labels.allSatisfy { pod.labels[$0.key] == $0.value }
    }
  }

  /// A route that names a subset before the proxies know it is answered with 503 (Istio, "Avoid 503 errors while
  /// reconfiguring service routes").
  private func order(_ rule: DestinationRule, _ subset: String) -> ChangeCheck {
    let written = rule.object.lastWriter?.time ?? rule.object.creationTimestamp
    guard let time = written.flatMap({ Timestamp($0) }) else {
      return ChangeCheck(.order, .unknown, "when DestinationRule \(rule.name) was written is not known")
    }
    let age = evidence.now - time
    guard age < Self.settling else {
      return ChangeCheck(
        .order, .ok, "DestinationRule \(rule.name) was written \(Figures.lasting(age)) ago, before the route")
    }
    return ChangeCheck(
      .order, .warning,
      "DestinationRule \(rule.name) was written \(Figures.lasting(max(.zero, age))) ago: proxies may not know the "
        + "subset \(subset) yet; wait some seconds")
  }
}
