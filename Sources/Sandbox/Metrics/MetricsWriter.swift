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
