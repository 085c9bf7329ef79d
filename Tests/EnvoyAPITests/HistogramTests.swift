import EnvoyAPI
import Peers
import Testing

@Suite struct HistogramTests {
  func histogram(_ bins: [(Double, Double, UInt64)]) -> Histogram {
    Histogram(bins: bins.map { Histogram.Bin(lowerBound: $0.0, width: $0.1, count: $0.2) })
  }

  /// A recorded one, with the quantiles that Envoy itself computed.
  @Test func percentilesAreEnvoys() {
    let recorded = histogram([
      (0, 0, 150), (1, 0.1, 4), (2, 0.1, 1), (3, 0.1, 1), (40, 1, 27), (41, 1, 54), (42, 1, 40), (43, 1, 49),
      (44, 1, 36), (45, 1, 13), (46, 1, 12), (47, 1, 7), (48, 1, 6),
    ])
    let envoys: [(Double, Double)] = [
      (0, 0), (25, 0), (50, 41.30909090909091), (75, 43.46), (90, 44.91891891891892), (95, 46.38461538461539),
      (99, 48.285714285714285), (99.5, 48.57142857142857), (99.9, 48.857142857142854), (100, 48.857142857142854),
    ]
    for (percent, value) in envoys {
      #expect(abs((recorded.percentile(percent) ?? .nan) - value) < 1e-9, "P\(percent)")
    }
  }

  @Test func nothingHasNoPercentile() {
    #expect(Histogram().percentile(50) == nil)
    #expect(histogram([(1, 0.1, 3)]).percentile(101) == nil)
    #expect(histogram([(1, 0.1, 3)]).percentile(.nan) == nil)
    #expect(histogram([(.nan, 1, 3), (1, .infinity, 2), (2, -1, 1), (3, 1, 0)]).isEmpty)
  }

  @Test func aResetStartsAnew() {
    let before = histogram([(1, 0.1, 10), (5, 0.1, 4)])
    #expect(
      histogram([(1, 0.1, 12), (2, 0.1, 1), (5, 0.1, 4)]).since(before) == histogram([(1, 0.1, 2), (2, 0.1, 1)]))
    #expect(before.since(before).isEmpty)
    #expect(before.since(Histogram()) == before)
    let lessInOneBin = histogram([(1, 0.1, 30), (5, 0.1, 3)])
    #expect(lessInOneBin.since(before) == lessInOneBin)
    for gone in [histogram([(5, 0.1, 9)]), histogram([(1, 0.1, 99)]), Histogram()] {
      #expect(gone.since(before) == gone)
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func whatIsAddedComesBack(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<200 {
      func some() -> Histogram {
        histogram(
          (0..<Int.random(in: 0...12, using: &random)).map { _ in
            (Double(Int.random(in: 0...20, using: &random)), 1, UInt64.random(in: 1...50, using: &random))
          })
      }
      let (before, new) = (some(), some())
      let after = before.merging(new)
      #expect(after == new.merging(before), "seed \(seed)")
      #expect(after.count == before.count + new.count, "seed \(seed)")
      #expect(after.since(before) == new, "seed \(seed)")
      var last = -1.0
      for percent in stride(from: 0.0, through: 100, by: 2.5) where !after.isEmpty {
        let value = after.percentile(percent) ?? .nan
        #expect(value >= last, "seed \(seed)")
        last = value
      }
    }
  }

  @Test func countsDoNotOverflow() {
    let full = histogram([(1, 1, .max), (2, 1, .max)])
    #expect(full.count == .max)
    #expect(full.merging(full).count == .max)
    #expect(full.percentile(50) != nil)
  }
}
