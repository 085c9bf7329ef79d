internal import Synchronization

/// Istio's standard metrics of all proxies, counted up request by request. A series begins with its first request.
final class MeshMetrics: Sendable {
  struct Measures: Sendable {
    var milliseconds: Int
    /// On the wire, heads included; `nil` where nobody counted them.
    var bytes: (received: Int, sent: Int)?
  }

  private struct Series {
    /// As they stand in each line, without the braces.
    let labels: [UInt8]
    var requests = 0
    var durations = BucketCounts()
    var received: BucketCounts?
    var sent: BucketCounts?
  }

  private struct State {
    var series: [Series] = []
    var places: [RequestLabels: Int] = [:]
  }

  private let pods: [String: MeshPod]
  private let state = Mutex(State())

  init(pods: [MeshPod]) { self.pods = Dictionary(pods.map { ($0.id, $0) }) { first, _ in first } }

  func count(_ labels: RequestLabels, _ measures: Measures) {
    state.withLock { state in
      let place: Int
      if let known = state.places[labels] {
        place = known
      } else {
        place = state.series.count
        state.places[labels] = place
        state.series.append(Series(labels: Array(labels.text(pods: pods).utf8)))
      }
      state.series[place].requests += 1
      state.series[place].durations.count(measures.milliseconds)
      guard let bytes = measures.bytes else { return }
      state.series[place].received = state.series[place].received ?? BucketCounts()
      state.series[place].received?.count(bytes.received)
      state.series[place].sent = state.series[place].sent ?? BucketCounts()
      state.series[place].sent?.count(bytes.sent)
    }
  }

  /// In Prometheus' text format (prometheus.io, "Exposition formats", version 0.0.4), as Envoy writes it.
  func text() -> [UInt8] {
    let series = state.withLock { $0.series }
    var writer = MetricsWriter()
    writer.family("istio_requests_total", .counter)
    for one in series { writer.sample("istio_requests_total", one.labels, one.requests) }
    writer.histogram("istio_request_duration_milliseconds", series.map { ($0.labels, $0.durations) })
    writer.histogram("istio_request_bytes", series.compactMap { one in one.received.map { (one.labels, $0) } })
    writer.histogram("istio_response_bytes", series.compactMap { one in one.sent.map { (one.labels, $0) } })
    return writer.bytes
  }
}

/// A histogram with Envoy's buckets, which Istio leaves as they are.
struct BucketCounts: Sendable {
  /// Upper bounds, inclusive; a last bucket has none.
  static let bounds: [Double] = [
    0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000,
    3_600_000,
  ]

  private(set) var counts = InlineArray<20, Int>(repeating: 0)
  private(set) var sum = 0

  mutating func count(_ value: Int) {
    counts[Self.bounds.firstIndex { Double(value) <= $0 } ?? Self.bounds.count] += 1
    sum += value
  }
}

/// Writes Prometheus' text format.
struct MetricsWriter {
  enum Kind: String { case counter, histogram }

  private(set) var bytes: [UInt8] = []
  private static let bucketLabels = (BucketCounts.bounds.map { $0 == 0.5 ? "0.5" : String(Int($0)) } + ["+Inf"]).map {
    Array(",le=\"\($0)\"".utf8)
  }

  mutating func family(_ name: String, _ kind: Kind) { bytes += "# TYPE \(name) \(kind.rawValue)\n".utf8 }

  mutating func sample(_ name: String, _ labels: [UInt8], _ value: Int) { write(name, labels, [], value) }

  mutating func histogram(_ name: String, _ all: [(labels: [UInt8], counts: BucketCounts)]) {
    guard !all.isEmpty else { return }
    family(name, .histogram)
    for (labels, counts) in all {
      var total = 0
      for (place, label) in Self.bucketLabels.enumerated() {
        total += counts.counts[place]
        write("\(name)_bucket", labels, label, total)
      }
      write("\(name)_sum", labels, [], counts.sum)
      write("\(name)_count", labels, [], total)
    }
  }

  private mutating func write(_ name: String, _ labels: [UInt8], _ more: [UInt8], _ value: Int) {
    bytes += name.utf8
    bytes.append(UInt8(ascii: "{"))
    bytes += labels
    bytes += more
    bytes += "} ".utf8
    bytes += String(value).utf8
    bytes.append(UInt8(ascii: "\n"))
  }
}
