import ConsoleTestSupport
import JSON
import MeshModel
import TerminalUI
import Testing

@testable import Console

@Suite struct ChangesTests {
  /// The console on Changes: ours, one that was denied, and everyone's, on a mesh in trouble.
  func changed() -> State {
    var state = State(
      identity: Bookinfo.identity, size: Size(columns: 118, rows: 36), now: Bookinfo.start - .seconds(6))
    _ = state.update(.history(.success([record(13, before: .seconds(250), .made(resourceVersion: "99")), denied])))
    for second in 0...6 {
      let now = Bookinfo.start - .seconds(6 - second)
      _ = state.update(.tick(now))
      _ = state.update(.routes(.value(Bookinfo.routes())))
      _ = state.update(.proxies(.value(Bookinfo.report())))
      _ = state.update(.topology(.value(Bookinfo.topology())))
      _ = state.update(.changes(.value(Bookinfo.changes)))
      _ = state.update(.traffic(.value(Bookinfo.sample(at: now))))
      _ = state.update(.edges(.value(Bookinfo.troubledEdges(at: now))))
    }
    _ = state.update(.tick(Bookinfo.start + .milliseconds(400)))
    _ = state.type("7")
    return state
  }

  func record(_ id: Int, before: Duration, _ outcome: ChangeRecord.Outcome) -> ChangeRecord {
    let change = Change(
      id: id, route: Bookinfo.reviewsRule, match: "any", resourceVersion: "90",
      before: Bookinfo.split((Bookinfo.v1, 95), (Bookinfo.v3, 5)),
      after: Bookinfo.split((Bookinfo.v1, 90), (Bookinfo.v3, 10)))
    return ChangeRecord(
      change: change, time: Bookinfo.start - before, context: "prod-eu1", user: "ada", outcome: outcome)
  }

  var denied: ChangeRecord { record(12, before: .seconds(300), .failed("denied by the server: no weights today")) }

  @Test func changes() throws { try Pictures.expect("changes", changed()) }

  @Test func aChangeInFull() throws {
    var state = changed()
    _ = state.type("⏎")
    try Pictures.expect("changes-open", state)
    _ = state.type("⎋")
    #expect(!state.changeList.isOpen)
  }

  @Test func expressionsFilter() {
    var state = changed()
    #expect(state.changeList.rows.count == 5)
    _ = state.type("/ours⏎")
    #expect(state.changeList.rows.compactMap { $0.record?.id } == [13, 12] && state.changeList.rows.count == 2)
    _ = state.type("/ (")
    #expect(state.changeList.rows.count == 2, "half an expression shows what the last whole one did")
    #expect(Pictures.frame(state).text.contains("column "), "and what is wrong with it is said")
    _ = state.type("⎋⎋")
    #expect(state.changeList.rows.count == 5)
  }

  @Test func anExportAsksForANameAndTellsWhatBecameOfIt() throws {
    var state = changed()
    #expect(state.type("enotes.txt⏎").isEmpty)
    #expect(state.notice?.contains(".md for Markdown") == true && state.prompt != nil)
    _ = state.type("⎋")
    let effects = state.type("enotes.md⏎")
    guard case .write(let text, "notes.md") = effects.first else {
      Issue.record("\(effects)")
      return
    }
    #expect(text.contains("| #12 not made: v1 95 → 90  v3 5 → 10 (denied by the server: no weights today) |") == false)
    #expect(text.contains("\\#12 not made: v1 95 → 90  v3 5 → 10 (denied by the server: no weights today)"))
    #expect(text.contains("kubectl-edit") && text.hasPrefix("# Changes in prod-eu1, bookinfo\n"))
    _ = state.update(.wrote("notes.md", problem: "it is there already"))
    #expect(Pictures.frame(state).text.contains("notes.md was not written: it is there already"))
  }

  @Test func linesOfTheExportAreJSON() throws {
    let text = TimelineExport.jsonLines(changed().changeList.rows)
    let lines = try text.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
    #expect(
      lines.count == 5 && lines.map { $0["time"]?.string ?? "" }.sorted() == lines.map { $0["time"]?.string ?? "" })
    let edit = try #require(lines.last)
    #expect(edit["by"] == "kubectl-edit" && edit["change"] == .null)
    #expect(edit["health"]?["after"]?["errorRate"]?.double ?? 0 > 0.03)
    #expect(lines.contains { $0["outcome"] == "failed" && $0["user"] == "ada" && $0["health"] == .null })
  }

  @Test func textFromOutsideStaysInItsCell() {
    let hostile = Bookinfo.change(
      "Deployment", "reviews", before: .seconds(1), by: "a|b\n# c",
      [.init(name: "image", before: nil, after: "<script>|`x`\u{1b}[2J")])
    let text = TimelineExport.markdown([TimelineEntry(hostile)], of: Bookinfo.identity, at: Bookinfo.start)
    #expect(text.split(separator: "\n").count == 5, "\(text)")
    #expect(!text.contains("<script>") && !text.contains("\u{1b}") && text.contains("a\\|b \\# c"))
  }

  @Test func whatSomebodyElseWroteIsPutBackWhereItIsKnown() {
    var state = changed()
    #expect(!state.type("u").isEmpty)
    #expect(state.editor?.stage == .confirming)
    #expect(state.editor.map { "\($0.draft)" } == "v1=90 v3=10")
  }

  @Test func whatIsNoWeightIsNotPutBackFromHere() {
    var state = changed()
    #expect(state.type("ju").isEmpty)
    #expect(state.editor == nil)
    #expect(state.notice?.contains("cannot be put back from here") == true, "\(state.notice ?? "")")
  }
}
