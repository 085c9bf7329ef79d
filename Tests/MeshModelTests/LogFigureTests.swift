import MeshModel
import Peers
import ProxyLogs
import Testing

@Suite struct LogFigureTests {
  private func line(_ text: String) -> LogLine {
    LogLine(ProxyLogLine(text), proxy: ProxyID("gateway-1.ingress"), arrival: Timestamp(seconds: 5))
  }

  private func request(path: String, code: Int, flags: String = "-", ms: Int = 3) -> LogLine {
    line(
      #"{"response_code":\#(code),"path":"\#(path)","response_flags":"\#(flags)","duration":\#(ms),"upstream_cluster":"outbound|80|v1|a.b.svc"}"#
    )
  }

  @Test func rowsAreOrderedAndPathsLoseTheirQuery() {
    var top = LogTop(.paths)
    for (path, code) in [("/a?x=1", 200), ("/a?x=2", 503), ("/b", 0), ("/a", 404)] {
      top.add(request(path: path, code: code, ms: code))
    }
    top.add(line("words"))
    let rows = top.rows(most: 10)
    #expect(rows.map(\.name) == ["/a", "/b"] && rows.map(\.lines) == [3, 1] && rows.map(\.errors) == [1, 1])
    #expect(rows.map(\.longest) == [503, 0] && top.lines == 4 && top.isExact)
    #expect(top.rows(most: 1).count == 1)
  }

  @Test func flagsCallersAndUpstreams() {
    var flags = LogTop(.flags), callers = LogTop(.callers), upstreams = LogTop(.upstreams)
    let line = request(path: "/", code: 503, flags: "URX,UF")
    flags.add(line)
    callers.add(line)
    upstreams.add(line)
    #expect(flags.rows(most: 9).map(\.name) == ["UF", "URX"])
    #expect(callers.rows(most: 9).map(\.name) == ["gateway-1"])
    #expect(upstreams.rows(most: 9).map(\.name) == ["a/v1:80"])
  }

  /// A flood of different paths takes no more memory, and what is frequent stays.
  @Test func theRareAreForgottenAndCounted() {
    var top = LogTop(.paths)
    for number in 0..<20_000 {
      top.add(request(path: "/\(number)", code: 200))
      top.add(request(path: "/often", code: 200))
    }
    #expect(top.rows(most: 1).map(\.lines) == [20_000])
    #expect(top.rows(most: .max).count <= 4_096 && !top.isExact)
    let rest = top.rows(most: .max).reduce(0) { $0 + $1.lines }
    #expect(top.forgotten + rest <= 40_000 && top.forgotten > 10_000 && top.mostMissing == 1)
  }

  @Test func barsCountEachLineOfTheSpanOnce() {
    for seed in 1...20 as ClosedRange<UInt64> {
      var random = SeededGenerator(seed: seed)
      var histogram = LogHistogram()
      let times = (0..<500).map { _ in Timestamp(nanoseconds: Int64.random(in: 0..<100_000_000_000, using: &random)) }
      for time in times {
        histogram.add(LogHistogram.Class(code: [200, 503, 0].randomElement(using: &random) ?? 0), at: time)
      }
      let span = histogram.span
      #expect(span.map { bars(histogram, $0) } == 500, "seed \(seed)")
      let half = Timestamp(seconds: 0)..<Timestamp(seconds: 50)
      #expect(bars(histogram, half) == times.count { $0 < half.upperBound }, "seed \(seed)")
    }
  }

  /// Whatever came when: bars that begin at multiples of their length, no more than there is room for, with every line
  /// in the one of its time.
  @Test(arguments: 0..<20 as Range<UInt64>)
  func theScaleHasRoomForEveryLine(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var histogram = LogHistogram()
    let spread = Int64(10) << Int64.random(in: 0...50, using: &random)
    let base = Int64.random(in: -(1 << 60)...(1 << 60), using: &random)
    let times = (0..<200).map { _ in Timestamp(nanoseconds: base + .random(in: 0...spread, using: &random)) }
    for time in times { histogram.add(.succeeded, at: time) }
    let room = Int.random(in: 1...200, using: &random)
    let scale = try #require(histogram.scale(most: room), "seed \(seed)")
    let length = scale.bar.nanoseconds
    #expect(scale.count <= room && scale.span.lowerBound.nanoseconds % length == 0, "seed \(seed)")
    let bars = histogram.bars(over: scale.span, count: scale.count)
    for (place, bar) in bars.enumerated() {
      let start = scale.span.lowerBound + scale.bar * place
      #expect(bar.total == times.count { start <= $0 && $0 < start + scale.bar }, "seed \(seed), bar \(place)")
    }
  }

  @Test func whatCannotBeToldHasNoScale() {
    var histogram = LogHistogram()
    #expect(histogram.scale(most: 80) == nil)
    for moment in [Int64.min, 0, .max] { histogram.add(.failed, at: Timestamp(nanoseconds: moment)) }
    #expect(histogram.scale(most: 80) == nil)
  }

  private func bars(_ histogram: LogHistogram, _ span: Range<Timestamp>) -> Int {
    histogram.bars(over: span, count: 17).reduce(0) { $0 + $1.total }
  }

  @Test func manyMomentsMakeLongerStepsAndLoseNothing() {
    var histogram = LogHistogram()
    for second in 0..<50_000 as Range<Int64> { histogram.add(.failed, at: Timestamp(seconds: second)) }
    histogram.add(.other, at: Timestamp(nanoseconds: .min))
    histogram.add(.other, at: Timestamp(nanoseconds: .max))
    #expect(histogram.step > .seconds(1))
    let bars = histogram.bars(over: Timestamp(seconds: 0)..<Timestamp(seconds: 50_000), count: 10)
    #expect(bars.reduce(0) { $0 + $1.errors } == 50_000)
  }

  @Test func whatWasAddedCanBeTakenBack() {
    var histogram = LogHistogram()
    let line = request(path: "/", code: 503)
    histogram.add(line)
    histogram.remove(line)
    #expect(histogram.isEmpty && histogram.span == nil)
  }
}
