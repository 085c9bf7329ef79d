/// What a context wants before anything is written in it.
public struct Protection: Hashable, Sendable {
  /// Every change must be confirmed by name.
  public var isProduction: Bool
  /// A change that moves as many requests each second, or more, must be confirmed by name; `nil` sets no limit.
  public var requestsPerSecond: Double?
  /// A change that moves as large a part of a rule's requests, 0 to 1, or more; `nil` sets no limit.
  public var share: Double?

  public init(isProduction: Bool = false, requestsPerSecond: Double? = nil, share: Double? = nil) {
    self.isProduction = isProduction
    self.requestsPerSecond = requestsPerSecond
    self.share = share
  }
}

/// How a person says that a change is meant.
public enum Confirmation: Hashable, Sendable {
  case key
  /// By typing this, for a reason that is told: `this context is production`.
  case name(String, because: String)

  /// What differences of shares lose by being binary: 0.35 − 0.1 is a quarter.
  private static let rounding = 1e-9

  /// - Parameter radius: `nil` where it is not known, which counts as above any limit.
  public init(of route: RouteID, _ radius: BlastRadius?, in protection: Protection) {
    let name = route.resource.name
    if protection.isProduction {
      self = .name(name, because: "this context is production")
    } else if let limit = protection.share, radius?.share.map({ $0 + Self.rounding >= limit }) ?? true {
      let reason =
        radius?.share == nil
        ? "nothing tells what part of the requests it moves"
        : "it moves \(Figures.asked(limit)) % of the requests or more"
      self = .name(name, because: reason)
    } else if let limit = protection.requestsPerSecond,
      radius?.movedPerSecond.map({ $0 + Self.rounding >= limit }) ?? true
    {
      let reason =
        radius?.movedPerSecond == nil
        ? "nothing tells how many requests it moves" : "it moves \(Figures.perSecond(limit)) requests/s or more"
      self = .name(name, because: reason)
    } else {
      self = .key
    }
  }

  /// Whether a person's text is what was asked for.
  public func isGiven(by text: String) -> Bool {
    switch self {
    case .key: true
    case .name(let name, _): text == name
    }
  }
}
