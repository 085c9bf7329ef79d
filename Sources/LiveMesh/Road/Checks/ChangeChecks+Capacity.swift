import IstioAPI
import KubernetesAPI
import MeshModel

/// Whether the pods that get more can bear it.
extension ChangeChecks {
  /// A version whose pods would get so many times what a pod of the rule gets now may not bear it.
  private static let bearable = 1.5

  var capacity: [ChangeCheck] {
    let gaining = targets.filter { $0.isGaining && $0.destination.node.kind == .service }
    guard !gaining.isEmpty else { return [] }
    guard let rates = evidence.rates(of: draft.route) else {
      return [
        ChangeCheck(
          .capacity, .unknown, "how many requests the rule gets is not known, so neither what a pod would get")
      ]
    }
    let all = rates.values.reduce(0, +)
    guard all > 0 else { return [ChangeCheck(.capacity, .ok, "the rule got no request of late")] }
    let today = targets.compactMap { target -> Double? in
      guard let ready = ready(target.destination), ready > 0 else { return nil }
      return (rates[target.destination] ?? 0) / Double(ready)
    }.max()
    return gaining.compactMap { target -> ChangeCheck? in
      guard let ready = ready(target.destination) else {
        return ChangeCheck(.capacity, .unknown, "how many pods \(target.destination) has is not known")
      }
      // That there is none is said already.
      guard ready > 0, let today else { return nil }
      let each = all * target.after / Double(ready)
      let words =
        "\(target.destination) would get \(Figures.perSecond(each)) requests/s on each of "
        + "\(Figures.count(ready, "ready pod", "ready pods")); no pod of the rule gets more than "
        + "\(Figures.perSecond(today)) now"
      return ChangeCheck(.capacity, each > today * Self.bearable ? .warning : .ok, words)
    }
  }

  /// The ready pods of a destination; `nil` where they are not known.
  private func ready(_ destination: Destination) -> Int? {
    let node = destination.node
    guard evidence.isSeen(node.namespace), case .success(let services) = evidence.services,
      case .success(let all) = evidence.pods,
      let service = services.first(where: { $0.name == node.name && $0.namespace == node.namespace }),
      !service.selector.isEmpty
    else { return nil }
    var labels: [String: String] = [:]
    if let subset = destination.subset {
      guard case .success(let rules) = evidence.destinationRules,
        let found = rules.lazy.filter({ $0.fullHost == destination.host }).flatMap(\.subsets).first(where: {
          $0.name == subset
        })
      else { return nil }
      labels = found.labels
    }
    return Self.pods(of: service, labels, among: all).filter(\.isReady).count
  }
}
