import MeshGraph
import MeshModel
import TerminalUI

extension Command {
  static let graphCommands: [Command] =
    [
      moving("graph.right", "to a destination: onto the edge, then to its end", [Key(.right)], .right),
      moving("graph.left", "to a source: onto the edge, then to its beginning", [Key(.left)], .left),
      moving("graph.down", "the next below: of edges, the sibling", [Key(.down), .character("j")], .down),
      moving("graph.up", "the next above: of edges, the sibling", [Key(.up), .character("k")], .up),
      changing("graph.focus", "focus on what is selected: 1, 2, 3 hops, all", "f", hint: "focus") { $0.cycleFocus() },
      changing("graph.unhealthy", "only what is unhealthy, or all", "z", hint: "only unhealthy") {
        $0.graphScreen.isOnlyUnhealthy.toggle()
        $0.reshapeGraph()
      },
      Command(
        "graph.enter", "focus on the service, or open the group", hint: "service", keys: [Key(.enter)], in: .graph,
        .edges
      ) { state, _ in
        state.enterSelected()
        return []
      },
      Command(
        "graph.weights", "change the weights of what is selected", hint: "weights", keys: [.character("w")], in: .graph,
        .edges
      ) { state, _ in
        state.openWeightsOfSelected()
      },
      changing("graph.find", "find by a name or an expression: err > 1%", "/", hint: "find") {
        $0.prompt = Prompt(.find(from: $0.graphScreen.wanted), "")
      },
      changing("graph.findNext", "the next that was found", "N") { $0.findNext() },
      changing("graph.hide", "hide by a name or an expression: idle or ns = test", "\\", hint: "hide") {
        $0.prompt = Prompt(.hide, $0.graphScreen.hide.text)
      },
      changing("graph.namespace", "fold or unfold the namespace of what is selected", "n") { $0.foldNamespace() },
      changing("graph.list", "the edges as a list, or the picture", "-", hint: "list") {
        $0.graphScreen.isList.toggle()
        $0.graphScreen.scrolling = Scrolling()
        $0.keepSelectionInSight()
      },
      Command("edges.sort", "sort by the next column", hint: "sort", keys: [.character("s")], in: .edges) { state, _ in
        state.graphScreen.sort = state.graphScreen.sort.next
        return []
      },
      Command(
        "moment", "go back in time: 10m, 02:14, or a date", hint: "back in time", keys: [.character("T")], in: .graph,
        .edges, .pulse
      ) { state, _ in
        state.prompt = Prompt(.moment, "")
        return []
      },
    ]

  private static func moving(
    _ name: String, _ title: String, _ keys: [Key], _ direction: GraphDirection
  ) -> Command {
    Command(name, title, keys: keys, in: .graph) { state, _ in
      state.move(direction)
      return []
    }
  }

  private static func changing(
    _ name: String, _ title: String, _ key: Character, hint: String? = nil,
    _ change: @escaping @Sendable (inout State) -> Void
  ) -> Command {
    Command(name, title, hint: hint, keys: [.character(key)], in: .graph, .edges) { state, _ in
      change(&state)
      return []
    }
  }
}

extension State {
  /// The nodes of what is selected.
  private var selectedNodes: Set<ServiceGraph.NodeID> {
    switch selection {
    case .node(let id): [id]
    case .edge(let id): [id.source, id.destination]
    case nil: []
    }
  }

  fileprivate mutating func cycleFocus() {
    let roots = selectedNodes.filter { graphScreen.sifted.node($0) != nil }
    guard !roots.isEmpty || graphScreen.focus != nil else {
      notice = "a group has no place of its own to focus on: enter opens it"
      return
    }
    if let focus = graphScreen.focus {
      graphScreen.focus?.hops += 1
      if focus.hops >= GraphScreen.Focus.mostHops { graphScreen.focus = nil }
    } else {
      graphScreen.focus = .init(roots: roots, hops: 1)
    }
    reshapeGraph()
  }

