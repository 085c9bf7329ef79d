import ConsoleTestSupport
import MeshModel
import Peers
import ProxyLogs
import TerminalUI
import Testing

@testable import Console

@Suite struct LogTailTests {
  private let proxy = Bookinfo.proxyIDs[0]

  private func line(_ second: Int64, _ text: String = "x", _ proxy: ProxyID? = nil) -> LogLine {
    LogLine(proxy: proxy ?? self.proxy, time: Timestamp(seconds: second), text: text)
  }

  private func texts(_ tail: LogTail) -> [String] { tail.shown.compactMap { tail.ring[$0]?.line?.text } }

  private func tail(_ count: Int, limit: Int = LogSettings.standardRing) -> LogTail {
    var tail = LogTail(.proxy(proxy), limit: limit)
    for second in 0..<count { tail.take(.value(LogBatch(lines: [line(Int64(second))])), at: Bookinfo.start) }
    return tail
  }

  @Test func whoseLogsCanBeTyped() {
    var state = State(identity: Bookinfo.identity, size: Size(columns: 118, rows: 36), now: Bookinfo.start)
    _ = state.type("6l⏎")
    #expect(state.logTail.query == .namespace("bookinfo"), "those of the scope, where nothing else is said")
    state.prompt = Prompt(.logSource, "reviews/v3 + deploy/details-v1")
    _ = state.type("⏎l")
    #expect(state.logTail.query?.parts.count == 2)
    #expect(state.prompt?.input.text == "reviews/v3 + deploy/details-v1")
    // What names nothing leaves what is open, and what was typed.
    state.prompt = Prompt(.logSource, "deploy/")
    _ = state.type("⏎")
    #expect(state.prompt?.input.text == "deploy/" && state.notice?.contains("deploy/NAME") == true)
    #expect(state.logTail.query?.parts.count == 2)
    #expect(state.subscriptions.contains { if case .log = $0 { true } else { false } })
  }

  private static let request = """
    [2026-11-24T02:14:07.250Z] "GET /reviews/1?a=\u{1B}[2J,b HTTP/1.1" 503 UF via_upstream - "-" 0 95 7 6 "-" "curl/8" \
    "0f1e" "reviews:9080" "10.0.0.9:9080" outbound|9080|v3|reviews.bookinfo.svc.cluster.local 10.0.0.7:41200 \
    10.96.0.7:9080 10.0.0.7:50100 - default
    """

  private func tailing(_ lines: [LogLine], marks: [LogMark] = []) -> State {
    var state = State(identity: Bookinfo.identity, size: Size(columns: 118, rows: 36), now: Bookinfo.start)
    _ = state.type("6l⏎")
    _ = state.update(.log(.namespace("bookinfo"), .value(LogBatch(lines: lines, marks: marks))))
    return state
  }

  private var oneRequest: LogLine {
    LogLine(ProxyLogLine(Self.request), proxy: proxy, arrival: Bookinfo.start)
  }

  @Test func columnsAreChosenAndOrderedByTheirNames() {
    var state = tailing([oneRequest])
    #expect(Pictures.frame(state).text.contains("/reviews/1"))
    _ = state.type("c")
    #expect(state.prompt?.input.text == LogColumn.standard.map(\.rawValue).joined(separator: ","))
    state.prompt = Prompt(.logColumns, "code,time,")
    _ = state.type("up")
    _ = state.type("⇥")
    #expect(state.prompt?.input.text == "code,time,upms", "the first of two that begin so")
    _ = state.type("⏎")
    #expect(state.logColumns == [.code, .time, .upms])
    let rows = Pictures.frame(state).text.split(separator: "\n")
    let heading = rows.firstIndex { $0.contains("CODE") && $0.contains("TIME") && $0.contains("UPMS") }
    #expect(heading.map { rows[$0 + 1].contains("503  02:14:07.250") } == true)
    // What is no column changes nothing, and is told.
    state.prompt = Prompt(.logColumns, "time,colour")
    _ = state.type("⏎")
    #expect(state.logColumns == [.code, .time, .upms] && state.notice?.contains("“colour”") == true)
    state.prompt = Prompt(.logColumns, "")
    _ = state.type("⏎")
    #expect(state.logColumns == LogColumn.standard)
  }

  @Test func whatIsShownIsSavedInTheShapeOfTheName() throws {
    let mark = LogMark(.dropped(3, over: .seconds(1)), proxy: proxy, time: Bookinfo.start + .seconds(60))
    var state = tailing([oneRequest, line(0, "no request")], marks: [mark])
    _ = state.type("s")
    state.prompt = Prompt(.saveLog, "lines.pdf")
    #expect(state.type("⏎").isEmpty && state.prompt != nil && state.notice?.contains(".jsonl") == true)

    func saved(_ name: String) throws -> String {
      state.prompt = Prompt(.saveLog, name)
      guard case .save(let extract, name)? = state.type("⏎").first else { throw Unsaved() }
      return String(decoding: extract.bytes, as: UTF8.self)
    }
    let text = try saved("lines.log")
    #expect(text.split(separator: "\n").count == 3)
    #expect(text.contains("  no request\n") && text.contains("--- 3 lines of "))
    #expect(text.contains("a=·[2J,b HTTP"), "no terminal that the file is shown on obeys it")
    let objects = try saved("a.b.jsonl")
    #expect(objects.split(separator: "\n").count == 3)
    #expect(objects.contains("\"response_code\":503") && objects.contains("\"mark\":\"3 lines"))
    let table = try saved("lines.csv")
    #expect(table.hasPrefix("time,pod,dir,method,path,code,flags,ms,dst,id\n"))
    #expect(table.contains("\"/reviews/1?a=·[2J,b\",503,UF,7,reviews/v3,0f1e\n"))
    // What is hidden is not saved.
    state.logTail.ask(.filter, "code >= 500")
    #expect(try saved("errors.csv").split(separator: "\n").count == 2)
    _ = state.update(.wrote("errors.csv", problem: "it is there already"))
    #expect(state.notice == "errors.csv was not written: it is there already")
  }

