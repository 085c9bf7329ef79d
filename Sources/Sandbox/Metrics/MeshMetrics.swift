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
  private let extent: Extent
  private let state = Mutex(State())

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