  fileprivate mutating func enterSelected() {
    let id: ServiceGraph.NodeID
    switch selection {
    case .node(let node): id = node
    case .edge(let edge): id = edge.destination
    case nil: return
    }
    switch id {
    case .mesh:
      graphScreen.focus = .init(roots: graphScreen.whole.service(of: id), hops: 1)
      graphScreen.wanted = .node(id)
    case .namespace(let name): graphScreen.folds.namespaces.remove(name)
    case .healthy: graphScreen.folds.opened.insert(id)
    }
    reshapeGraph()
  }

  fileprivate mutating func foldNamespace() {
    let namespace = selectedNodes.max().map(\.namespace) ?? ""
    guard !namespace.isEmpty else {
      notice = "what is selected is of no namespace"
      return
    }
    if graphScreen.folds.namespaces.remove(namespace) == nil {
      graphScreen.folds.namespaces.insert(namespace)
      graphScreen.wanted = .node(.namespace(namespace))
    }
    graphScreen.folds.opened = graphScreen.folds.opened.filter { $0.namespace != namespace }
    reshapeGraph()
  }

  /// One step back: what was chosen last is not known, so what hides most goes first.
  mutating func backInGraph() {
    var graph = graphScreen
    if graph.focus != nil {
      graph.focus = nil
    } else if !graph.hide.text.isEmpty {
      graph.hide = TypedExpression()
    } else if graph.isOnlyUnhealthy {
      graph.isOnlyUnhealthy = false
    } else if !graph.findText.isEmpty {
      graph.findText = ""
      graph.folds.kept = []
    } else if graph.folds != .init() {
      graph.folds = .init()
    } else if moment != nil {
      _ = lookAt("")
    } else {
      graph.isList = false
    }
    graphScreen = graph
    reshapeGraph()
  }

  // MARK: Expressions

  mutating func hideInGraph(_ text: String) {
    graphScreen.hide.take(text, fields: GraphSubject.fields)
    reshapeGraph()
  }

  /// Goes to the first that is found, from what is selected on.
  mutating func findInGraph(_ text: String) {
    graphScreen.findText = text
    find(beyond: false)
  }

  fileprivate mutating func findNext() {
    guard !graphScreen.findText.isEmpty else {
      notice = "nothing was looked for yet: / finds"
      return
    }
    find(beyond: true)
  }

  private mutating func find(beyond: Bool) {
    guard let expression = try? Expression(graphScreen.findText, fields: GraphSubject.fields) else { return }
    let graph = graphScreen.sifted
    let found = graph.nodes.filter { expression.matches(GraphSubject(node: $0, graph: graph)) }.map(\.id)
    guard let first = found.first else {
      if beyond { notice = "nothing that is shown is “\(graphScreen.findText)”" }
      return
    }
    let start = selectedNodes.max()
    let next = start.flatMap { start in found.first { beyond ? $0 > start : $0 >= start } } ?? first
    graphScreen.wanted = .node(next)
    graphScreen.folds.kept.insert(next)
    reshapeGraph()
  }

  // MARK: Time

  /// The windows over which traffic can be counted.
  static let windows: [Duration] = [.seconds(10), .seconds(60), .seconds(300), .seconds(900)]

  mutating func changeWindow(by step: Int) {
    let next = step > 0 ? Self.windows.first { $0 > window } : Self.windows.last { $0 < window }
    guard let next else {
      notice = "traffic is counted over 10 s to 15 min"
      return
    }
    window = next
    notice = "traffic is counted over the last \(Figures.span(next))"
  }

  /// Takes a typed moment; false, and says why, where it is none.
  mutating func lookAt(_ text: String) -> Bool {
    let isNow = text.allSatisfy(\.isWhitespace)
    let new = isNow ? nil : Timestamp(moment: text, now: now)
    guard isNow || new != nil else {
      notice = "“\(text)” is no moment of the past: write 10m, 02:14 or 2026-11-23T02:14:00Z, all UTC"
      return false
    }
    if new != moment {
      moment = new
      // What is known is of another moment.
      edges = Known()
      pastFindings = []
      rebuildGraph()
    }
    return true
  }
}
