import MeshModel

/// How many requests both ends of one edge report in one span of time, put together so that none counts twice.
///
/// The destination's proxy is believed where it reports: it sees what the workload answered. What the caller's proxy
/// answered by itself never reached it, and is added from the caller's report.
struct RequestTally: Sendable {
  private struct Count {
    var requests = 0.0
    var errors = 0.0
  }

  private var counts = PerReporter(repeating: Count())
  private var unreached = Count()
  private var slowest = PerReporter<Double?>(repeating: nil)
  private var isCounted = false

  /// A count beyond this is none: sums of such stay numbers.
  private static let most = 1e15

  static func isCount(_ value: Double) -> Bool { value >= 0 && value <= most }

  /// Counts requests, or connections, that ended alike. What is no count says nothing.
  mutating func add(_ count: Double, _ report: EdgeReport) {
    guard Self.isCount(count) else { return }
    isCounted = true
    let errors = report.isError ? count : 0
    if report.neverReached {
      unreached.requests += count
      unreached.errors += errors
    } else {
      counts[report.reporter].requests += count
      counts[report.reporter].errors += errors
    }
  }

  /// Of workloads that are one node, the slowest counts.
  mutating func add(p99 milliseconds: Double, _ reporter: EdgeReport.Reporter) {
    slowest[reporter] = Duration.slower(slowest[reporter], milliseconds)
  }

  /// That bytes were seen tells of traffic, too, if of no requests.
  mutating func noteTraffic() { isCounted = true }

  /// Whose word on the requests is taken; `nil` where nobody saw any.
  var believed: EdgeReport.Reporter? {
    EdgeReport.Reporter.allCases.last { counts[$0].requests > 0 }
  }

  /// `nil` where nothing but latencies is known.
  var sums: (requests: Double, errors: Double)? {
    guard isCounted else { return nil }
    let count = believed.map { counts[$0] } ?? Count()
    return (count.requests + unreached.requests, count.errors + unreached.errors)
  }

  var p99: Duration? { slowest.nearest { $0 }.flatMap(Duration.init(histogramMilliseconds:)) }

  var slice: EdgeTraffic.Slice? {
    sums.map { EdgeTraffic.Slice(requests: $0.requests, errors: $0.errors, p99: p99) }
  }

  var before: EdgeTraffic.Before? {
    sums.map { EdgeTraffic.Before(requests: $0.requests, errors: $0.errors, p99: p99) }
  }
}

extension Duration {
  /// The slower of two latencies of a histogram, in milliseconds; what no request takes is passed over.
  static func slower(_ known: Double?, _ milliseconds: Double) -> Double? {
    guard milliseconds.isFinite, milliseconds >= 0 else { return known }
    return max(known ?? 0, milliseconds)
  }

  /// `nil` for what no request takes: a histogram's bounds come from elsewhere.
  init?(histogramMilliseconds milliseconds: Double) {
    guard milliseconds >= 0, milliseconds < 1e12 else { return nil }
    self = .microseconds(Int64(milliseconds * 1000))
  }
}
