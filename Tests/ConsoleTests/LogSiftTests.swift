import ConsoleTestSupport
import MeshGraph
import MeshModel
import Peers
import ProxyLogs
import TerminalUI
import Testing

@testable import Console

/// What is shown of a log, and what is counted of it, whatever is asked and whatever comes.
@Suite struct LogSiftTests {
  private static let filters = [
    "", "code >= 500", "flags ~ UF or path ~ /r1", "not code < 400", "/r[0-3]\\b/", "dir = in", "nothing-like-it",
    "503",
  ]

  private static func line(_ place: Int, _ generator: inout SeededGenerator) -> LogLine {
    let code = [200, 200, 404, 500, 503, 0].randomElement(using: &generator) ?? 200
    let path = "/r\(Int.random(in: 0..<6, using: &generator))/\(place)"
    return Bookinfo.access(
      Int.random(in: 0..<300, using: &generator), code: code, flags: code >= 500 ? "UF" : "-", path: path)
  }

  /// The slow reference: asked anew of every row that is kept.
  private func expectTruth(_ tail: LogTail, _ seed: UInt64) throws {
    let filter = tail.lens.filter?.text ?? "", exclude = tail.lens.exclude?.text ?? ""
    let passing = try tail.ring.entries.filter { entry in
      guard let line = entry.line else { return true }
      let isIn = try filter.isEmpty || LogFilter(filter).matches(line)
      return try isIn && (exclude.isEmpty || !LogFilter(exclude).matches(line))
    }
    #expect(tail.shown == passing.map(\.key), "seed \(seed)")
    let lines = passing.compactMap(\.line)
    #expect(tail.sift.lines == lines.count, "seed \(seed)")
    #expect(
      tail.sift.errors == passing.filter { ($0.line?.access?.code).map { $0 >= 500 || $0 == 0 } ?? false }.map(\.key),
      "seed \(seed)")
    let span = tail.sift.histogram.span
    let bars = span.map { tail.sift.histogram.bars(over: $0, count: 7) } ?? []
    #expect(bars.reduce(0) { $0 + $1.total } == lines.count, "seed \(seed)")
    #expect(tail.ring.lines == tail.ring.entries.count { $0.line != nil }, "seed \(seed)")
    #expect(tail.ring.cost <= tail.ring.limit, "seed \(seed)")
  }

  @Test(arguments: 0..<12 as Range<UInt64>) func whatIsShownIsWhatPasses(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var tail = LogTail(.proxy(Bookinfo.proxyIDs[0]), limit: Int.random(in: 40_000...400_000, using: &generator))
    var came = 0
    for _ in 0..<60 {
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: tail.ask(.filter, Self.filters.randomElement(using: &generator) ?? "")
      case 1: tail.ask(.exclude, Self.filters.randomElement(using: &generator) ?? "")
      default:
        let lines = (0..<Int.random(in: 0...40, using: &generator)).map { offset in
          Self.line(came + offset, &generator)
        }.sorted { $0.time < $1.time }
        came += lines.count
        let time = lines.last?.time ?? Bookinfo.start
        let marks =
          Bool.random(using: &generator)
          ? [LogMark(.dropped(3, over: .zero), proxy: Bookinfo.proxyIDs[0], time: time)] : []
        tail.take(.value(LogBatch(lines: lines, marks: marks)), at: Bookinfo.start)
      }
      while tail.sift.isUnderWay { tail.advance() }
      try expectTruth(tail, seed)
    }
  }

  /// A full ring is asked in steps, none of which is more than its bound; what comes and falls out meanwhile is neither
  /// missed nor counted twice.
  @Test func aFullRingIsAskedInBoundedSteps() throws {
    var tail = Self.full
    #expect(tail.ring.cost > Self.limit - Self.limit / 8)
    tail.ask(.filter, "code >= 500")
    var generator = SeededGenerator(seed: 7)
    var steps = 1
    while tail.sift.isUnderWay {
      let before = tail.sift
      tail.advance()
      let asked = tail.ring.place(of: before.frontier ?? .last) - tail.ring.place(of: tail.sift.frontier ?? .first)
      #expect(asked <= LogSift.stepCost / Self.leastCost + 1)
      let lines = (0..<50).map { Self.line($0, &generator) }.sorted { $0.time < $1.time }
      tail.take(.value(LogBatch(lines: lines)), at: Bookinfo.start)
      steps += 1
    }
    #expect((6...10).contains(steps), "as many as the ring has bounds")
    try expectTruth(tail, 7)
  }

  /// The least that an access-log line of these tests takes.
  private static let leastCost = 400

  private static let limit = 8 * LogSift.stepCost

  /// A ring with as much in it as it takes, of a few lines a thousand times.
  private static let full: LogTail = {
    var generator = SeededGenerator(seed: 1)
    let lines = (0..<1_000).map { line($0, &generator) }.sorted { $0.time < $1.time }
    var tail = LogTail(.proxy(Bookinfo.proxyIDs[0]), limit: limit)
    while tail.ring.cost < tail.ring.limit - lines.reduce(0, { $0 + $1.cost }) {
      tail.take(.value(LogBatch(lines: lines)), at: Bookinfo.start)
    }
    return tail
  }()
}

