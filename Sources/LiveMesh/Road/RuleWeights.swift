import IstioAPI
import KubernetesAPI
import MeshModel

/// The weights of one rule as they stand in one version of its resource.
struct RuleWeights: Equatable, Sendable {
  private let service: VirtualService
  private let rule: RuleID
  private let entries: [(destination: Destination, weight: Int?)]
  let split: TrafficSplit
  /// Which requests the rule takes.
  let match: String

  /// The resource's own identity.
  var uid: String? { service.object.uid }

  /// `nil` when the resource has no such rule.
  init?(_ route: RouteID, in service: VirtualService) {
    rule = RuleID(layer: route.section.layer, index: route.rule)
    guard let found = service.rule(rule) else { return nil }
    self.service = service
    entries = found.destinations.map { (Destination($0.destination), $0.weight) }
    split = TrafficSplit(found)
    match = found.matchText
  }

  /// Why the weights of this rule cannot be written one by one; `nil` when they can.
  var obstacle: String? {
    if entries.count < 2 { return "the rule has a single destination, which takes everything" }
    if entries.count != split.shares.count { return "the rule names a destination twice: change it in the resource" }
    return nil
  }

  /// Sets the weights, on condition that the resource and the old weights are those that were read; `nil` where the
  /// destinations are other ones.
  func setting(_ after: TrafficSplit) -> JSONPatch? {
    var weights: [Int?] = []
    for entry in entries {
      guard let weight = after[entry.destination]?.value else { return nil }
      // What need not be written is left as it is.
      weights.append(entry.weight == nil && weight == 0 ? nil : weight)
    }
    return service.weightPatch(of: rule, to: weights)
  }

  /// What differs between this and the same rule in another version of the resource.
  func lines(to other: RuleWeights) -> [ChangePreview.Line] {
    zip(entries, other.entries).enumerated().compactMap { number, pair in
      let (before, after) = pair
      guard before.weight ?? 0 != after.weight ?? 0 else { return nil }
      return ChangePreview.Line(
        path: "spec.\(rule).route[\(number)].weight", before: before.weight.map(String.init) ?? "none",
        after: after.weight.map(String.init) ?? "none")
    }
  }

  static func == (one: RuleWeights, other: RuleWeights) -> Bool {
    one.service == other.service && one.rule == other.rule
  }
}
