public import MeshModel

/// How a node or an edge of the graph fares, least worrying first: the worst of several is the greatest.
public enum GraphHealth: Int, Hashable, Sendable, Comparable, CaseIterable {
  /// Nothing was sent.
  case idle
  case healthy
  /// Something was sent, but too little, or nobody counts what became of it.
  case unknown
  case warning, failing

  public static func < (one: GraphHealth, other: GraphHealth) -> Bool { one.rawValue < other.rawValue }

  public var isUnhealthy: Bool { self >= .warning }

  public var name: String {
    switch self {
    case .idle: "idle"
    case .healthy: "healthy"
    case .unknown: "unknown"
    case .warning: "warning"
    case .failing: "failing"
    }
  }

  init(_ severity: Finding.Severity) {
    switch severity {
    case .failing: self = .failing
    case .warning: self = .warning
    }
  }

  /// By what was counted alone: the share of errors among enough requests, and a P99 that is slow whatever it was before.
  public init(of traffic: EdgeTraffic, thresholds: HealthThresholds) {
    guard traffic.requests > 0 else {
      self = .idle
      return
    }
    guard traffic.requests >= Double(thresholds.leastRequests), let rate = traffic.errorRate else {
      self = .unknown
      return
    }
    let isSlow = thresholds.slowLatency.flatMap { limit in traffic.p99.map { $0 >= limit } } ?? false
    switch rate {
    case thresholds.failingErrors...: self = .failing
    case thresholds.warningErrors...: self = .warning
    default: self = isSlow ? .warning : .healthy
    }
  }
}

extension Sequence<GraphHealth> {
  /// The worst; `idle` of none. What is known to be well outweighs what is not known.
  func worst() -> GraphHealth {
    var worst = GraphHealth.idle, isHealthySomewhere = false
    for health in self {
      worst = Swift.max(worst, health)
      if health == .healthy { isHealthySomewhere = true }
    }
    return worst == .unknown && isHealthySomewhere ? .healthy : worst
  }
}
