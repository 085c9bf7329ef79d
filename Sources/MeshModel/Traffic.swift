/// Where figures of traffic come from, best first. The screen names it.
public enum TrafficSource: Int, Hashable, Sendable, Comparable, CaseIterable {
  /// Access logs: shares by rule, and percentiles. They alone tell of each request which rule sent it where.
  case accessLogs
  /// The proxies' own counters of a route: a rule's requests, errors and percentiles, but not where they went. So they
  /// serve a rule with one destination.
  case routeStats
  /// The proxies' own counters of each cluster: shares by service and subset, not by rule, with percentiles.
  case clusterStats
  /// Per-host counters of `/clusters`: shares by service and subset, not by rule; no latency.
  case hostCounters

  public static func < (one: TrafficSource, other: TrafficSource) -> Bool { one.rawValue < other.rawValue }

  public var name: String {
    switch self {
    case .accessLogs: "access logs"
    case .routeStats: "route stats"
    case .clusterStats: "cluster stats"
    case .hostCounters: "host counters"
    }
  }
}

/// What went to one destination in a window. `nil` is unknown, which is not zero.
public struct DestinationTraffic: Hashable, Sendable {
  public var requests: Int
  public var errors: Int?
  public var p50: Duration?
  public var p99: Duration?
  /// The lower end of the P99's interval: with 97.5 % confidence it is not below. One slow request never makes it.
  public var p99Low: Duration?
  /// The response flag seen most among the errors.
  public var topFlag: ResponseFlag?
  /// Requests and errors of equal slices of the time before now, oldest first: for a sparkline.
  public var history: [Slice]
  public static let sliceLength: Duration = .seconds(5)

  public struct Slice: Hashable, Sendable {
    public var requests: Int
    public var errors: Int

    public init(requests: Int, errors: Int) {
      self.requests = requests
      self.errors = errors
    }
  }

  public init(
    requests: Int, errors: Int? = nil, p50: Duration? = nil, p99: Duration? = nil, p99Low: Duration? = nil,
    topFlag: ResponseFlag? = nil, history: [Slice] = []
  ) {
    self.requests = requests
    self.errors = errors
    self.p50 = p50
    self.p99 = p99
    self.p99Low = p99Low
    self.topFlag = topFlag
    self.history = history
  }

  /// 0 to 1; `nil` when unknown or when there were no requests.
  public var errorRate: Double? {
    guard let errors, requests > 0 else { return nil }
    return Double(errors) / Double(requests)
  }
}

/// What each rule sent where, in the window that ends with what was observed last: time in which nobody looked is no
/// time without requests.
public struct TrafficSample: Equatable, Sendable {
  public struct RouteTraffic: Equatable, Sendable {
    public var source: TrafficSource
    /// Whether the figures are of this rule alone; host counters cannot tell a service's rules apart.
    public var isByRule: Bool
    /// When the figures begin, where that is within the window: requests from before the rule was there, or was last
    /// changed, say nothing of what is asked now. The histories of the destinations go back further.
    public var since: Timestamp?
    /// Until when the rule's requests were observed; the figures end there. `nil` is the end of the sample.
    public var end: Timestamp?
    public var destinations: [Destination: DestinationTraffic]

    public init(
      source: TrafficSource, isByRule: Bool, since: Timestamp? = nil, end: Timestamp? = nil,
      destinations: [Destination: DestinationTraffic]
    ) {
      self.end = end
      self.source = source
      self.isByRule = isByRule
      self.since = since
      self.destinations = destinations
    }

    /// The share of the rule's requests that went to a destination; `nil` when there were none at all.
    public func seen(_ destination: Destination) -> Seen? {
      let all = destinations.values.reduce(0) { $0 + $1.requests }
      return Seen(requests: destinations[destination]?.requests ?? 0, of: all)
    }
  }

  /// Until when the rule was observed of which that is longest ago.
  public var end: Timestamp
  /// How much time the figures cover; shorter than what was asked for while the console is young.
  public var window: Duration
  public var routes: [RouteID: RouteTraffic]
  /// Of how many proxies the access logs are read, where that is not all: they are too many, or some cannot be read.
  public var sample: LogCoverage?

  /// From when on anything was observed: slices of histories that lie before it say nothing. `nil` while nothing was.
  public var observedSince: Timestamp?

  public init(
    end: Timestamp, window: Duration, routes: [RouteID: RouteTraffic], sample: LogCoverage? = nil,
    observedSince: Timestamp? = nil
  ) {
    self.observedSince = observedSince
    self.sample = sample
    self.end = end
    self.window = window
    self.routes = routes
  }

  /// How much time the figures of one rule cover.
  public func window(of route: RouteID) -> Duration {
    guard let since = routes[route]?.since else { return window }
    return max(.zero, min(window, (routes[route]?.end ?? end) - since))
  }
}

/// A share of requests that was counted, with the interval in which the true share lies with 95 % confidence (Wilson's
/// score interval: E. B. Wilson, 1927). All between 0 and 1.
public struct Seen: Hashable, Sendable {
  public let share: Double
  public let low: Double
  public let high: Double
  /// How many requests the whole rule had.
  public let requests: Int

  /// Of the normal distribution 95 % lie within so many standard deviations.
  public static let deviations = 1.959964

  /// `nil` when there were no requests: then nothing was seen.
  public init?(requests hits: Int, of all: Int) {
    guard all > 0, hits >= 0, hits <= all else { return nil }
    let z = Self.deviations
    let n = Double(all)
    let p = Double(hits) / n
    let middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    let reach = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    share = p
    low = hits == 0 ? 0 : max(0, middle - reach)
    high = hits == all ? 1 : min(1, middle + reach)
    requests = all
  }

  /// Half the interval's width.
  public var margin: Double { (high - low) / 2 }

  /// How the interval is told beside the share. Near 0 and 1 it is not symmetric: a margin would reach past them on one
  /// side, and hide how far it reaches on the other.
  public enum Reach: Hashable, Sendable {
    case around(margin: Double)
    /// From 0 to this.
    case atMost(Double)
    /// From this to 1.
    case atLeast(Double)
  }

  public var reach: Reach {
    if share <= margin { return .atMost(high) }
    return share + margin >= 1 ? .atLeast(low) : .around(margin: margin)
  }
}
