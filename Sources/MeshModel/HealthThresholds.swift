/// From when on something counts as wrong.
public struct HealthThresholds: Hashable, Sendable {
  /// Shares of requests that fail, 0 to 1: their interval's lower bound must reach it.
  public var warningErrors: Double = 0.01
  public var failingErrors: Double = 0.05
  /// Fewer requests than this in the window say nothing.
  public var leastRequests: Int = 20
  /// How many times the P99 of before, or of the other versions, the P99 must be.
  public var slowFactor: Double = 2
  /// The P99 must have grown by this besides.
  public var slowIncrease: Duration = .milliseconds(100)
  /// P99s that count as slow whatever they were before; `nil` for none.
  public var slowLatency: Duration?
  /// What part of a certificate's life, 0 to 1, must be left, and how much time at the most.
  public var certificateLeft: Double = 0.2
  public var certificateTime: Duration = .seconds(72 * 3600)
  /// For so long a proxy may be behind.
  public var staleAfter: Duration = .seconds(10)

  public init() {}
}

/// Thresholds for all services, for those of a namespace, and for single ones: the nearest counts.
public struct HealthRules: Hashable, Sendable {
  public var standard = HealthThresholds()
  public var namespaces: [String: HealthThresholds] = [:]
  public var services: [ServiceID: HealthThresholds] = [:]

  public init() {}

  public func thresholds(for service: ServiceID) -> HealthThresholds {
    services[service] ?? namespaces[service.namespace] ?? standard
  }
}
