/// What a change does: to the rule that it is of, or to what stands in its place.
public enum Edit: Hashable, Sendable {
  /// Other weights for the rule, and for other rules of its resource: all of them are written, or none.
  case weights(before: TrafficSplit, after: TrafficSplit, along: [RuleEdit] = [])
  /// Copies of another part of the requests, in percent, to a destination of whose answers nobody hears.
  case mirror(to: Destination, before: Double, after: Double)
  /// A rule of its own for the requests with one header, in front of the rule that has taken them.
  case canary(CanaryRule, Direction)
  /// The first routing of a Service.
  case firstRoute(FirstRoute, Direction)
  /// What a controller understands in place of a change under its hands: it is written to the controller's own object.
  case controller(ControllerAction)

  /// Whether something is put there, or what was put there is taken away again.
  public enum Direction: String, Hashable, Sendable { case making, removing }
}

/// Other weights for a rule that is changed together with another one.
public struct RuleEdit: Hashable, Sendable {
  public let route: RouteID
  /// Which requests it takes, as `Route.match` says it; `nil` is not compared.
  public let match: String?
  public let before: TrafficSplit
  public let after: TrafficSplit

  public init(route: RouteID, match: String? = nil, before: TrafficSplit, after: TrafficSplit) {
    self.route = route
    self.match = match
    self.before = before
    self.after = after
  }
}

/// Sends the requests of a rule that carry a header to one destination. Everything else of the rule, its other
/// conditions and its timeouts among them, is that of the rule that it stands in front of.
public struct CanaryRule: Hashable, Sendable {
  /// In lower case, as a header's name is compared (RFC 9110, 5.1).
  public let header: String
  /// The whole value.
  public let value: String
  public let destination: Destination

  public init(header: String, value: String, destination: Destination) {
    self.header = header.lowercased()
    self.value = value
    self.destination = destination
  }

  /// Why no proxy could compare such a header (RFC 9110, 5.6.2), as a sentence; `nil` when it can.
  public var refusal: String? {
    let marks = Set("!#$%&'*+-.^_`|~".utf8)
    func isToken(_ byte: UInt8) -> Bool {
      (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || marks.contains(byte)
    }
    guard (1...256).contains(header.utf8.count), header.utf8.allSatisfy(isToken) else {
      return "\"\(header)\" is no name of a header"
    }
    guard (1...4096).contains(value.utf8.count), value.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
      return "the value of \(header) must be 1 to 4,096 printable ASCII characters"
    }
    return nil
  }
}

/// The routing of a Service that had none. What is written is an object of the change's kind and name, and for a
/// VirtualService the subsets that its destinations name and no DestinationRule has.
public struct FirstRoute: Hashable, Sendable {
  /// Fully qualified: `reviews.bookinfo.svc.cluster.local`.
  public let host: String
  /// The Service's port that the routing is for, where the kind wants one.
  public let port: Int?
  public let split: TrafficSplit
  /// The values of the pod label `version` that become subsets of these names.
  public let subsets: [String]
  /// The DestinationRule that gets the subsets; one is made where there is none of this name.
  public let destinationRule: String?

  public init(
    host: String, port: Int? = nil, split: TrafficSplit, subsets: [String] = [], destinationRule: String? = nil
  ) {
    self.host = host
    self.port = port
    self.split = split
    self.subsets = subsets
    self.destinationRule = destinationRule
  }
}

extension Edit {
  /// The rule's split that the edit was made against; without shares where it is of no weights, or makes the rule.
  public var before: TrafficSplit {
    switch self {
    case .weights(let before, _, _): before
    case .mirror, .canary(_, .making), .firstRoute(_, .making), .controller: TrafficSplit([])
    case .canary(let rule, .removing): rule.split
    case .firstRoute(let first, .removing): first.split
    }
  }

  /// The rule's split that the edit writes; without shares where it is of no weights, or takes the rule away.
  public var after: TrafficSplit { if case .weights(_, let after, _) = self { after } else { reversed.before } }

  /// Where the edit sends requests, or copies of them, or did so before; each once.
  public var destinations: [Destination] {
    let all: [Destination] =
      switch self {
      case .weights(let before, let after, let along):
        before.destinations + after.destinations + along.flatMap { $0.before.destinations + $0.after.destinations }
      case .mirror(let destination, _, _): [destination]
      case .canary, .firstRoute: before.destinations + after.destinations
      case .controller: []
      }
    var seen: Set<Destination> = []
    return all.filter { seen.insert($0).inserted }
  }

