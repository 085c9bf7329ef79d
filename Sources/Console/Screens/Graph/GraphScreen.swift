import MeshGraph
import MeshHealth
import MeshModel
import TerminalUI

/// The Graph screen: what of the mesh is shown, what is selected, and where it all stands.
struct GraphScreen: Equatable, Sendable {
  enum Selection: Hashable, Sendable {
    case node(ServiceGraph.NodeID)
    case edge(ServiceGraph.Edge.ID)
  }

  struct Focus: Equatable, Sendable {
    static let mostHops = 3

    var roots: Set<ServiceGraph.NodeID>
    var hops: Int
  }

  /// What of the whole is not shown, by its services, gateways and hosts.
  struct Hidden: Equatable, Sendable {
    var count = 0
    var unhealthy = 0
  }

  // What a person chose.
  var focus: Focus?
  var isOnlyUnhealthy = false
  /// What is typed to be hidden.
  var hide = TypedExpression()
  var findText = ""
  var folds = ServiceGraph.Folds()
  var isList = false
  var sort = EdgeList.Sort.errors
  /// What is wanted to be selected; it may be out of sight for a while and come back.
  var wanted: Selection?
  /// Until a key is pressed the selection follows what is worst.
  var isUntouched = true
  /// Whether `↑` and `↓` go through the edges of the selected edge's destination, in place of its source's.
  var isAtEnd = false
  var scrolling = Scrolling()

  /// Between two buildings of a graph that is too large to be drawn whole.
  static let crowdedEvery: Duration = .seconds(2)

  // What follows from it: built when it changes, not for each picture.
  /// Everything that was known when it was built.
  var whole = ServiceGraph()
  var built: Timestamp?
  /// Whether something was heard since then.
  var isBehind = false
  /// What is left of it, before anything is folded.
  var sifted = ServiceGraph()
  var shown = ServiceGraph()
  var hidden = Hidden()
  var plan = GraphPlan()
  /// The first column and row of the plan that are in sight.
  var pan = GridPoint(column: 0, row: 0)
}

extension State {
  /// Everything that the graph is made from. What is asked and what there is is known of now alone.
  private var graphInputs: ServiceGraph.Inputs {
    guard moment == nil else {
      return .init(edges: edges.value, findings: findings, scope: identity.scope, rules: diagnosis.rules)
    }
    return .init(
      edges: edges.value, topology: topology.value, routes: routes.value ?? [], traffic: traffic.value,
      findings: findings, scope: identity.scope, rules: diagnosis.rules)
  }

  /// Takes what has become known: at once or, where there is much of it, a little later together with what follows.
  mutating func noteGraphNews() {
    graphScreen.isBehind = true
    catchUpGraph()
  }

  /// Builds the graph of all that was heard, if it is time to.
  mutating func catchUpGraph() {
    guard screen == .graph, graphScreen.isBehind else { return }
    if graphScreen.whole.nodes.count > ServiceGraph.mostNodes, let built = graphScreen.built,
      now - built < GraphScreen.crowdedEvery
    {
      return
    }
    rebuildGraph()
  }

  /// Nobody pays for a graph that is not looked at.
  mutating func rebuildGraph() {
    guard screen == .graph else { return }
    graphScreen.isBehind = false
    graphScreen.built = now
    graphScreen.whole = ServiceGraph(graphInputs)
    reshapeGraph()
  }

  /// Hides, focuses and folds as was chosen; what is placed anew stays where it was as far as it can.
  mutating func reshapeGraph() {
    var graph = graphScreen
    graph.sifted = graph.whole
    if let hide = graph.hide.expression { graph.sifted = graph.sifted.hiding(hide) }
    if graph.isOnlyUnhealthy { graph.sifted = graph.sifted.unhealthy() }
    if let focus = graph.focus { graph.sifted = graph.sifted.focused(on: focus.roots, hops: focus.hops) }
    let sifted = Set(graph.sifted.nodes.lazy.map(\.id))
    let hidden = graph.whole.nodes.filter { !sifted.contains($0.id) }
    graph.hidden = .init(
      count: Set(hidden.lazy.flatMap(\.members).map(\.whole)).count,
      unhealthy: hidden.count(where: \.health.isUnhealthy))
    var folds = graph.folds
    // What is selected is not put away.
    switch graph.wanted {
    case .node(let id): folds.kept.insert(id)
    case .edge(let id): folds.kept.formUnion([id.source, id.destination])
    case nil: break
    }
    graph.shown = graph.sifted.folded(folds)
    graphScreen = graph
    followWorst()
    placeGraph()
  }

