/// How the weights of a rule are shifted to one destination: step by step, each held and watched.
public struct RampPlan: Hashable, Sendable {
  public let route: RouteID
  /// Which requests the rule takes: tells whether it is still the same one.
  public let match: String
  /// The rule's split before the first step, and after going back.
  public let start: TrafficSplit
  /// The destination that gets more with each step.
  public let destination: Destination
  /// The destination that it is held against.
  public let stable: Destination
  /// What the destination gets, in percent of the whole, in the order of the steps.
  public let steps: [Int]
  /// How long each step is watched at the least, from when every proxy has it.
  public let hold: Duration
  public let guards: RampGuards
  /// How long a step may wait beyond its hold: for proxies, for requests, for the API server.
  public let patience: Duration

  public static let usualSteps = [1, 5, 10, 25, 50, 100]
  public static let usualHold: Duration = .seconds(60)
  public static let usualPatience: Duration = .seconds(600)
  private static let mostSteps = 100
  private static let longestHold: Duration = .seconds(86_400)

  /// - Parameters:
  ///   - stable: without one it is the other destination that has most.
  ///   - steps: without them it is those usual ones that are more than the destination has.
  ///   - guards: without them they are as usual for the rule.
  public init(
    of route: Route, to destination: Destination, against stable: Destination? = nil, steps: [Int]? = nil,
    hold: Duration = usualHold, guards: RampGuards? = nil, patience: Duration = usualPatience
  ) throws(Refusal) {
    guard route.isSplit else { throw Refusal("\(route.id) has no weights: there is nothing to shift") }
    if let refusal = route.split.refusal { throw Refusal(refusal) }
    let has = (route.split.fraction(of: destination) ?? 0) * 100
    let others = route.split.shares.filter { $0.destination != destination }
    let most = others.reduce(others.first) { most, share in
      most.map { $0.weight < share.weight } ?? true ? share : most
    }
    guard let stable = stable ?? most?.destination else { throw Refusal("\(route.id) has no other destination") }
    self.init(
      route: route.id, match: route.match, start: route.split, destination: destination, stable: stable,
      steps: steps ?? Self.usualSteps.filter { Double($0) > has }, hold: hold,
      guards: guards ?? .usual(for: route.id, HealthThresholds()), patience: patience)
    if let refusal { throw Refusal(refusal) }
  }

  /// A plan that was made before.
  public init(
    route: RouteID, match: String, start: TrafficSplit, destination: Destination, stable: Destination, steps: [Int],
    hold: Duration, guards: RampGuards, patience: Duration
  ) {
    self.route = route
    self.match = match
    self.start = start
    self.destination = destination
    self.stable = stable
    self.steps = steps
    self.hold = hold
    self.guards = guards
    self.patience = patience
  }

  /// The rule's split at a step, counted from 1; at 0 it is that of the start.
  public func split(at step: Int) -> TrafficSplit {
    guard step > 0, step <= steps.count else { return start }
    return start.giving(percent: steps[step - 1], to: destination)
  }

  /// The step of which a rule has the weights; `nil` where it has others.
  public func step(of split: TrafficSplit) -> Int? { (0...steps.count).last { self.split(at: $0) == split } }

  /// Why a plan is not walked, as a sentence.
  public struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
  }

  /// Why it is not walked; `nil` when it can be.
  public var refusal: String? {
    guard let has = start.fraction(of: destination).map({ $0 * 100 }) else {
      return "\(destination) is no destination of \(route)"
    }
    guard stable != destination, start[stable] != nil else {
      return "\(destination) can be held against another destination of \(route) only"
    }
    guard route.section == .http || guards.areNone else {
      return "\(route) divides connections, which no guard can tell of: go without (errors none, p99 none)"
    }
    guard let first = steps.first else { return "\(destination) has all of the requests already" }
    guard steps.count <= Self.mostSteps else { return "a ramp has at most \(Self.mostSteps) steps" }
    guard steps.allSatisfy({ (1...100).contains($0) }), zip(steps, steps.dropFirst()).allSatisfy({ $0 < $1 }) else {
      return "steps are whole percentages from 1 to 100, each more than the one before"
    }
    guard Double(first) > has else {
      return "the first step is \(first) %, and \(destination.shortName) has \(Figures.percent(has / 100)) % already"
    }
    guard hold >= .zero, hold <= Self.longestHold, patience >= .zero, patience <= Self.longestHold else {
      return "a step is held, and waits, for a day at most"
    }
    return guards.refusal
  }
}

extension RampPlan: CustomStringConvertible {
  /// `v3 to 25, 50, 100 %, 60 s each, against v1`.
  public var description: String {
    let steps = steps.map(String.init).joined(separator: ", ")
    return "\(destination.shortName) to \(steps) %, \(Figures.span(hold)) each, against \(stable.shortName)"
  }
}