  /// What puts back what this changes.
  public var reversed: Edit {
    switch self {
    case .weights(let before, let after, let along):
      .weights(
        before: after, after: before,
        along: along.map { RuleEdit(route: $0.route, match: $0.match, before: $0.after, after: $0.before) })
    case .mirror(let destination, let before, let after): .mirror(to: destination, before: after, after: before)
    case .canary(let rule, let direction): .canary(rule, direction.reversed)
    case .firstRoute(let first, let direction): .firstRoute(first, direction.reversed)
    case .controller(let action): .controller(action.reversed ?? action)
    }
  }

  /// Whether the rules say what the edit writes: of one that takes something away, that it is not there. Of a
  /// controller's object no rule tells: it is taken for granted.
  ///
  /// - Parameters:
  ///   - route: the rule that the edit is of.
  ///   - match: which requests that rule takes, once it is written; `nil` is not compared.
  public func isWritten(in routes: some Collection<Route>, of route: RouteID, match: String?) -> Bool {
    func rule(_ id: RouteID, _ match: String?) -> Route? {
      routes.first { $0.id == id && (match == nil || $0.match == match) }
    }
    switch self {
    case .weights(_, let after, let along):
      return ([RuleEdit(route: route, match: match, before: after, after: after)] + along).allSatisfy { edit in
        rule(edit.route, edit.match)?.split.sendsSameShares(as: edit.after) ?? false
      }
    case .mirror(let destination, _, let after):
      return rule(route, match)?.mirrors.contains { $0.destination == destination && $0.percent == after } ?? false
    case .canary(_, .making), .firstRoute(_, .making):
      return rule(route, match)?.split.sendsSameShares(as: after) ?? false
    case .canary(_, .removing), .firstRoute(_, .removing):
      return !(rule(route, match)?.split.sendsSameShares(as: before) ?? false)
    case .controller: return true
    }
  }
}

extension Edit {
  /// Why the edit may not be sent, as a sentence; `nil` when it may.
  public func refusal(of route: RouteID) -> String? {
    switch self {
    case .weights(let before, let after, let along):
      let all = [RuleEdit(route: route, before: before, after: after)] + along
      return all.lazy.compactMap { $0.refusal(in: route.resource) }.first
    case .mirror(_, _, let after):
      return (0...100).contains(after) ? nil : "\(after) is no percentage: copies are 0 to 100 % of the requests"
    case .canary(let rule, _): return rule.refusal
    case .controller: return nil
    case .firstRoute(let first, _): return first.split.shares.isEmpty ? "there is no destination" : first.split.refusal
    }
  }
}

extension RuleEdit {
  fileprivate func refusal(in resource: ResourceID) -> String? {
    guard route.resource == resource else { return "\(route.resource) is another object than \(resource)" }
    if let stranger = after.destinations.first(where: { before[$0] == nil }) {
      return "\(stranger) is no destination of \(route)"
    }
    if let missing = before.destinations.first(where: { after[$0] == nil }) { return "\(missing) has no weight given" }
    return after.refusal
  }
}

extension Edit.Direction {
  fileprivate var reversed: Self { self == .making ? .removing : .making }
}

extension CanaryRule {
  public var split: TrafficSplit { TrafficSplit([.init(destination: destination, weight: 100)]) }
}

extension Edit: CustomStringConvertible {
  /// `v1=75 v3=25 → v1=100 v3=0`, `copies to v3 10 % → 50 %`, `x-canary=1 only to v2`.
  public var description: String {
    switch self {
    case .weights(let before, let after, let along):
      "\(before) → \(after)"
        + (along.isEmpty ? "" : ", and \(along.count) other \(along.count == 1 ? "rule" : "rules")")
    case .mirror(let destination, let before, let after):
      "copies to \(destination.shortName) \(percentage(before)) → \(percentage(after))"
    case .canary(let rule, let direction):
      "\(direction == .making ? "" : "no longer ")\(rule.header)=\(rule.value) only to \(rule.destination.shortName)"
    case .firstRoute(let first, let direction):
      direction == .making ? "first routing, \(first.split)" : "routing \(first.split) removed"
    case .controller(let action): "\(action)"
    }
  }
}

/// `12.5 %`; any number is safe, as it comes from outside.
func percentage(_ percent: Double) -> String {
  percent == percent.rounded() && abs(percent) <= 100 ? "\(Int(percent)) %" : "\(percent) %"
}
