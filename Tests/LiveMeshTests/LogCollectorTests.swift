import MeshModel
import Peers
import Testing

@testable import LiveMesh

@Suite(.timeLimit(.minutes(1))) struct LogCollectorTests {
  private func line(_ seconds: Int64, _ text: String, _ proxy: String = "a.b") -> LogLine {
    LogLine(proxy: ProxyID(proxy), time: Timestamp(seconds: seconds), text: text)
  }

  private func batch(_ events: [FeedEvent<LogBatch>]) -> LogBatch? {
    events.lazy.compactMap { if case .value(let batch) = $0 { batch } else { nil } }.first
  }

  @Test func linesOfManyLogsComeInTheOrderOfTheirTimes() async {
    let collector = LogCollector()
    #expect(collector.take().isEmpty)
    await collector.add([line(1, "a1"), line(3, "a3"), line(3, "a3 again")])
    await collector.add([line(2, "b2", "b.b"), line(4, "b4", "b.b")])
    #expect(batch(collector.take())?.lines.map(\.text) == ["a1", "b2", "a3", "a3 again", "b4"])
    #expect(collector.take().isEmpty)
  }

  @Test func whatIsTooMuchIsDroppedAndCountedForEachLog() async throws {
    let chunk = (0..<100).map { line($0, "x") }
    let cost = chunk.reduce(0) { $0 + $1.cost }
    let collector = LogCollector(limit: 3 * cost)
    for proxy in ["a.b", "c.b", "c.b", "a.b", "a.b", "a.b"] {
      await collector.add((0..<100).map { line($0, "x", proxy) })
    }
    let taken = try #require(batch(collector.take()))
    #expect(taken.lines.count == 300)
    #expect(taken.dropped == 300)
    #expect(
      taken.marks == [
        LogMark(.dropped(100, over: .seconds(99)), proxy: ProxyID("a.b"), time: Timestamp(seconds: 99)),
        LogMark(.dropped(200, over: .seconds(99)), proxy: ProxyID("c.b"), time: Timestamp(seconds: 99)),
      ])
    await collector.add([line(1, "next")])
    #expect(batch(collector.take())?.dropped == 0)
  }

  @Test func aLineLargerThanTheLimitIsStillTold() async {
    let collector = LogCollector(limit: 10)
    await collector.add([line(1, String(repeating: "x", count: 1_000))])
    #expect(batch(collector.take())?.lines.count == 1)
  }

  @Test func theFirstBatchIsTheNewestLinesOfAll() async {
    let collector = LogCollector()
    await collector.add((0..<200).map { line($0, "a") })
    await collector.add((100..<300).map { line($0, "b", "b.b") })
    let first = batch(collector.take(most: 200))
    #expect(first?.lines.count == 200)
    #expect(first?.dropped == 0)
    #expect(first?.lines.first?.time == Timestamp(seconds: 150))
  }

  @Test func troubleComesAfterWhatWasReadBeforeIt() async {
    let collector = LogCollector()
    let trouble = Trouble(.unreachable, "gone")
    collector.note(trouble)
    await collector.add([line(1, "a")])
    let events = collector.take()
    #expect(events.count == 2 && events.last == .trouble(trouble))
    #expect(collector.take().isEmpty, "it is told once")
  }

  /// Whatever comes in whatever order and is taken whenever: each line is taken or counted as dropped, once.
  @Test(arguments: 0..<20) func eachLineIsTakenOrCounted(_ seed: UInt64) async {
    var generator = SeededGenerator(seed: seed)
    let collector = LogCollector(limit: Int.random(in: 200...20_000, using: &generator))
    var next = 0
    var taken: [String] = []
    var dropped = 0
    func take() {
      guard let batch = batch(collector.take()) else { return }
      #expect(zip(batch.lines, batch.lines.dropFirst()).allSatisfy { $0.time <= $1.time }, "seed \(seed)")
      taken += batch.lines.map(\.text)
      dropped += batch.dropped
    }
    for _ in 0..<200 {
      let count = Int.random(in: 1...30, using: &generator)
      await collector.add(
        (0..<count).map { _ in
          next += 1
          return line(.random(in: 0...50, using: &generator), "\(next)", "p\(next % 3).n")
        })
      if Int.random(in: 0..<4, using: &generator) == 0 { take() }
    }
    take()
    #expect(Set(taken).count == taken.count, "seed \(seed)")
    #expect(taken.count + dropped == next, "seed \(seed)")
  }

  /// Where nothing may be lost, the logs wait for the reader: what is held stays bounded, and all of it arrives.
  @Test func whatMayNotBeDroppedWaits() async throws {
    let collector = LogCollector(limit: 10 * line(0, "x").cost, overflow: .waits)
    async let written: Void = {
      for number in 0..<500 { await collector.add([line(Int64(number), "\(number)")]) }
    }()
    var taken: [String] = []
    while taken.count < 500 {
      await collector.wait()
      guard let batch = batch(collector.take()) else { continue }
      #expect(batch.dropped == 0 && batch.lines.count <= 12)
      taken += batch.lines.map(\.text)
    }
    await written
    #expect(taken == (0..<500).map(String.init))
    // Nobody is kept waiting for a reader that has left.
    await collector.add((0..<100).map { line($0, "x") })
    let last = Task { await collector.add([line(0, "last")]) }
    collector.close()
    await last.value
  }

  @Test func aReaderThatIsCancelledWaitsNoLonger() async {
    let collector = LogCollector()
    let reader = Task { await collector.wait() }
    reader.cancel()
    await reader.value
  }
}
