internal import Synchronization

/// Istio's standard metrics of all proxies, counted up request by request. A series begins with its first request.
final class MeshMetrics: Sendable {
  struct Measures: Sendable {
    var milliseconds: Int
    /// On the wire, heads included; `nil` where nobody counted them.
    var bytes: (received: Int, sent: Int)?
  }

  /// How much is told. Histograms are most of all series, and who runs a large mesh has fewer of them: durations told by
  /// the callers alone (Istio's Telemetry resource), in fewer buckets (the annotation
  /// `sidecar.istio.io/statsHistogramBuckets`).
  enum Extent: Sendable { case all, few }

  private static let fewBounds: [Double] = [5, 10, 25, 50, 100, 250, 500, 1000]

  private struct Series {
    /// As they stand in each line, without the braces.
    let labels: [UInt8]
    var requests = 0
    var durations: BucketCounts?
    var received: BucketCounts?
    var sent: BucketCounts?
  }

  private struct State {
    var series: [Series] = []
    var places: [RequestLabels: Int] = [:]
  }

  private let pods: [String: MeshPod]
  private let state = Mutex(State())

  private let extent: Extent

  init(pods: [MeshPod], extent: Extent = .all) {
    self.pods = Dictionary(pods.map { ($0.id, $0) }) { first, _ in first }
    self.extent = extent
  }

  func count(_ labels: RequestLabels, _ measures: Measures) {
    state.withLock { state in
      let place: Int
      if let known = state.places[labels] {
        place = known
      } else {
        place = state.series.count
        state.places[labels] = place
        var series = Series(labels: Array(labels.text(pods: pods).utf8))
        if extent == .all || labels.reporter == .source { series.durations = BucketCounts() }
        state.series.append(series)
      }
      state.series[place].requests += 1
      state.series[place].durations?.count(measures.milliseconds)
      guard let bytes = measures.bytes else { return }
      state.series[place].received = state.series[place].received ?? BucketCounts()
      state.series[place].received?.count(bytes.received)
      state.series[place].sent = state.series[place].sent ?? BucketCounts()
      state.series[place].sent?.count(bytes.sent)
    }
  }

  /// In Prometheus' text format (prometheus.io, "Exposition formats", version 0.0.4), as Envoy writes it; piece by
  /// piece, since a large mesh has much of it.
  func write(_ write: ([UInt8]) async throws -> Void) async throws {
    let series = state.withLock { $0.series }
    var writer = MetricsWriter(bounds: extent == .all ? BucketCounts.bounds : Self.fewBounds)
    writer.family("istio_requests_total", .counter)
    for one in series {
      writer.sample("istio_requests_total", one.labels, one.requests)
      try await writer.passOn(to: write)
    }
    let histograms: [(name: String, counts: (Series) -> BucketCounts?)] = [
      ("istio_request_duration_milliseconds", { $0.durations }), ("istio_request_bytes", { $0.received }),
      ("istio_response_bytes", { $0.sent }),
    ]
    for (name, counts) in histograms where series.contains(where: { counts($0) != nil }) {
      writer.family(name, .histogram)
      for one in series {
        guard let counts = counts(one) else { continue }
        writer.histogram(name, one.labels, counts)
        try await writer.passOn(to: write)
      }
    }
    try await writer.passOn(to: write, atLeast: 1)
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

  private var bytes: [UInt8] = []
  /// Of each bucket that is shown, by its place among all.
  private let bucketLabels: [(place: Int, label: [UInt8])]

  /// - Parameter bounds: the buckets that are shown besides the last; what falls into others is in the next.
  init(bounds: [Double]) {
    let shown = BucketCounts.bounds.enumerated().filter { bounds.contains($0.element) }
      .map { ($0.offset, $0.element == 0.5 ? "0.5" : String(Int($0.element))) }
    bucketLabels = (shown + [(BucketCounts.bounds.count, "+Inf")]).map { ($0.0, Array(",le=\"\($0.1)\"".utf8)) }
  }

  mutating func family(_ name: String, _ kind: Kind) { bytes += "# TYPE \(name) \(kind.rawValue)\n".utf8 }

  mutating func sample(_ name: String, _ labels: [UInt8], _ value: Int) { write(name, labels, [], value) }

  mutating func histogram(_ name: String, _ labels: [UInt8], _ counts: BucketCounts) {
    var total = 0
    var next = 0
    for (place, label) in bucketLabels {
      while next <= place {
        total += counts.counts[next]
        next += 1
      }
      write("\(name)_bucket", labels, label, total)
    }
    write("\(name)_sum", labels, [], counts.sum)
    write("\(name)_count", labels, [], total)
  }

  /// Gives away what is written when it is worth it.
  mutating func passOn(to take: ([UInt8]) async throws -> Void, atLeast size: Int = 256 << 10) async throws {
    guard bytes.count >= size else { return }
    try await take(bytes)
    bytes.removeAll(keepingCapacity: true)
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