extension LogEntry.Key {
  fileprivate static let first = LogEntry.Key(time: Timestamp(nanoseconds: .min), number: 0)
}

/// What a person types and presses on the Logs screen.
@Suite struct LogScreenTests {
  private func opened(_ lines: Int = 60) throws -> State {
    var state = settled()
    _ = state.type("l")
    let query = try #require(state.logTail.query)
    let access = (0..<lines).map {
      Bookinfo.access($0, code: $0 % 20 == 3 ? 503 : 200, flags: $0 % 20 == 3 ? "UF" : "-")
    }
    _ = state.update(.log(query, .value(LogBatch(lines: access))))
    return state
  }

  private func selectedCode(_ state: State) -> Int? {
    state.logTail.entry(state.logTail.selected)?.line?.access?.code
  }

  @Test func aFilterIsTypedAndStaysForWhatComes() throws {
    var state = try opened()
    _ = state.type("/code >= 500⏎")
    #expect(state.prompt == nil && state.logTail.shown.count == 3)
    #expect(Pictures.frame(state).text.contains("● following  3 of 60 lines"))
    #expect(Pictures.frame(state).text.contains("/code >= 500   esc shows all"))
    let query = try #require(state.logTail.query)
    _ = state.type(" ")
    _ = state.update(.log(query, .value(LogBatch(lines: [Bookinfo.access(60), Bookinfo.access(61, code: 200)]))))
    #expect(Pictures.frame(state).text.contains("paused, 1 newer  4 of 62 lines"))
    _ = state.type("1")
    _ = state.type("6")
    #expect(state.logTail.shown.count == 4)
    // Another log is looked at in the same way.
    _ = state.type("3↑l")
    #expect(state.logTail.query != query && state.logTail.lens.filter?.text == "code >= 500")
    _ = state.type("⎋")
    #expect(state.screen == .logs && !state.logTail.lens.isSifting)
  }

  @Test func pictures() throws {
    var state = try opened()
    _ = state.type("\\path ~ /health⏎hflags ~ UF⏎/code >= 500 or m")
    try Pictures.expect("logs-typing", state)
    _ = state.type("⎋/code >= five hundred⏎")
    try Pictures.expect("logs-refused", state)
    _ = state.type("⎋/not code = 404⏎EmEm")
    try Pictures.expect("logs-filtered", state)
    try Pictures.expect("logs-ascii", state, glyphs: .ascii)
  }

  @Test func whatIsLeftOutAndWhatIsMarkedAreAskedInTheSameWay() throws {
    var state = try opened()
    _ = state.type("\\code < 400⏎")
    #expect(state.logTail.sift.lines == 3)
    _ = state.type("hflags = UF⏎")
    #expect(state.logTail.sift.lines == 3)
    #expect(Pictures.frame(state).text.contains("▸02:17:"))
  }

  @Test func whatCannotBeReadIsToldInItsPlaceAndNotKept() throws {
    var state = try opened()
    _ = state.type("/cod >= 500⏎")
    #expect(state.prompt != nil)
    let frame = Pictures.frame(state)
    #expect(frame.text.contains("column 1: there is no “cod” (did you mean code?)"))
    let row = try #require(frame.cursor?.row)
    #expect(frame[2, row].text == "c" && frame[2, row].style.role == .failing)
    _ = state.type("⎋")
    #expect(state.logTail.shown.count == 60, "what was before counts")
  }

  @Test func wordsAreCompleted() throws {
    var state = try opened()
    _ = state.type("/co")
    #expect(Pictures.frame(state).text.contains("tab  code component"))
    _ = state.type("⇥")
    #expect(state.prompt?.input.text == "code")
    _ = state.type("⇥")
    #expect(state.prompt?.input.text == "component")
    _ = state.type(" = x or flags ~ UMS")
    _ = state.type("⇥")
    #expect(state.prompt?.input.text == "component = x or flags ~ UMSDR ")
  }

