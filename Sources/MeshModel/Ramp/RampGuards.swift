/// What a ramp goes back for: the destination that gets more is surely worse than the stable one.
public struct RampGuards: Hashable, Sendable {
  /// By how much more of its requests may fail, 0 to 1; `nil` for no such guard.
  public var errors: Double?
  /// How many times the stable one's P99 its P99 may be; `nil` for no such guard.
  public var slowFactor: Double?
  /// A P99 must be longer by this besides.
  public var slowIncrease: Duration
  /// With fewer requests to either nothing is decided.
  public var leastRequests: Int

  public static let usualRequests = 50

  public init(
    errors: Double? = HealthThresholds().warningErrors, slowFactor: Double? = HealthThresholds().slowFactor,
    slowIncrease: Duration = HealthThresholds().slowIncrease, leastRequests: Int = usualRequests
  ) {
    self.errors = errors
    self.slowFactor = slowFactor
    self.slowIncrease = slowIncrease
    self.leastRequests = leastRequests
  }

  /// As the thresholds of a service have it.
  public init(_ thresholds: HealthThresholds) {
    self.init(
      errors: thresholds.warningErrors, slowFactor: thresholds.slowFactor, slowIncrease: thresholds.slowIncrease,
      leastRequests: max(Self.usualRequests, thresholds.leastRequests))
  }

  /// Without any: the ramp goes on by time alone.
  public static let none = RampGuards(errors: nil, slowFactor: nil)

  public var areNone: Bool { errors == nil && slowFactor == nil }

  /// What a rule's ramp has where nothing is said. Nothing counts connections as requests, nor says how they ended: of
  /// rules of TLS and TCP no guard could ever tell anything.
  public static func usual(for route: RouteID, _ thresholds: HealthThresholds) -> RampGuards {
    route.section == .http ? RampGuards(thresholds) : .none
  }

  var refusal: String? {
    if let errors, !(0...1).contains(errors) { return "the errors that are borne are a share from 0 to 100 %" }
    if let slowFactor, !(1...1000).contains(slowFactor) { return "the P99 that is borne is 1 to 1,000 times as long" }
    guard (1...1_000_000).contains(leastRequests) else { return "the least number of requests is 1 to 1,000,000" }
    return nil
  }
}

/// What one guard of a ramp says.
public struct RampReading: Hashable, Sendable {
  public enum Guard: String, Hashable, Sendable, CaseIterable { case errors, p99 }

  public enum Verdict: Hashable, Sendable {
    case kept
    /// It cannot tell yet: what it waits for.
    case waiting(String)
    /// What is wrong, as a sentence without a full stop.
    case broken(String)
  }

  public let of: Guard
  public let verdict: Verdict
  /// The figures of the destination and of the stable one, as a person reads them; `nil` where they are not known.
  public let figure: String?
  public let stable: String?
}

extension RampGuards {
  /// A chance that is refused at the end of a hold, and one that is refused whenever one looks: who looks often finds
  /// something by chance.
  private static let level = 0.01
  private static let plainLevel = 0.001
  /// A P99 of fewer requests than so many times the least number is that of a few of them.
  private static let manyTimes = 3

  /// - Parameters:
  ///   - one: what went to the destination in this step.
  ///   - other: what went to the stable one, then or when it last had enough requests.
  ///   - isOver: whether the hold is over. Before, only what is plain counts as broken.
  func readings(
    _ one: (name: String, traffic: DestinationTraffic?), against other: (name: String, traffic: DestinationTraffic?),
    isOver: Bool
  ) -> [RampReading] {
    [errorReading(one, other, isOver), slowReading(one, other, isOver)].compactMap { $0 }
  }

  private typealias Side = (name: String, traffic: DestinationTraffic?)

  /// Of which of the two there is too little to tell.
  private func shortage(_ one: Side, _ other: Side) -> String? {
    for side in [one, other] {
      let requests = side.traffic?.requests ?? 0
      if requests < leastRequests { return "\(requests) of \(leastRequests) requests to \(side.name)" }
    }
    return nil
  }

  private func errorReading(_ one: Side, _ other: Side, _ isOver: Bool) -> RampReading? {
    guard let borne = errors else { return nil }
    func reading(_ verdict: RampReading.Verdict) -> RampReading {
      RampReading(
        of: .errors, verdict: verdict, figure: one.traffic?.errorRate.map(Figures.rate),
        stable: other.traffic?.errorRate.map(Figures.rate))
    }
    if let shortage = shortage(one, other) { return reading(.waiting(shortage)) }
    guard let mine = one.traffic, let theirs = other.traffic, let errors = mine.errors, let its = theirs.errors else {
      return reading(.waiting("nothing tells which requests fail"))
    }
    let (requests, rate) = (Double(mine.requests), theirs.errorRate ?? 0)
    guard let seen = Seen(requests: min(errors, mine.requests), of: mine.requests), seen.low > rate + borne,
      let comparison = Comparison(
        (requests, Double(errors)), worseThan: (Double(theirs.requests), Double(its)), least: leastRequests),
      comparison.chance < (isOver ? Self.level : Self.plainLevel)
    else { return reading(.kept) }
    return reading(
      .broken(
        "\(one.name) fails \(Figures.rate(seen.share)) of \(mine.requests) requests "
          + "(\(Figures.percent(seen.low)) to \(Figures.percent(seen.high)) %), \(other.name) \(Figures.rate(rate)); "
          + comparison.text))
  }

  private func slowReading(_ one: Side, _ other: Side, _ isOver: Bool) -> RampReading? {
    guard let slowFactor else { return nil }
    func reading(_ verdict: RampReading.Verdict) -> RampReading {
      RampReading(
        of: .p99, verdict: verdict, figure: one.traffic?.p99.map(Figures.latency),
        stable: other.traffic?.p99.map(Figures.latency))
    }
    if let shortage = shortage(one, other) { return reading(.waiting(shortage)) }
    guard let mine = one.traffic, let p99 = mine.p99, let theirs = other.traffic?.p99 else {
      return reading(.waiting("nothing tells how long requests take"))
    }
    let limit = max(theirs * slowFactor, theirs + slowIncrease)
    guard let low = mine.p99Low, low >= limit, isOver || mine.requests / Self.manyTimes >= leastRequests else {
      return reading(.kept)
    }
    return reading(
      .broken(
        "the P99 of \(one.name) is \(Figures.latency(p99)) over \(mine.requests) requests "
          + "(\(Figures.latency(low)) at the least), of \(other.name) \(Figures.latency(theirs))"))
  }
}