  private struct Unsaved: Error {}

  @Test func theNewestAreKeptWithinTheLimit() {
    let tail = tail(7_000, limit: 400 * line(0).cost)
    #expect(tail.ring.cost <= tail.ring.limit)
    #expect(tail.ring.entries.count > 300)
    #expect(tail.shown.count == tail.ring.entries.count)
    #expect(tail.shown.last?.time == Timestamp(seconds: 6_999))
    #expect(tail.dropped == 0, "what falls out of the ring was read")
  }

  @Test func aLateLineIsPutWhereItBelongs() {
    var tail = LogTail(.proxy(proxy))
    tail.take(.value(LogBatch(lines: [line(1, "a"), line(3, "c"), line(5, "e")])), at: Bookinfo.start)
    tail.mode = .paused(at: tail.shown[1])
    tail.take(.value(LogBatch(lines: [line(2, "b"), line(3, "c2"), line(4, "d")])), at: Bookinfo.start)
    #expect(texts(tail) == ["a", "b", "c", "c2", "d", "e"])
    #expect(tail.entry(tail.selected)?.line?.text == "c", "what is selected stays so")
  }

  @Test func aPausedLineStaysAndWhatFindsNoRoomIsCounted() throws {
    var tail = tail(100, limit: 100 * line(0).cost)
    let held = tail.shown[50]
    tail.mode = .paused(at: held)
    for second in Int64(100)..<400 { tail.take(.value(LogBatch(lines: [line(second)])), at: Bookinfo.start) }
    #expect(tail.entry(tail.selected)?.key == held)
    let kept = tail.newer
    #expect(kept + tail.dropped == 349, "none is lost without being counted")
    tail.mode = .following
    tail.take(.value(LogBatch(lines: [line(400)])), at: Bookinfo.start)
    let marks = tail.ring.entries.compactMap { if case .mark(let mark) = $0.content { mark } else { nil } }
    #expect(marks.map(\.dropped) == [tail.dropped])
    #expect(marks.first?.time == Timestamp(seconds: 399))
  }

  @Test func aFilterKeepsTheGaps() {
    var tail = tail(10)
    let mark = LogMark(.dropped(214, over: .zero), proxy: proxy, time: Timestamp(seconds: 11))
    tail.take(.value(LogBatch(lines: [line(12)], marks: [mark])), at: Bookinfo.start)
    tail.ask(.filter, "nothing-like-it")
    #expect(tail.shown.compactMap { tail.ring[$0]?.content } == [.mark(mark)])
    #expect(tail.dropped == 214)
  }

  /// Whatever comes in whatever order: each line is there once, in the order of times, whether it came late or not; and
  /// what is shown is what passes.
  @Test(arguments: 0..<20) func eachLineIsKeptOnceInOrder(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var tail = LogTail(.proxy(proxy), limit: Int.random(in: 2_000...200_000, using: &generator))
    var came: [String] = []
    for turn in 0..<150 {
      let lines = (0..<Int.random(in: 0...20, using: &generator)).map { offset in
        line(.random(in: 0...100, using: &generator), "\(came.count + offset) \(Bool.random(using: &generator))")
      }.sorted { $0.time < $1.time }
      came += lines.map(\.text)
      if Int.random(in: 0..<10, using: &generator) == 0 { tail.ask(.filter, turn.isMultiple(of: 2) ? "true" : "") }
      tail.take(.value(LogBatch(lines: lines)), at: Bookinfo.start)
      let entries = tail.ring.entries
      #expect(zip(entries, entries.dropFirst()).allSatisfy { $0.key < $1.key }, "seed \(seed)")
      #expect(tail.ring.cost == entries.reduce(0) { $0 + $1.cost }, "seed \(seed)")
      #expect(
        tail.shown == entries.filter { tail.lens.passes($0) }.map(\.key), "seed \(seed)")
    }
    let kept = tail.ring.entries.compactMap { $0.line?.text }
    #expect(Set(kept).count == kept.count && Set(kept).isSubset(of: came), "seed \(seed)")
  }

  /// Older rows come into sight while paused, and the newest again when followed.
  @Test func scrollsBackAndFollows() throws {
    var state = settled()
    _ = state.type("l")
    let query = try #require(state.logTail.query)
    _ = state.update(.log(query, .value(LogBatch(lines: (0..<90).map { Bookinfo.access($0, path: "/n\($0)/") }))))
    #expect(Pictures.frame(state).text.contains("/n89/"))
    _ = state.type("g")
    #expect(Pictures.frame(state).text.contains("/n0/"))
    _ = state.update(.log(query, .value(LogBatch(lines: [Bookinfo.access(90, path: "/n90/")]))))
    #expect(Pictures.frame(state).text.contains("90 newer"))
    _ = state.type("f")
    #expect(Pictures.frame(state).text.contains("/n90/"))
    _ = state.type(" ↑")
    let row = try #require(Pictures.frame(state).cursor?.row)
    #expect(Pictures.frame(state).rowText(row).contains("/n89/"))
  }
}
