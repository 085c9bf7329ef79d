import ConsoleTestSupport
import MeshGraph
import MeshModel
import Peers
import TerminalUI
import Testing

@testable import Console

/// The Graph screen when everything is known of the mesh in trouble.
func graph(
  _ edges: EdgeSample = Bookinfo.edges(), _ topology: Topology? = Bookinfo.topology(),
  size: Size = Size(columns: 118, rows: 36), scope: Scope = .namespace("bookinfo")
) -> State {
  var state = settled(MeshIdentity(context: "prod-eu1", scope: scope), size: size)
  _ = state.type("2")
  if let topology { _ = state.update(.topology(.value(topology))) }
  _ = state.update(.edges(.value(edges)))
  return state
}

@Suite struct GraphTests {
  @Test func failing() throws { try Pictures.expect("graph", graph()) }

  @Test func inASCII() throws { try Pictures.expect("graph-ascii", graph(), glyphs: .ascii) }

  @Test func calm() throws {
    var state = State(identity: Bookinfo.identity, size: Pictures.sizes[0], now: Bookinfo.start)
    _ = state.update(.routes(.value(Bookinfo.routes())))
    _ = state.update(.proxies(.value(Bookinfo.report(isRejected: false))))
    _ = state.type("2")
    _ = state.update(.topology(.value(Bookinfo.topology())))
    _ = state.update(.edges(.value(Bookinfo.edges(isCalm: true))))
    try Pictures.expect("graph-calm", state)
  }

  @Test func theSmallestTerminal() throws {
    let state = graph(size: Layout.smallest)
    try Pictures.expectFile("Pictures/graph-40x10.txt", Pictures.frame(state).text + "\n")
  }

  @Test func onlyTheUnhealthy() throws {
    var state = graph()
    _ = state.type("z")
    try Pictures.expect("graph-unhealthy", state)
  }

  @Test func focus() throws {
    var state = graph()
    _ = state.type("→←←f")
    try Pictures.expect("graph-focus", state)
  }

  @Test func list() throws {
    var state = graph()
    _ = state.type("-")
    try Pictures.expect("graph-list", state)
  }

  @Test func hidingWhileOneTypes() throws {
    var state = graph()
    _ = state.type("\\idle or kind = external and er > 1")
    try Pictures.expect("graph-hiding", state)
  }

  @Test func aPastMoment() throws {
    var state = graph()
    _ = state.type("T02:04⏎")
    let moment = Timestamp("2026-11-23T02:04:00Z")!
    #expect(state.subscriptions.contains(.edges(.namespace("bookinfo"), over: .seconds(60), at: moment)))
    #expect(state.emptyGraphText == "gathering who calls whom", "what is known is of now")
    _ = state.update(
      .edges(.value(Bookinfo.edges(at: moment, source: .store(name: "monitoring/prometheus"), isCalm: true))))
    try Pictures.expect("graph-past", state)
    _ = state.type("T⏎")
    #expect(state.moment == nil)
  }

  @Test func aStoreInTrouble() throws {
    var state = graph()
    let trouble = Trouble(
      .serverFailed, "monitoring/prometheus answers 503", remedy: "--prometheus names another store")
    _ = state.update(.edges(.trouble(trouble)))
    _ = state.update(.tick(Bookinfo.start + .seconds(14)))
    try Pictures.expect("graph-trouble", state)
  }

  @Test func nothingYet() throws {
    var state = State(identity: Bookinfo.identity, size: Pictures.sizes[0], now: Bookinfo.start)
    _ = state.type("2")
    try Pictures.expect("graph-waiting", state)
  }

  @Test func fortyServices() throws { try Pictures.expect("graph-forty", graph(Shop.edges(services: 40), nil)) }

  @Test func hundredsOfServices() throws {
    try Pictures.expect("graph-hundreds", graph(Shop.edges(services: 400), nil))
  }

  @Test func namespaces() throws {
    var state = graph(Shop.edges(services: 24, namespaces: 3), nil, scope: .allNamespaces)
    _ = state.type("n")
    try Pictures.expect("graph-namespaces", state)
  }
}

