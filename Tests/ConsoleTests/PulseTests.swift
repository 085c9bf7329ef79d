import ConsoleTestSupport
import MeshModel
import TerminalUI
import Testing

@testable import Console

@Suite struct PulseTests {
  /// The console on Pulse, for some seconds on a mesh in trouble.
  func troubled(rejected: Bool = true) -> State {
    var state = State(
      identity: Bookinfo.identity, size: Size(columns: 118, rows: 36), now: Bookinfo.start - .seconds(6))
    for second in 0...6 {
      let now = Bookinfo.start - .seconds(6 - second)
      _ = state.update(.tick(now))
      _ = state.update(.routes(.value(Bookinfo.routes())))
      _ = state.update(.proxies(.value(Bookinfo.report(isRejected: rejected))))
      _ = state.update(.topology(.value(Bookinfo.topology())))
      _ = state.update(.changes(.value(Bookinfo.changes)))
      _ = state.update(.traffic(.value(Bookinfo.sample(at: now))))
      _ = state.update(.edges(.value(Bookinfo.troubledEdges(at: now))))
    }
    _ = state.update(.tick(Bookinfo.start + .milliseconds(400)))
    return state
  }

  func calm() -> State {
    var state = State(identity: Bookinfo.identity, size: Size(columns: 118, rows: 36), now: Bookinfo.start)
    _ = state.update(.routes(.value(Bookinfo.routes())))
    _ = state.update(.proxies(.value(Bookinfo.report(isRejected: false))))
    var topology = Bookinfo.topology()
    topology.ejections = []
    _ = state.update(.topology(.value(topology)))
    _ = state.update(.changes(.value([])))
    var edges = Bookinfo.troubledEdges()
    edges.edges = edges.edges.mapValues { _ in Bookinfo.flow(50) }
    _ = state.update(.edges(.value(edges)))
    return state
  }

  @Test func pulse() throws { try Pictures.expect("pulse", troubled()) }

  @Test func pulseInASCII() throws { try Pictures.expect("pulse-ascii", troubled(), glyphs: .ascii) }

  @Test func aCalmMesh() throws { try Pictures.expect("pulse-calm", calm()) }

  /// Nothing is said to be well while nothing is known.
  @Test func whatIsNotKnownIsNotWell() throws {
    var state = State(identity: Bookinfo.identity, size: Pictures.sizes[0], now: Bookinfo.start)
    #expect(!Pictures.frame(state).text.contains("nothing is wrong"))
    _ = state.update(.edges(.trouble(Trouble(.forbidden, "not allowed to read logs"))))
    _ = state.update(.proxies(.value(Bookinfo.report(isRejected: false))))
    let text = Pictures.frame(state).text
    #expect(text.contains("cannot tell: not allowed to read logs"))
    #expect(!text.contains("nothing is wrong"))
    var empty = calm()
    _ = empty.update(.edges(.value(EdgeSample(end: Bookinfo.start, window: .zero, source: .accessLogs, edges: [:]))))
    #expect(Pictures.frame(empty).text.contains("no requests seen yet"))
  }

  /// Of two names that are too long, each keeps its ends, and what lies between them stays.
  @Test func longNamesOfAnEdgeAreCutEachByItself() {
    var state = State(identity: Bookinfo.identity, size: Size(columns: 80, rows: 24), now: Bookinfo.start)
    let caller = MeshNode(.service, namespace: "bookinfo", name: "checkout-frontend-of-europe")
    let called = MeshNode(.service, namespace: "bookinfo", name: "payments-settlement")
    var edges = Bookinfo.troubledEdges()
    edges.edges = [EdgeID(from: caller, to: called): Bookinfo.flow(50, errors: 0.5)]
    for second in 0...6 {
      let now = Bookinfo.start + .seconds(second)
      _ = state.update(.tick(now))
      edges.end = now
      _ = state.update(.edges(.value(edges)))
    }
    let text = Pictures.frame(state).text
    #expect(text.contains("chec…rope → payments-…ttlement"), "\(text)")
  }

  /// Rows that findings do not need are given to what changed.
  @Test func aTallScreenListsAllThatChanged() {
    var state = troubled()
    let many = (0..<20).map { number in
      Bookinfo.change(
        "Deployment", "worker-\(number)", before: .seconds(60), by: "flux",
        [.init(name: "image", before: "1", after: "2")])
    }
    _ = state.update(.changes(.value(many)))
    #expect(Pictures.frame(state).text.contains(" more"))
    state.size = Size(columns: 118, rows: 60)
    #expect(!Pictures.frame(state).text.contains(" more"))
  }

  @Test func theKeysLeadToWhereOneActs() {
    var state = troubled()
    #expect(state.selectedFinding?.id.kind == .canary)
    _ = state.type("w")
    #expect(state.screen == .routes && state.editor?.selected == Bookinfo.v3)
    _ = state.type("⎋")
    _ = state.type("1g")
    #expect(state.screen == .graph)
    _ = state.type("1l")
    #expect(state.logTail.query == .destination(Bookinfo.v3))
    _ = state.type("1G⏎")
    #expect(state.screen == .proxies && state.proxyList.selection == Bookinfo.proxyIDs[2])
  }

  /// Two keys put back what somebody did just before the trouble began.
  @Test func whatSomebodyDidJustBeforeIsPutBack() {
    var state = troubled()
    let effects = state.type("U")
    #expect(state.screen == .routes && state.editor?.stage == .confirming)
    #expect(state.editor?.draft == Bookinfo.split((Bookinfo.v1, 90), (Bookinfo.v3, 10)))
    #expect(effects.contains { if case .preview = $0 { true } else { false } })
    _ = state.update(.previewed(revision: state.revision, .success(ChangePreview(lines: [], warnings: []))))
    #expect(state.type("⏎").contains { if case .apply = $0 { true } else { false } })
    // Of what no change of weights came before, none is put back.
    var other = troubled()
    _ = other.type("G")
    #expect(other.type("U").isEmpty)
    #expect(other.notice?.hasSuffix("nobody was seen to change weights just before") == true)
  }

  @Test func theSelectionStaysOnItsFindingAndElseInItsPlace() {
    var state = troubled()
    let before = state.findings.map(\.id)
    _ = state.type("jj")
    #expect(state.selectedFinding?.id == before[2])
    var edges = Bookinfo.troubledEdges()
    edges.edges[EdgeID(from: Bookinfo.ingress, to: Bookinfo.productpage)] = Bookinfo.flow(240)
    for second in 1...20 {
      _ = state.update(.tick(Bookinfo.start + .seconds(second)))
      edges.end = Bookinfo.start + .seconds(second)
      _ = state.update(.edges(.value(edges)))
    }
    #expect(state.findings.count == before.count - 1)
    #expect(state.selectedFinding?.id == before[2])
  }

  @Test func aFilterHidesAndSaysSo() {
    var state = troubled()
    _ = state.type("/ratings⏎")
    #expect(state.shownFindings.allSatisfy { $0.filterText.contains("ratings") })
    #expect(Pictures.frame(state).text.contains("hidden"))
    _ = state.type("/xyzzy⏎")
    #expect(Pictures.frame(state).text.contains("nothing contains \"ratingsxyzzy\""))
    _ = state.type("⎋")
    #expect(state.shownFindings.count == state.findings.count)
  }

  @Test func undoingAndFindingNothingIsSaid() {
    var state = calm()
    _ = state.type("w")
    #expect(state.notice == "nothing is wrong, so there is nothing to open: 3 shows all routes")
  }
}