  @Test func errorsAreGoneToFromOneToTheNext() throws {
    var state = try opened()
    _ = state.type("e")
    #expect(state.notice == "no error after this line")
    _ = state.type("E")
    #expect(selectedCode(state) == 503 && state.logTail.selected == 43)
    _ = state.type("EE")
    #expect(state.logTail.selected == 3)
    _ = state.type("E")
    #expect(state.logTail.selected == 3 && state.notice == "no error before this line")
    _ = state.type("e")
    #expect(state.logTail.selected == 23)
  }

  @Test func aTimeIsGoneTo() throws {
    var state = try opened()
    _ = state.update(.tick(Bookinfo.start + .seconds(60)))
    _ = state.type("T02:17:05⏎")
    #expect(state.prompt == nil)
    let line = try #require(state.logTail.entry(state.logTail.selected)?.line)
    #expect(line.time.clock == "02:17:05" && line.time.millisecond < 97)
    _ = state.type("T01:00⏎")
    #expect(state.logTail.selected == 0 && state.notice?.hasPrefix("the oldest line that is kept") == true)
    _ = state.type("Tsoon⏎")
    #expect(state.prompt != nil && state.notice?.contains("no moment") == true)
  }

  @Test func marksAreSetAndVisited() throws {
    var state = try opened()
    _ = state.type("u")
    #expect(state.notice == "no line is marked: m marks one")
    _ = state.type("gmjjm")
    #expect(state.logTail.marked.count == 2)
    #expect(Pictures.frame(state).text.contains("•02:17:"))
    _ = state.type("U")
    #expect(state.logTail.selected == 0)
    _ = state.type("u")
    #expect(state.logTail.selected == 2)
    _ = state.type("m")
    #expect(state.logTail.marked.count == 1)
  }

  @Test func whatStandsMostOftenNarrowsTheFilter() throws {
    var state = try opened()
    let query = try #require(state.logTail.query)
    let others = (60..<70).map { Bookinfo.access($0, code: 200, flags: "-", path: "/ratings/\($0 % 2)?x=1") }
    _ = state.update(.log(query, .value(LogBatch(lines: others))))
    _ = state.type("t")
    try Pictures.expect("logs-top", state)
    let rows = try #require(state.logTail.top?.rows)
    #expect(rows.map(\.name) == ["/reviews/7", "/ratings/0", "/ratings/1"] && rows.map(\.lines) == [60, 5, 5])
    // What comes is counted as it comes.
    _ = state.update(.log(query, .value(LogBatch(lines: [Bookinfo.access(70)]))))
    #expect(state.logTail.top?.rows.first?.lines == 61)
    _ = state.type("↓⏎")
    #expect(state.logTail.top == nil && state.logTail.sift.lines == 5)
    _ = state.type("⎋t→→→-")
    #expect(state.logTail.lens.exclude?.text == "code = 200" && state.logTail.top?.rows.map(\.name) == ["503"])
    _ = state.type("⎋")
    #expect(state.logTail.top == nil && state.screen == .logs)
  }

  private static func node(_ id: ServiceGraph.NodeID) -> MeshNode? {
    if case .mesh(let node) = id { node } else { nil }
  }

  /// Of an edge both ends are read, of a gateway its own proxies, of a change what it can have touched.
  @Test func everyScreenOpensTheLogsOfWhatIsSelected() throws {
    var state = settled()
    _ = state.type("2")
    _ = state.update(.edges(.value(Bookinfo.edges())))
    let edge = try #require(state.graphScreen.shown.edges.first { Self.node($0.id.source)?.kind == .ingress })
    let gateway = try #require(Self.node(edge.id.source))
    state.select(.edge(edge.id))
    _ = state.type("l")
    #expect(state.logTail.query?.parts.count == 2 && state.logTail.query?.parts.last == .node(gateway))
    _ = state.type("2")
    state.select(.node(edge.id.source))
    _ = state.type("l")
    #expect(state.logTail.query == .node(gateway))
    let change = ObservedChange(
      id: .init(object: .init(kind: "Deployment", namespace: "bookinfo", name: "details-v1"), version: "7"),
      action: .changed, time: Bookinfo.start, by: "kubectl-edit",
      reach: .services([.init(namespace: "bookinfo", name: "details")], version: nil))
    _ = state.update(.changes(.value([change])))
    _ = state.type("7l")
    #expect(state.screen == .logs && state.logTail.query == .destination(Bookinfo.destination("details")))
  }
}