  /// Selects what fares worst, until a key is pressed; never flutters between two that fare alike.
  private mutating func followWorst() {
    let graph = graphScreen.shown
    guard graphScreen.wanted == nil || graphScreen.isUntouched else { return }
    let worst = graph.edges.filter(\.health.isUnhealthy).max { one, other in
      (one.health, one.traffic.errorRate ?? 0) < (other.health, other.traffic.errorRate ?? 0)
    }
    if let worst {
      if case .edge(let id) = graphScreen.wanted, let selected = graph.edge(id), selected.health >= worst.health {
        return
      }
      graphScreen.wanted = .edge(worst.id)
    } else if let worst = graph.nodes.first(where: { $0.health.isUnhealthy }) {
      if case .node(let id) = selection, let selected = graph.node(id), selected.health.isUnhealthy { return }
      graphScreen.wanted = .node(worst.id)
    } else if graphScreen.wanted == nil, let first = graph.nodes.first {
      graphScreen.wanted = .node(first.id)
    }
  }

  /// Lays the graph out where it or the room has changed, and keeps the selection in sight.
  mutating func placeGraph() {
    guard screen == .graph, !isTooSmall else { return }
    let isNamed = Set(graphScreen.shown.nodes.lazy.filter(\.isService).map(\.id.namespace)).count > 1
    graphScreen.plan.lay(out: graphScreen.shown, isNamed: isNamed, nameColumns: size.columns < 140 ? 14 : 26)
    keepSelectionInSight()
  }

  mutating func keepSelectionInSight() {
    let view = GraphScreenLayout(self).map
    let plan = graphScreen.plan
    let boxes = selection.map { plan.boxes(of: $0, in: graphScreen.shown) } ?? []
    func pan(_ from: Int, _ ranges: [Range<Int>], _ room: Int, _ count: Int) -> Int {
      let lower = ranges.map(\.lowerBound).min() ?? 0, upper = ranges.map(\.upperBound).max() ?? 0
      var scroll = Scroll(offset: from)
      // Where there is no room for both ends of an edge, the one that it leads to is shown.
      scroll.keep(upper - lower <= room ? lower..<upper : ranges.first, visibleIn: room, of: count, margin: 2)
      return scroll.offset
    }
    graphScreen.pan = GridPoint(
      column: pan(
        graphScreen.pan.column, boxes.map { $0.column..<$0.column + $0.columns }, view.columns, plan.columns),
      row: pan(graphScreen.pan.row, boxes.map { $0.row..<$0.row + $0.rows }, view.rows, plan.rows))
  }

  /// What is selected of what is shown: what is wanted or, where that is out of sight, what stands for it.
  var selection: GraphScreen.Selection? {
    let graph = graphScreen.shown
    func place(_ id: ServiceGraph.NodeID) -> ServiceGraph.NodeID? {
      if graph.node(id) != nil { return id }
      if case .mesh(let member) = id { return graph.place(of: member) }
      return nil
    }
    switch graphScreen.wanted {
    case .node(let id): if let id = place(id) { return .node(id) }
    case .edge(let id):
      let ends = (place(id.source), place(id.destination))
      if let source = ends.0, let destination = ends.1 {
        let stand = ServiceGraph.Edge.ID(from: source, to: destination, id.traffic)
        if graph.edge(stand) != nil { return .edge(stand) }
      }
      if let end = ends.1 ?? ends.0 { return .node(end) }
    case nil: break
    }
    return (graph.nodes.first { $0.health.isUnhealthy } ?? graph.nodes.first).map { .node($0.id) }
  }

  mutating func select(_ selection: GraphScreen.Selection) {
    graphScreen.wanted = selection
    // What was kept out of a group for being selected goes back; nothing else changes.
    if graphScreen.sifted.nodes.count > ServiceGraph.mostNodes { reshapeGraph() } else { keepSelectionInSight() }
  }
}
