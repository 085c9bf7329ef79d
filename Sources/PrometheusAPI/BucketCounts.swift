/// A classic histogram: how many samples lie at or below each bound. Those of several series add up.
public struct BucketCounts: Hashable, Sendable {
  /// By bound (`le`); the highest is infinite in a whole histogram.
  private var counts: [Double: Double]

  public init() { counts = [:] }

  /// Adds the count of a bucket as a store writes it; what is no number or no count is passed over.
  public mutating func add(_ count: Double, upTo bound: String) {
    guard let bound = Double(bound), !bound.isNaN, count.isFinite, count >= 0 else { return }
    counts[bound, default: 0] += count
  }

  public mutating func add(_ other: BucketCounts) {
    for (bound, count) in other.counts { counts[bound, default: 0] += count }
  }

  /// The value below which this part (0 to 1) of the samples lies, computed as Prometheus does (`bucketQuantile`): within
  /// a bucket samples are taken to be evenly spread, and above the highest finite bound nothing is known but the bound.
  /// `nil` where there are no samples, or no bucket without an upper bound.
  public func quantile(_ part: Double) -> Double? {
    let bounds = counts.keys.sorted()
    guard (0...1).contains(part), bounds.count >= 2, bounds.last == .infinity else { return nil }
    // A scrape is not one moment to all buckets: a count below that of a lower bound is taken to be the same.
    var highest = 0.0
    let rising = bounds.map { bound in
      highest = max(highest, counts[bound] ?? 0)
      return highest
    }
    guard let all = rising.last, all > 0, let place = rising.firstIndex(where: { $0 >= part * all }) else { return nil }
    if place == bounds.count - 1 { return bounds[bounds.count - 2] }
    if place == 0, bounds[0] <= 0 { return bounds[0] }
    let below = place == 0 ? 0 : rising[place - 1]
    let start = place == 0 ? 0 : bounds[place - 1]
    let here = rising[place] - below
    guard here > 0 else { return bounds[place] }
    return start + (bounds[place] - start) * (part * all - below) / here
  }
}
