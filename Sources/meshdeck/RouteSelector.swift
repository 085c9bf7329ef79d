internal import MeshModel

/// Finds the one rule that a person means.
struct RouteSelector {
  private let kind: String?
  private let name: String
  private let rule: Int?

  /// `reviews` or `VirtualService/reviews`; the kind's case does not matter.
  init(_ text: String, rule: Int?) {
    let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
    kind = parts.count == 2 ? parts[0].lowercased() : nil
    name = parts.last ?? text
    self.rule = rule
  }

  func choose(among routes: [Route]) throws(CommandFailure) -> Route {
    let named = routes.filter {
      $0.id.resource.name == name
        && (kind.map { $0 } ?? $0.id.resource.kind.rawValue.lowercased())
          == $0.id.resource.kind.rawValue.lowercased()
    }
    let splits = named.filter(\.isSplit)
    guard !named.isEmpty else {
      let known = Set(routes.filter(\.isSplit).map(\.id.resource.name)).sorted().joined(separator: ", ")
      throw CommandFailure(.usage, "no route is called \(name)\(known.isEmpty ? "" : "; those with a split: \(known)")")
    }
    if let rule {
      guard let chosen = named.first(where: { $0.id.rule == rule }) else {
        throw CommandFailure(.usage, "\(named[0].id.resource) has no rule #\(rule)")
      }
      guard chosen.isSplit else {
        throw CommandFailure(.refused, "rule #\(rule) of \(chosen.id.resource) has one destination, which takes all")
      }
      return chosen
    }
    guard Set(splits.map(\.id.resource)).count <= 1 else {
      let which = Set(splits.map { "\($0.id.resource)" }).sorted().joined(separator: ", ")
      throw CommandFailure(.usage, "\(name) is ambiguous: \(which); give a namespace or a kind")
    }
    guard let first = splits.first else {
      throw CommandFailure(.refused, "\(named[0].id.resource) has no rule with several destinations")
    }
    guard splits.count == 1 else {
      let rules = splits.map { "#\($0.id.rule) (\($0.match))" }.joined(separator: ", ")
      throw CommandFailure(.usage, "\(first.id.resource) has several rules with a split: \(rules); choose with --rule")
    }
    return first
  }
}

/// The `dest=weight` arguments.
struct WeightArguments {
  private let assignments: [(destination: String, weight: Int)]

  init(_ texts: [String]) throws(CommandFailure) {
    var assignments: [(String, Int)] = []
    for text in texts {
      guard let mark = text.lastIndex(of: "="), mark > text.startIndex else {
        throw CommandFailure(.usage, "\"\(text)\" is not DESTINATION=WEIGHT, as in v3=10")
      }
      let number = text[text.index(after: mark)...]
      guard let weight = Int(number) else {
        throw CommandFailure(.refused, "\"\(number)\" in \"\(text)\" is not a whole number")
      }
      assignments.append((String(text[..<mark]), weight))
    }
    self.assignments = assignments
  }

  /// The route's split with these weights, checked.
  func applied(to route: Route) throws(CommandFailure) -> TrafficSplit {
    var split = route.split
    var named: Set<Destination> = []
    for (text, weight) in assignments {
      let places = split.shares.indices.filter { split.shares[$0].destination.isNamed(text) }
      guard let place = places.first, places.count == 1 else {
        let known = split.destinations.map(\.description).joined(separator: ", ")
        let problem = places.isEmpty ? "is no destination of" : "is ambiguous in"
        throw CommandFailure(.refused, "\(text) \(problem) \(route.id); it has \(known)")
      }
      guard named.insert(split.shares[place].destination).inserted else {
        throw CommandFailure(.usage, "\(text) is given twice")
      }
      split.shares[place].weight = Weight(weight)
    }
    if let refusal = split.refusal { throw CommandFailure(.refused, refusal) }
    return split
  }
}

extension Destination {
  /// Whether a person's text means this one: `v3`, `reviews`, `reviews/v3`, or with the full host.
  func isNamed(_ text: String) -> Bool {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    if parts.count == 2 { return (parts[0] == host || parts[0] == service) && parts[1] == subset }
    return text == subset || text == host || text == service
  }
}
