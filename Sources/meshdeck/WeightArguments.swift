internal import MeshModel

/// The `dest=weight` arguments: weights as they are (`v3=10`), or percentages of the whole (`v3=25%`).
struct WeightArguments {
  private let assignments: [(destination: String, amount: Int)]
  private let arePercentages: Bool

  init(_ texts: [String]) throws(CommandFailure) {
    var assignments: [(String, Int)] = []
    var percentages = 0
    for text in texts {
      guard let mark = text.lastIndex(of: "="), mark > text.startIndex else {
        throw CommandFailure(.usage, "\"\(text)\" is not DESTINATION=WEIGHT, as in v3=10 or v3=25%")
      }
      let isPercentage = text.hasSuffix("%")
      let number = isPercentage ? text[text.index(after: mark)...].dropLast() : text[text.index(after: mark)...]
      guard let amount = Int(number) else {
        throw CommandFailure(.refused, "\"\(number)\" in \"\(text)\" is not a whole number")
      }
      if isPercentage {
        guard (0...100).contains(amount) else {
          throw CommandFailure(.refused, "\(text): a percentage is a whole number from 0 to 100")
        }
        percentages += 1
      }
      assignments.append((String(text[..<mark]), amount))
    }
    guard percentages == 0 || percentages == texts.count else {
      throw CommandFailure(.usage, "give weights or percentages, not both")
    }
    self.assignments = assignments
    arePercentages = percentages > 0
  }

  /// The destinations as a person wrote them.
  var names: [String] { assignments.map(\.destination) }

  /// The route's split with these weights, checked.
  func applied(to route: Route) throws(CommandFailure) -> TrafficSplit {
    var named: [Destination] = []
    for (text, _) in assignments {
      let destination = try route.split.destinations.named(text, in: route.id)
      guard !named.contains(destination) else { throw CommandFailure(.usage, "\(text) is given twice") }
      named.append(destination)
    }
    let split =
      arePercentages ? try percentages(of: named, in: route.split) : weights(of: named, in: route.split)
    if let refusal = split.refusal { throw CommandFailure(.refused, refusal) }
    return split
  }

  private func weights(of named: [Destination], in split: TrafficSplit) -> TrafficSplit {
    TrafficSplit(
      split.shares.map { share in
        let place = named.firstIndex(of: share.destination)
        return .init(
          destination: share.destination, weight: place.map { Weight(assignments[$0].amount) } ?? share.weight)
      })
  }

  /// Those that are not named give or take in proportion to what they have.
  private func percentages(of named: [Destination], in split: TrafficSplit) throws(CommandFailure) -> TrafficSplit {
    let sum = assignments.reduce(0) { $0 + $1.amount }
    let isWhole = named.count == split.shares.count
    guard isWhole ? sum == 100 : sum <= 100 else {
      throw CommandFailure(.refused, "the percentages add up to \(sum), not \(isWhole ? "" : "at most ")100")
    }
    // In hundredths each is exact, and each that is set stays while the rest is divided.
    let isExact = assignments.allSatisfy { (split.total * $0.amount).isMultiple(of: 100) }
    var result = split.total > 0 && isExact ? split : split.rescaled(to: 100)
    var pinned: Set<Destination> = []
    for (destination, assignment) in zip(named, assignments) {
      result = result.giving(percent: assignment.amount, to: destination, pinning: pinned)
      pinned.insert(destination)
    }
    return result
  }
}
