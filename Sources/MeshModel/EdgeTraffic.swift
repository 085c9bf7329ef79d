/// The identity of an edge of the service graph: who sends to whom, and what.
public struct EdgeID: Hashable, Comparable, Sendable, CustomStringConvertible {
  public enum Traffic: String, Hashable, Sendable, Comparable, CaseIterable {
    case http, grpc, tcp

    public static func < (one: Traffic, other: Traffic) -> Bool { one.rawValue < other.rawValue }
  }

  public let source: MeshNode
  public let destination: MeshNode
  public let traffic: Traffic

  public init(from source: MeshNode, to destination: MeshNode, _ traffic: Traffic = .http) {
    self.source = source
    self.destination = destination
    self.traffic = traffic
  }

  public static func < (one: EdgeID, other: EdgeID) -> Bool {
    (one.source, one.destination, one.traffic) < (other.source, other.destination, other.traffic)
  }

  public var description: String { "\(source) → \(destination)" }
}

/// What went over one edge in a window. Counts of a store are extrapolated and no whole numbers. What is `nil` is
/// unknown, which is not zero.
public struct EdgeTraffic: Hashable, Sendable {
  /// Requests, or for TCP the connections that were opened.
  public var requests: Double
  /// Requests answered with 5xx (of gRPC: with a status that is the server's fault) or not answered at all.
  public var errors: Double?
  public var p50: Duration?
  public var p95: Duration?
  public var p99: Duration?
  /// Requests by answer: `200`, `503`, of gRPC `grpc 14`, and `-` where there was none.
  public var codes: [String: Double]
  /// Requests that carry each response flag.
  public var flags: [ResponseFlag: Double]
  public var security: Security
  /// Bytes of requests and of responses, where they are counted.
  public var bytes: Bytes?
  /// Equal slices of the time before the end, oldest first, each as long as the sample says.
  public var history: [Slice]
  /// The same figures over as long a window just before this one.
  public var before: Before?
  /// Until when it was observed, where that is not the end of the sample: window and history end there.
  public var end: Timestamp?

  public enum Security: Hashable, Sendable {
    case mutualTLS, plaintext
    /// Both were seen; the part (0 to 1) that was mutual TLS.
    case mixed(mutual: Double)
    case unknown
  }

  public struct Bytes: Hashable, Sendable {
    /// By the source, and received by it.
    public var sent: Double
    public var received: Double

    public init(sent: Double, received: Double) {
      self.sent = sent
      self.received = received
    }
  }

  public struct Slice: Hashable, Sendable {
    public var requests: Double
    public var errors: Double
    public var p99: Duration?

    public init(requests: Double, errors: Double, p99: Duration? = nil) {
      self.requests = requests
      self.errors = errors
      self.p99 = p99
    }
  }

  public struct Before: Hashable, Sendable {
    public var requests: Double
    public var errors: Double?
    public var p99: Duration?

    public init(requests: Double, errors: Double? = nil, p99: Duration? = nil) {
      self.requests = requests
      self.errors = errors
      self.p99 = p99
    }
  }

  public init(
    requests: Double, errors: Double? = nil, p50: Duration? = nil, p95: Duration? = nil, p99: Duration? = nil,
    codes: [String: Double] = [:], flags: [ResponseFlag: Double] = [:], security: Security = .unknown,
    bytes: Bytes? = nil, history: [Slice] = [], before: Before? = nil, end: Timestamp? = nil
  ) {
    self.end = end
    self.requests = requests
    self.errors = errors
    self.p50 = p50
    self.p95 = p95
    self.p99 = p99
    self.codes = codes
    self.flags = flags
    self.security = security
    self.bytes = bytes
    self.history = history
    self.before = before
  }

  /// 0 to 1; `nil` when unknown or when there were no requests.
  public var errorRate: Double? {
    guard let errors, requests > 0 else { return nil }
    return min(1, errors / requests)
  }
}

/// Who sent what to whom in a window that ends with what was observed last.
public struct EdgeSample: Equatable, Sendable {
  public enum Source: Hashable, Sendable {
    /// A Prometheus-compatible store, as a person knows it: its address or its Service.
    case store(name: String)
    /// The proxies' access logs, and the counters of those that write none.
    case accessLogs
    /// The proxies' own counters alone.
    case counters

    /// As screen and commands name it.
    public var name: String {
      switch self {
      case .store(let name): name
      case .accessLogs: TrafficSource.accessLogs.name
      case .counters: "counters"
      }
    }
  }

  public var end: Timestamp
  /// From when on anything was observed: slices of histories that lie before it say nothing.
  public var observedSince: Timestamp
  /// How much time the figures cover; shorter than what was asked for while little has been read.
  public var window: Duration
  /// The length of a slice of the edges' histories.
  public var slice: Duration
  public var source: Source
  /// Whether only a part of the proxies' logs is read.
  public var coverage: LogCoverage?
  /// What stands in the way of better figures, or makes these doubtful: sentences without a full stop.
  public var remarks: [String]
  public var edges: [EdgeID: EdgeTraffic]

  public init(
    end: Timestamp, observedSince: Timestamp? = nil, window: Duration, slice: Duration = .seconds(5), source: Source,
    coverage: LogCoverage? = nil, remarks: [String] = [], edges: [EdgeID: EdgeTraffic]
  ) {
    self.end = end
    self.observedSince = observedSince ?? end - window
    self.window = window
    self.slice = slice
    self.source = source
    self.coverage = coverage
    self.remarks = remarks
    self.edges = edges
  }

  /// When a slice of an edge's history begins.
  public func start(ofSlice number: Int, of traffic: EdgeTraffic) -> Timestamp {
    (traffic.end ?? end) - slice * (traffic.history.count - number)
  }

  /// A count as requests each second.
  public func perSecond(_ count: Double) -> Double? { window > .zero ? count / window.seconds : nil }
}
