import MeshModel

/// What both ends of one edge report in one window, put together so that no request counts twice.
///
/// The destination's proxy is believed where it reports: it sees what the workload answered, and the certificate of the
/// caller. What the caller's proxy answered by itself never reached it, and is added from the caller's report.
struct EdgeTally: Sendable {
  fileprivate struct Report: Sendable {
    var requests = 0.0
    var errors = 0.0
    var codes: [String: Double] = [:]
    var flags: [String: Double] = [:]
    var mutual = 0.0
    var plaintext = 0.0
    /// In milliseconds, as the store computed it.
    var latency: [StoreMetrics.LatencyPart: Double] = [:]
    var bytes: EdgeTraffic.Bytes?

    mutating func add(_ other: Report) {
      requests += other.requests
      errors += other.errors
      codes.merge(other.codes, uniquingKeysWith: +)
      flags.merge(other.flags, uniquingKeysWith: +)
    }
  }

  private var reports: [EdgeReport.Reporter: Report] = [:]
  private var unreached = Report()
  private var isCounted = false

  /// A count beyond this is none: sums of such stay numbers.
  private static let most = 1e15

  /// Counts requests, or connections, that ended alike.
  mutating func add(_ count: Double, _ report: EdgeReport) {
    guard count >= 0, count <= Self.most else { return }
    isCounted = true
    var answered = Report()
    answered.requests = count
    let isTCP = report.edge.traffic == .tcp
    let isError = isTCP ? report.answer.neverReached : report.answer.isError
    if count > 0 {
      if isError { answered.errors = count }
      if !isTCP { answered.codes = [report.answer.code: count] }
      answered.flags = Dictionary(report.answer.flags.map { ($0, count) }) { one, _ in one }
    }
    if report.reporter == .source, report.answer.neverReached {
      unreached.add(answered)
    } else {
      reports[report.reporter, default: Report()].add(answered)
      switch report.security {
      case .mutualTLS: reports[report.reporter, default: Report()].mutual += count
      case .plaintext: reports[report.reporter, default: Report()].plaintext += count
      case .unknown: break
      }
    }
  }

  /// Of workloads that are one node, the slowest counts.
  mutating func add(_ part: StoreMetrics.LatencyPart, milliseconds: Double, _ reporter: EdgeReport.Reporter) {
    guard milliseconds.isFinite, milliseconds >= 0 else { return }
    let known = reports[reporter]?.latency[part] ?? 0
    reports[reporter, default: Report()].latency[part] = max(known, milliseconds)
  }

  mutating func addBytes(sent: Double = 0, received: Double = 0, _ reporter: EdgeReport.Reporter) {
    guard sent >= 0, received >= 0, sent <= Self.most, received <= Self.most else { return }
    var bytes = reports[reporter]?.bytes ?? EdgeTraffic.Bytes(sent: 0, received: 0)
    bytes.sent += sent
    bytes.received += received
    reports[reporter, default: Report()].bytes = bytes
    isCounted = true
  }

  /// The end that is believed comes first: the one nearest to the destination.
  private var nearest: [Report] { reports.sorted { $0.key > $1.key }.map(\.value) }

  /// `nil` where nothing but latencies is known of the edge.
  var traffic: EdgeTraffic? {
    guard isCounted else { return nil }
    let nearest = nearest
    let believed = nearest.first { $0.requests > 0 } ?? nearest.first ?? Report()
    var all = believed
    all.add(unreached)
    func latency(_ part: StoreMetrics.LatencyPart) -> Duration? {
      nearest.lazy.compactMap { $0.latency[part] }.first.flatMap(Duration.init(histogramMilliseconds:))
    }
    return EdgeTraffic(
      requests: all.requests, errors: all.errors, p50: latency(.p50), p95: latency(.p95), p99: latency(.p99),
      codes: all.codes,
      flags: Dictionary(uniqueKeysWithValues: all.flags.map { (ResponseFlag($0.key), $0.value) }),
      security: believed.security, bytes: nearest.lazy.compactMap(\.bytes).first)
  }

  var slice: EdgeTraffic.Slice? {
    traffic.map { EdgeTraffic.Slice(requests: $0.requests, errors: $0.errors ?? 0, p99: $0.p99) }
  }

  var before: EdgeTraffic.Before? {
    traffic.map { EdgeTraffic.Before(requests: $0.requests, errors: $0.errors, p99: $0.p99) }
  }
}

extension EdgeTally.Report {
  fileprivate var security: EdgeTraffic.Security {
    switch (mutual, plaintext) {
    case (0, 0): .unknown
    case (_, 0): .mutualTLS
    case (0, _): .plaintext
    default: .mixed(mutual: mutual / (mutual + plaintext))
    }
  }
}

extension Duration {
  /// `nil` for what no request takes: a histogram's bounds come from elsewhere.
  fileprivate init?(histogramMilliseconds milliseconds: Double) {
    guard milliseconds >= 0, milliseconds < 1e12 else { return nil }
    self = .microseconds(Int64(milliseconds * 1000))
  }
}
