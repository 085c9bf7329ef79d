import JSON
public import KubernetesAPI

extension JSONPatch {
  /// Sets the weights of a rule's destinations and touches nothing else. Taken only by the very object that was read:
  /// it tests the resourceVersion and every old weight. One entry for each destination, in order; a `nil` is an absent
  /// weight, which is added or removed.
  public static func weights(
    of rule: RuleID, from before: [Int?], to after: [Int?], resourceVersion: String
  ) -> JSONPatch {
    precondition(before.count == after.count, "a weight for each destination")
    let route = JSONPointer(["spec", rule.layer.rawValue, String(rule.index), "route"])
    var tests: [Operation] = [.test(JSONPointer(["metadata", "resourceVersion"]), .string(resourceVersion))]
    var changes: [Operation] = []
    for (place, (old, new)) in zip(before, after).enumerated() {
      let weight = route.appending(place).appending("weight")
      if let old { tests.append(.test(weight, .int(old))) }
      switch (old, new) {
      case (nil, let new?): changes.append(.add(weight, .int(new)))
      case (_?, nil): changes.append(.remove(weight))
      case (let old?, let new?) where old != new: changes.append(.replace(weight, .int(new)))
      default: break
      }
    }
    return JSONPatch(tests + changes)
  }
}

extension VirtualService {
  /// The patch that gives the destinations of a rule these weights, in order; `nil` when the rule is not there or has
  /// another number of destinations.
  public func weightPatch(of rule: RuleID, to weights: [Int?]) -> JSONPatch? {
    guard let before = self.rule(rule)?.destinations.map(\.weight), before.count == weights.count, !before.isEmpty
    else {
      return nil
    }
    return .weights(of: rule, from: before, to: weights, resourceVersion: object.resourceVersion)
  }
}
