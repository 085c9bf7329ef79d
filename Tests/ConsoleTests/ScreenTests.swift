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
  _ = state.open(screen: "routes")
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
    case "⇥": Key(.tab)
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

  /// What is wrong with the settings is said at the start, until a key is pressed.
  @Test func remarks() throws {
    var state = State(
      identity: Bookinfo.identity, window: .seconds(300), remarks: ["config.toml:3:9: first", "second"],
      size: Size(columns: 80, rows: 24), now: Bookinfo.start)
    _ = state.open(screen: "routes")
    #expect(state.subscriptions.contains(.traffic(Bookinfo.identity.scope, over: .seconds(300))))
    let said = "config.toml:3:9: first (and 1 more, told when meshdeck is left)"
    #expect(Pictures.frame(state).text.contains(said))
    #expect(Pictures.frame(state).text.contains("SEEN 5m"))
    _ = state.type("j")
    #expect(!Pictures.frame(state).text.contains(said))
  }

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

  @Test func checks() throws {
    var state = settled()
    _ = state.type("w50")
    _ = state.update(.previewed(revision: state.revision, .success(Bookinfo.preview)))
    try Pictures.expect("editor-checks", state)
  }

  @Test func confirmingByName() throws {
    var state = settled(Bookinfo.production)
    _ = state.type("w50")
    _ = state.update(.previewed(revision: state.revision, .success(Bookinfo.preview)))
    _ = state.type("⏎⏎revi")
    try Pictures.expect("editor-confirming", state)
  }

  @Test func refused() throws {
    var state = settled()
    _ = state.type("w50")
    _ = state.update(.previewed(revision: state.revision, .success(Bookinfo.refusedPreview)))
    _ = state.type("⏎")
    try Pictures.expect("editor-refused", state)
  }

  /// A change on its way, in the editor and, once that is left, below the routes.
  @Test func moving() throws {
    var state = settled()
    _ = state.type("wz")
    _ = state.update(.previewed(revision: state.revision, .success(ChangePreview(lines: [], warnings: []))))
    _ = state.type("⏎⏎")
    let editor = try #require(state.editor)
    let change = Change(
      id: 13, route: editor.route, resourceVersion: "100", before: editor.base, after: editor.draft)
    let applied = AppliedChange(change: change, resourceVersion: "101", written: state.now)
    #expect(state.update(.applied(revision: state.revision, .success(applied))) == [.readHistory])
    #expect(state.subscriptions.contains(.propagation(applied)))
    _ = state.update(
      .propagation(
        13, .value(Propagation(applied: Bookinfo.applied(taken: 4), seen: SeenProgress(verdict: .notApplied)))))
    try Pictures.expect("moving", state)
    let seen = SeenProgress(
      verdict: .arrived(after: .seconds(22)), source: .accessLogs, shares: [Bookinfo.v3: Seen(requests: 0, of: 400)!],
      requests: 400)
    _ = state.update(
      .propagation(
        13,
        .value(Propagation(applied: Bookinfo.applied(taken: 6), appliedAfter: .milliseconds(1300), seen: seen))))
    _ = state.type("⎋")
    try Pictures.expect("arrived", state)
    #expect(!state.subscriptions.contains(.propagation(applied)))
  }

  @Test func conflict() throws {
    var state = settled()
    _ = state.type("w5")
    _ = state.update(.routes(.value(Bookinfo.routes(v1: 60, v3: 40, version: "200"))))
    try Pictures.expect("conflict", state)
  }

  @Test func trouble() throws {
    var state = settled()
    let trouble = Trouble(
      .unauthenticated, "the API server refuses the token (401)", remedy: "log in again: aws eks update-kubeconfig")
    _ = state.update(.routes(.trouble(trouble)))
    _ = state.update(.traffic(.trouble(Trouble(.unreachable, "no access log can be read", remedy: "check the VPN"))))
    _ = state.update(.tick(Bookinfo.start + .seconds(12)))
    _ = state.type("l3x")
    try Pictures.expect("trouble", state)
  }

  @Test func allNamespaces() throws {
    var state = settled(
      MeshIdentity(context: "kind-mesh", scope: .allNamespaces, isReadOnly: true, caveat: "simulated"))
    _ = state.type("/rev")
    try Pictures.expect("filtering", state)
  }

  /// The smallest terminal that is still of use, and one that is not.
  @Test func small() throws {
    var state = settled()
    _ = state.update(.terminal(.resize(Layout.smallest)))
    try Pictures.expectFile("Pictures/routes-40x10.txt", Pictures.frame(state).text + "\n")
    _ = state.type("wz")
    try Pictures.expectFile("Pictures/editor-40x10.txt", Pictures.frame(state).text + "\n")
    _ = state.update(.terminal(.resize(Size(columns: 39, rows: 10))))
    #expect(Pictures.frame(state).text == "meshdeck needs 40x10; this is 39x10")
  }

  @Test func logs() throws {
    var state = settled()
    _ = state.type("l")
    let query = try #require(state.logTail.query)
    var lines = (0..<60).map { Bookinfo.access($0, code: $0 % 3 == 0 ? 200 : 503, flags: $0 % 3 == 0 ? "-" : "URX,UF") }
    lines[57] = LogLine(
      proxy: Bookinfo.proxyIDs[4], time: lines[57].time,
      text: "warning envoy config: \u{1b}[31mgRPC config rejected\u{7}")
    let dropped = LogMark(
      .dropped(214, over: .milliseconds(300)), proxy: Bookinfo.proxyIDs[1], time: lines[55].time)
    _ = state.update(.log(query, .value(LogBatch(lines: Array(lines[..<50])))))
    _ = state.update(.log(query, .value(LogBatch(lines: Array(lines[50...]), marks: [dropped]))))
    try Pictures.expect("logs", state)
  }

  /// What nothing tells of is not called out of sync, and no connection live over which nothing has come.
  @Test func theHeaderClaimsNothingThatIsNotKnown() {
    var state = State(identity: Bookinfo.identity, size: Pictures.sizes[0], now: Bookinfo.start)
    var header: String { Pictures.frame(state).rowText(0) }
    _ = state.update(
      .traffic(.value(TrafficSample(end: Bookinfo.start, window: .seconds(60), routes: [:]))))
    _ = state.update(.proxies(.value(ProxyReport(proxies: [], applied: [:]))))
    #expect(header.contains("connecting") && !header.contains("sync") && !header.contains("prox"))
    _ = state.update(.tick(Bookinfo.start + .seconds(15)))
    #expect(header.contains("◆ connecting 15s"))
    _ = state.update(.routes(.trouble(Trouble(.forbidden, "routes may not be read (403)", remedy: "ask for the role"))))
    #expect(header.contains("▲ refused"))
    #expect(Pictures.frame(state).text.contains("routes, never read: routes may not be read (403); ask for the role"))
    _ = state.update(.routes(.trouble(Trouble(.unreachable, "the API server does not answer"))))
    #expect(header.contains("▲ no answer"))
    _ = state.update(.routes(.value(Bookinfo.routes())))
    #expect(header.contains("◆ late 15s"), "nothing was observed since")
    let proxies = Bookinfo.proxyIDs.map { ProxyStatus(id: $0, kind: .sidecar, reach: .unreached) }
    _ = state.update(.proxies(.value(ProxyReport(proxies: proxies, applied: [:]))))
    #expect(header.contains("6 proxies, sync not known"))
  }

  /// A request that comes in causes several between services: their sum is named as what it is.
  @Test func theHeaderTellsTheRateAtTheEdge() {
    var state = settled()
    var header: String { Pictures.frame(state).rowText(0) }
    #expect(header.contains("edge 7.9% err   240 rps"))
    _ = state.update(.routes(.value(Bookinfo.routes().filter { $0.id != Bookinfo.productpageRule })))
    #expect(header.contains("hops 4.3% err   947 rps"))
  }

  /// Where there is no room for all, errors outlast the rate, and the name of the program goes before either.
  @Test func theHeaderKeepsTheErrors() {
    let identity = MeshIdentity(context: "kind-mesh", scope: .allNamespaces)
    let header = Pictures.frame(settled(identity, size: Pictures.sizes[0])).rowText(0)
    #expect(header.hasPrefix(" kind-mesh ▸ all namespaces   ◌ 5/6 in sync   edge 7.9% err "))
    #expect(header.hasSuffix("● live 0.4s"))
  }

  @Test func nothingKnown() throws {
    let state = State(identity: Bookinfo.identity, size: Pictures.sizes[0], now: Bookinfo.start)
    try Pictures.expect("waiting", state)
  }
}
