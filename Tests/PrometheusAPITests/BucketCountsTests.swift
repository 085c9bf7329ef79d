import Peers
import PrometheusAPI
import Testing

@Suite struct BucketCountsTests {
  func buckets(_ counts: KeyValuePairs<String, Double>) -> BucketCounts {
    var buckets = BucketCounts()
    for (bound, count) in counts { buckets.add(count, upTo: bound) }
    return buckets
  }

  @Test func samplesAreSpreadEvenlyWithinABucket() {
    let counts = buckets(["10": 50, "20": 90, "+Inf": 100])
    #expect(counts.quantile(0.25) == 5)
    #expect(counts.quantile(0.5) == 10)
    #expect(counts.quantile(0.7) == 15)
    #expect(counts.quantile(0.99) == 20, "above the highest finite bound nothing is known but the bound")
  }

  @Test func emptyBucketsBelowMoveNothing() {
    #expect(buckets(["1": 0, "5": 10, "+Inf": 10]).quantile(0.5) == 3)
  }

  @Test(
    arguments: [
      [:], ["+Inf": 5], ["10": 5], ["10": 0, "+Inf": 0], ["x": 5, "+Inf": 5], ["nan": 5, "+Inf": 5],
      ["10": .nan, "+Inf": .nan], ["10": -1, "+Inf": -1],
    ] as [[String: Double]])
  func whatIsNoHistogramHasNoQuantile(_ counts: [String: Double]) {
    var buckets = BucketCounts()
    for (bound, count) in counts { buckets.add(count, upTo: bound) }
    #expect(buckets.quantile(0.5) == nil)
  }

  @Test func noPartOutsideOfTheWhole() {
    let counts = buckets(["10": 50, "+Inf": 50])
    for part in [-0.1, 1.1, .nan, .infinity] { #expect(counts.quantile(part) == nil) }
  }

  @Test func aCountThatFallsIsTakenAsTheOneBelow() {
    #expect(buckets(["10": 50, "20": 40, "+Inf": 50]).quantile(1) == 10)
  }

  /// Quantiles rise, and stay within the bucket that they are in.
  @Test(arguments: 1...50) func quantilesRise(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var counts = BucketCounts()
    var all = 0.0
    for bound in [0.5, 1, 5, 10, 25, 50, 100] {
      all += Double(Int.random(in: 0...20, using: &random))
      counts.add(all, upTo: "\(bound)")
    }
    counts.add(all + 1, upTo: "+Inf")
    let values = try stride(from: 0, through: 1, by: 0.05).map { try #require(counts.quantile($0), "seed \(seed)") }
    #expect(values == values.sorted(), "seed \(seed)")
    #expect(values.allSatisfy { (0...100).contains($0) }, "seed \(seed)")
  }
}
