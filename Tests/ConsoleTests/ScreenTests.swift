import ConsoleTestSupport
import MeshModel
import TerminalUI
import Testing

@testable import Console

/// The console as it is when the whole mesh is known.
func settled(
  _ identity: MeshIdentity = Bookinfo.identity, size: Size = Size(columns: 118, rows: 36)
) -> State {
  var state = State(identity: identity, size: size, now: Bookinfo.start)
  _ = state.update(.routes(.value(Bookinfo.routes())))
  _ = state.update(.proxies(.value(Bookinfo.report())))
  _ = state.update(.traffic(.value(Bookinfo.sample())))
  _ = state.update(.tick(Bookinfo.start + .milliseconds(400)))
  return state
}

extension State {
  /// Presses keys: characters as they are; `⏎`, `⎋`, `←→↑↓` for the others.
  mutating func type(_ keys: String) -> [Effect] {
    keys.flatMap { update(.terminal(.key(key($0)))) }
  }

  private func key(_ character: Character) -> Key {
    switch character {
    case "⏎": Key(.enter)
    case "⎋": Key(.escape)
    case "←": Key(.left)
    case "→": Key(.right)
    case "↑": Key(.up)
    case "↓": Key(.down)
    default: .character(character)
    }
  }
}

@Suite struct ScreenTests {
  @Test func routes() throws { try Pictures.expect("routes", settled()) }

  @Test func routesInASCII() throws { try Pictures.expect("routes-ascii", settled(), glyphs: .ascii) }

  @Test func proxies() throws {
    var state = settled()
    _ = state.type("5")
    try Pictures.expect("proxies", state)
  }

  @Test func help() throws {
    var state = settled()
    _ = state.type("?")
    try Pictures.expect("help", state)
  }

  @Test func editor() throws {
    var state = settled()
    _ = state.type("wz")
    let preview = ChangePreview(
      lines: [
        .init(path: "spec.http[1].route[0].weight", before: "75", after: "100"),
        .init(path: "spec.http[1].route[1].weight", before: "25", after: "0"),
      ], warnings: [])
    _ = state.update(.previewed(revision: state.revision, .success(preview)))
    try Pictures.expect("editor", state)
    _ = state.type("⏎")
    try Pictures.expect("editor-asking", state)
  }

  @Test func logs() throws {
    var state = settled()
    _ = state.type("l")
    let query = try #require(state.logTail.query)
    var lines = (0..<60).map { Bookinfo.access($0, code: $0 % 3 == 0 ? 200 : 503, flags: $0 % 3 == 0 ? "-" : "URX,UF") }
    lines[57] = LogLine(
      proxy: Bookinfo.proxyIDs[4], time: lines[57].time,
      text: "warning envoy config: \u{1b}[31mgRPC config rejected\u{7}")
    _ = state.update(.log(query, .value(LogBatch(lines: Array(lines[..<50])))))
    _ = state.update(.log(query, .value(LogBatch(lines: Array(lines[50...]), dropped: 214))))
    try Pictures.expect("logs", state)
  }

  @Test func nothingKnown() throws {
    let state = State(identity: Bookinfo.identity, size: Pictures.sizes[0], now: Bookinfo.start)
    try Pictures.expect("waiting", state)
  }
}