@Suite struct GraphMoveTests {
  private func selected(_ state: State) -> String {
    func name(_ id: ServiceGraph.NodeID) -> String { state.graphScreen.shown.node(id)?.title ?? "?" }
    return switch state.selection {
    case .node(let id): name(id)
    case .edge(let id): "\(name(id.source)) → \(name(id.destination))"
    case nil: "nothing"
    }
  }

  @Test func arrowsGoAlongTheEdges() {
    var state = graph()
    #expect(selected(state) == "productpage → reviews v3", "what is worst is selected until a key is pressed")
    var way: [String] = []
    for key in "→→→←←←↑↑←←←" {
      _ = state.type(String(key))
      way.append(selected(state))
    }
    #expect(
      way == [
        "reviews v3", "reviews v3 → ratings", "ratings", "reviews v3 → ratings", "reviews v3",
        "productpage → reviews v3",
        "productpage → reviews v3", "productpage → reviews v3", "productpage", "istio-ingressgateway → productpage",
        "istio-ingressgateway",
      ])
    _ = state.type("→→→↑")
    #expect(selected(state) == "productpage → reviews v1", "siblings stand above each other")
    _ = state.type("→↓")
    #expect(selected(state) == "reviews v2", "also what no edge leads to is reached")
  }

  /// The selection is what it is, whatever comes and goes around it, and comes back with it.
  @Test func selectionIsByIdentity() {
    var state = graph()
    _ = state.type("→")
    var other = Bookinfo.edges()
    other.edges[EdgeID(from: Bookinfo.ingress, to: Bookinfo.node("about", "v1"))] = Bookinfo.edge(500)
    _ = state.update(.edges(.value(other)))
    #expect(selected(state) == "reviews v3")
    _ = state.type("\\v3⏎")
    #expect(selected(state) != "reviews v3")
    _ = state.type("⎋")
    #expect(selected(state) == "reviews v3")
  }

  /// Rates and errors that change move nothing; a neighbour that appears leaves what is there in its order.
  @Test func nothingJumps() throws {
    var state = graph()
    let plan = state.graphScreen.plan
    _ = state.update(.edges(.value(Bookinfo.edges(isCalm: true))))
    #expect(state.graphScreen.plan == plan)
    var other = Bookinfo.edges()
    for id in other.edges.keys { other.edges[id]?.requests *= 137 }
    _ = state.update(.edges(.value(other)))
    #expect(state.graphScreen.plan == plan)
    let rects = Dictionary(
      uniqueKeysWithValues: zip(state.graphScreen.shown.nodes.map(\.id), try #require(plan.layout).nodes))
    other.edges[EdgeID(from: Bookinfo.productpage, to: Bookinfo.node("about", "v1"))] = Bookinfo.edge(500)
    _ = state.update(.edges(.value(other)))
    let layout = try #require(state.graphScreen.plan.layout)
    for (node, rect) in zip(state.graphScreen.shown.nodes, layout.nodes) {
      guard let before = rects[node.id] else { continue }
      #expect(rect.column == before.column, "\(node.title) stays in its layer")
    }
  }

  @Test func weightsAndLogsOfWhatIsSelected() {
    var state = graph()
    _ = state.type("l")
    #expect(state.screen == .logs && state.logTail.query?.parts.first == .destination(Bookinfo.v3))
    _ = state.type("2w")
    #expect(state.screen == .routes && state.editor?.route == Bookinfo.reviewsRule)
    #expect(state.editor?.selected == Bookinfo.v3)
    _ = state.type("⎋2←←←w")
    #expect(state.screen == .graph && state.notice?.contains("no rule divides") == true)
  }

  @Test func windowsAreOfTheWholeConsole() {
    var state = graph()
    _ = state.type("]")
    #expect(state.subscriptions.contains(.edges(.namespace("bookinfo"), over: .seconds(300), at: nil)))
    #expect(state.subscriptions.contains(.traffic(.namespace("bookinfo"), over: .seconds(300))))
    _ = state.type("]]]")
    #expect(state.window == .seconds(900))
    _ = state.type("[[[[[")
    #expect(state.window == .seconds(10))
  }

  /// While an expression is being typed, the last one that could be read counts; what was before comes back with esc.
  @Test func halfAnExpressionChangesNothing() {
    var state = graph()
    func shown() -> Int { state.graphScreen.shown.nodes.count }
    let all = shown()
    _ = state.type("\\idle")
    #expect(shown() == all - 1)
    _ = state.type(" or err >")
    #expect(
      shown() == all - 1 && Pictures.frame(state).text.contains("column 14: what err is compared with is missing"))
    _ = state.type(" 25%")
    #expect(shown() == all - 2)
    _ = state.type("⎋")
    #expect(shown() == all && state.graphScreen.hide.expression == nil)
  }

  /// What is found comes out of its group, and stays out until esc.
  @Test func findingLeavesGroups() throws {
    var state = graph(Shop.edges(services: 400), nil)
    #expect(state.graphScreen.shown.nodes.count < 20)
    _ = state.type("/svc-123⏎")
    #expect(selected(state) == "svc-123")
    _ = state.type("/svc-7⎋")
    #expect(selected(state) == "svc-123", "what was selected comes back")
    _ = state.type("/rps > 900⏎N")
    let second = selected(state)
    _ = state.type("N")
    #expect(selected(state) != second)
    #expect(state.graphScreen.shown.node(.mesh(Bookinfo.node("svc-123", "v1"))) != nil)
  }

  @Test func groupsAndNamespacesOpenAndClose() {
    var state = graph(Shop.edges(services: 24, namespaces: 3), nil, scope: .allNamespaces)
    let all = state.graphScreen.shown.nodes.count
    _ = state.type("n")
    #expect(selected(state) == "namespace ns2")
    #expect(state.graphScreen.shown.nodes.count == all - 7)
    _ = state.type("⏎")
    #expect(state.graphScreen.shown.nodes.count == all)
  }

  @Test func backUndoesWhatWasChosen() {
    var state = graph()
    let all = state.graphScreen.shown
    _ = state.type("z\\details⏎f-⎋⎋⎋⎋")
    #expect(state.graphScreen.shown == all && !state.graphScreen.isList)
  }

  @Test func theListSortsAndKeepsTheSelection() {
    var state = graph()
    _ = state.type("-")
    #expect(state.edgeRows.map(\.health.name).first == "failing")
    _ = state.type("s")
    let rates = state.edgeRows.map(\.traffic.requests)
    #expect(rates == rates.sorted(by: >))
    #expect(selected(state) == "productpage → reviews v3")
    _ = state.type("g")
    #expect(state.selection == .edge(state.edgeRows[0].id))
  }
}

/// A larger mesh, the same each time: services that call some of those further back, one of which fails.
enum Shop {
  static func edges(services: Int, namespaces: Int = 1) -> EdgeSample {
    var generator = SeededGenerator(seed: 7)
    func service(_ number: Int) -> MeshNode {
      Bookinfo.node("svc-\(number)", "v1", in: namespaces == 1 ? "bookinfo" : "ns\(number % namespaces)")
    }
    var edges: [EdgeID: EdgeTraffic] = [:]
    for number in 0..<services {
      let caller = number < 4 ? Bookinfo.ingress : service(Int.random(in: number / 4...number / 2, using: &generator))
      let requests = Double(Int.random(in: 60...60_000, using: &generator))
      edges[EdgeID(from: caller, to: service(number))] =
        number == 17 ? Bookinfo.edge(requests, errors: requests * 0.4, flag: "UF") : Bookinfo.edge(requests)
      if number.isMultiple(of: 3), number > 4 {
        edges[EdgeID(from: service(number / 3), to: service(number))] = Bookinfo.edge(requests / 2)
      }
    }
    return EdgeSample(end: Bookinfo.start, window: .seconds(60), source: .accessLogs, edges: edges)
  }
}
