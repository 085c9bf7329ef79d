import MeshModel
import Testing

@testable import LiveMesh

struct LogMergeTests {
  private func line(_ seconds: Int64, _ text: String, _ proxy: String = "a.b") -> LogLine {
    LogLine(proxy: ProxyID(proxy), time: Timestamp(seconds: seconds), text: text)
  }

  @Test func linesOfManyProxiesComeInTheOrderOfTheirTimes() {
    var merge = LogMerge()
    #expect(merge.take() == nil)
    merge.add([line(1, "a1"), line(3, "a3"), line(3, "a3 again")])
    merge.add([line(2, "b2", "b.b"), line(4, "b4", "b.b")])
    #expect(merge.take()?.lines.map(\.text) == ["a1", "b2", "a3", "a3 again", "b4"])
    #expect(merge.take() == nil)
  }

  @Test func whatIsTooMuchIsDroppedAndCounted() throws {
    var merge = LogMerge()
    merge.add((0..<1500).map { line($0, "x") })
    merge.add((1500..<3000).map { line($0, "x") })
    let taken = merge.take()
    let batch = try #require(taken)
    #expect(batch.lines.count == LogMerge.mostLines)
    #expect(batch.dropped == 1000)
    #expect(batch.lines.last?.time == Timestamp(seconds: 2999))
    merge.add([line(1, "next")])
    #expect(merge.take()?.dropped == 0)
  }

  @Test func theFirstBatchIsTheNewestLinesOfAll() {
    var merge = LogMerge()
    merge.add((0..<200).map { line($0, "a") })
    merge.add((100..<300).map { line($0, "b", "b.b") })
    merge.keepNewest(200)
    let batch = merge.take()
    #expect(batch?.lines.count == 200)
    #expect(batch?.dropped == 0)
    #expect(batch?.lines.first?.time == Timestamp(seconds: 150))
  }
}
