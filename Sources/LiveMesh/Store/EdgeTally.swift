import MeshModel

/// What both ends of one edge report in one window: the requests, and with what codes, flags, security, latencies and
/// bytes. Of each, the word of the end counts that is nearest to the destination: it sees the caller's certificate.
struct EdgeTally: Sendable {
  fileprivate struct Answers {
    var codes: [String: Double] = [:]
    var flags: [String: Double] = [:]

    mutating func add(_ count: Double, _ report: EdgeReport) {
      guard count > 0 else { return }
      if report.edge.traffic != .tcp { codes[report.answer.code, default: 0] += count }
      for flag in Set(report.answer.flags) { flags[flag, default: 0] += count }
    }

    mutating func add(_ other: Answers) {
      codes.merge(other.codes, uniquingKeysWith: +)
      flags.merge(other.flags, uniquingKeysWith: +)
    }
  }

  fileprivate struct Details {
    var answers = Answers()
    var mutual = 0.0
    var plaintext = 0.0
    /// In milliseconds, as the store computed them.
    var p50: Double?
    var p95: Double?
    var bytes: EdgeTraffic.Bytes?
  }

  private var requests = RequestTally()
  private var details = PerReporter(repeating: Details())
  private var unreached = Answers()

  /// Counts requests, or connections, that ended alike.
  mutating func add(_ count: Double, _ report: EdgeReport) {
    guard RequestTally.isCount(count) else { return }
    requests.add(count, report)
    guard !report.neverReached else {
      unreached.add(count, report)
      return
    }
    details[report.reporter].answers.add(count, report)
    switch report.security {
    case .mutualTLS: details[report.reporter].mutual += count
    case .plaintext: details[report.reporter].plaintext += count
    case .unknown: break
    }
  }

  mutating func add(_ part: StoreMetrics.LatencyPart, milliseconds: Double, _ reporter: EdgeReport.Reporter) {
    switch part {
    case .p50: details[reporter].p50 = Duration.slower(details[reporter].p50, milliseconds)
    case .p95: details[reporter].p95 = Duration.slower(details[reporter].p95, milliseconds)
    case .p99: requests.add(p99: milliseconds, reporter)
    }
  }

  mutating func addBytes(sent: Double = 0, received: Double = 0, _ reporter: EdgeReport.Reporter) {
    guard RequestTally.isCount(sent), RequestTally.isCount(received) else { return }
    var bytes = details[reporter].bytes ?? EdgeTraffic.Bytes(sent: 0, received: 0)
    bytes.sent += sent
    bytes.received += received
    details[reporter].bytes = bytes
    requests.noteTraffic()
  }

  /// `nil` where nothing but latencies is known of the edge.
  var traffic: EdgeTraffic? {
    guard let sums = requests.sums else { return nil }
    let believed = requests.believed.map { details[$0] } ?? Details()
    var answers = believed.answers
    answers.add(unreached)
    return EdgeTraffic(
      requests: sums.requests, errors: sums.errors,
      p50: details.nearest(\.p50).flatMap(Duration.init(histogramMilliseconds:)),
      p95: details.nearest(\.p95).flatMap(Duration.init(histogramMilliseconds:)), p99: requests.p99,
      codes: answers.codes,
      flags: Dictionary(uniqueKeysWithValues: answers.flags.map { (ResponseFlag($0.key), $0.value) }),
      security: believed.security, bytes: details.nearest(\.bytes))
  }
}

extension EdgeTally.Details {
  fileprivate var security: EdgeTraffic.Security {
    switch (mutual, plaintext) {
    case (0, 0): .unknown
    case (_, 0): .mutualTLS
    case (0, _): .plaintext
    default: .mixed(mutual: mutual / (mutual + plaintext))
    }
  }
}
