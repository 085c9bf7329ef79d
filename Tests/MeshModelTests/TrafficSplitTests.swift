import MeshModel
import Peers
import Testing

@Suite struct TrafficSplitTests {
  let v1 = Destination(host: "reviews.bookinfo.svc.cluster.local", subset: "v1")
  let v2 = Destination(host: "reviews.bookinfo.svc.cluster.local", subset: "v2")
  let v3 = Destination(host: "reviews.bookinfo.svc.cluster.local", subset: "v3")

  func split(_ weights: Int...) -> TrafficSplit {
    TrafficSplit(zip([v1, v2, v3], weights).map { .init(destination: $0, weight: Weight($1)) })
  }

  func weights(_ split: TrafficSplit) -> [Int] { split.shares.map(\.weight.value) }

  @Test func whatOneGainsTheOthersGiveInProportion() {
    #expect(weights(split(75, 25).giving(0, to: v2)) == [100, 0])
    #expect(weights(split(60, 30, 10).giving(40, to: v3)) == [40, 20, 40])
    #expect(weights(split(60, 30, 10).giving(40, to: v3, pinning: [v1])) == [60, 0, 40])
    #expect(weights(split(60, 30, 10).giving(90, to: v3, pinning: [v1])) == [60, 0, 40])
    #expect(weights(split(0, 0, 100).giving(0, to: v3)) == [50, 50, 0])
  }

  @Test func nobodyToGiveToLeavesEverythingAsItIs() {
    #expect(weights(split(75, 25).giving(0, to: v2, pinning: [v1])) == [75, 25])
    #expect(weights(split(7).giving(0, to: v1)) == [7])
  }

  @Test func aPercentageThatTheTotalCannotExpressRescalesToHundred() {
    #expect(weights(split(1, 1).giving(percent: 30, to: v2)) == [70, 30])
    #expect(weights(split(1, 1).giving(percent: 0, to: v2)) == [2, 0])
    #expect(weights(split(300, 100).giving(percent: 10, to: v2)) == [360, 40])
    #expect(weights(split(0, 0).giving(percent: 30, to: v2)) == [70, 30])
  }

  @Test func stepsMoveByPercentagePoints() {
    #expect(weights(split(75, 25).stepping(v2, by: -1)) == [76, 24])
    #expect(weights(split(75, 25).stepping(v2, by: -30)) == [100, 0])
    #expect(weights(split(1, 2).stepping(v1, by: 5)) == [38, 62])
  }

  @Test func evenSwapAndRescale() {
    #expect(weights(split(100, 0, 0).even()) == [34, 33, 33])
    #expect(weights(split(60, 30, 10).even(pinning: [v1])) == [60, 20, 20])
    #expect(weights(split(1, 0, 0).even()) == [34, 33, 33])
    #expect(weights(split(90, 10).swapping(v1, v2)) == [10, 90])
  }

  @Test func weightsFromOutsideMayBeAsLargeAsTheyFit() {
    let largest = Int(Int32.max)
    #expect(weights(split(largest, largest).rescaled(to: 100)) == [50, 50])
    #expect(weights(split(largest, largest).giving(percent: 0, to: v2)) == [2 * largest, 0])
    #expect(weights(split(largest, largest, largest).even()) == [largest, largest, largest])
  }

  @Test func refusals() {
    #expect(split(75, 25).refusal == nil)
    #expect(split(0).refusal == nil, "a lone destination takes everything whatever its weight")
    #expect(split(0, 0).refusal == "all weights are 0: at least one destination must take requests")
    #expect(split(-1, 101).refusal?.hasPrefix("reviews/v1 has weight -1") == true)
    #expect(split(1_000_001, 0).refusal != nil)
  }

  @Test func sharesCompareByRatio() {
    #expect(split(75, 25).sendsSameShares(as: split(3, 1)))
    #expect(split(100, 0).sendsSameShares(as: split(7)))
    #expect(!split(75, 25).sendsSameShares(as: split(75, 24)))
    #expect(split(50, 50, 0).sendsSameShares(as: split(1, 1)))
  }

  @Test func fractions() {
    #expect(split(75, 25).fraction(of: v2) == 0.25)
    #expect(split(0).fraction(of: v1) == 1)
    #expect(split(0, 0).fraction(of: v1) == nil)
    #expect(split(1, 1).fraction(of: v3) == nil)
  }

  @Test func randomEditsKeepTotalAndPins() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    let destinations = [v1, v2, v3]
    for _ in 0..<2000 {
      let start = TrafficSplit(
        destinations.map { .init(destination: $0, weight: Weight(.random(in: 0...100, using: &random))) })
      let target = destinations[.random(in: 0..<3, using: &random)]
      let pinned = Set(destinations.filter { _ in Bool.random(using: &random) }).subtracting([target])
      let edited = start.giving(Weight(.random(in: -10...320, using: &random)), to: target, pinning: pinned)
      #expect(edited.total == start.total, "seed \(seed)")
      #expect(edited.shares.allSatisfy { $0.weight.value >= 0 }, "seed \(seed)")
      for destination in pinned { #expect(edited[destination] == start[destination], "seed \(seed)") }
    }
  }
}
