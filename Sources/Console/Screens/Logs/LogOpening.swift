import MeshGraph
import MeshModel

extension State {
  /// Tails what is selected on this screen.
  mutating func openLogs() {
    guard let query = logQuery else {
      notice = "nothing is selected whose log could be shown"
      return
    }
    tail(query)
  }

  /// Lets a source be typed, as `meshdeck logs` takes it.
  mutating func askForLogs() {
    let open = logTail.query.map(\.description).flatMap { text in
      LogQuery(text, in: identity.scope) == logTail.query ? text : nil
    }
    let whole = if case .namespace(let name) = identity.scope { "\(LogQuery.namespace(name))" } else { "" }
    prompt = Prompt(.logSource, open ?? whole)
  }

  /// - Returns: whether the text names a source.
  mutating func openLogs(of text: String) -> Bool {
    guard let query = LogQuery(text, in: identity.scope) else {
      notice = "“\(text)” names no log: \(Self.sourcesThatCanBeTyped)"
      return false
    }
    tail(query)
    return true
  }

  static let sourcesThatCanBeTyped =
    "write reviews, reviews/v3, pod/NAME, deploy/NAME, ns/NAME, app=NAME or istiod, joined by +"

  private mutating func tail(_ query: LogQuery) {
    if query != logTail.query { logTail = LogTail(query, lens: logTail.lens, limit: logTail.ring.limit) }
    show(.logs)
  }

  /// Whose logs tell of what is selected.
  private var logQuery: LogQuery? {
    switch screen {
    case .pulse: logQueryOfFinding
    case .graph: logQueryOfGraph
    case .routes: (editor?.selected ?? routeList.selection?.destination).map(LogQuery.destination)
    case .proxies: proxyList.selection.map(LogQuery.proxy)
    case .changes: selectedChange.flatMap { logQuery(of: $0) }
    case .logs, .help: nil
    }
  }

  private var logQueryOfFinding: LogQuery? {
    guard let finding = selectedFinding else { return nil }
    switch finding.id.subject {
    case .route(_, let destination): return .destination(destination)
    case .edge, .node: return finding.node.flatMap { logQuery(of: $0) } ?? finding.proxies.first.map(LogQuery.proxy)
    case .proxies: return finding.proxies.first.map(LogQuery.proxy)
    }
  }

  /// Of an edge both its ends: the same request stands in both.
  private var logQueryOfGraph: LogQuery? {
    switch selection {
    case .node(let node): logQuery(of: node)
    case .edge(let edge):
      if let destination = logQuery(of: edge.destination) {
        destination.union([logQuery(of: edge.source)].compactMap { $0 })
      } else {
        logQuery(of: edge.source)
      }
    case nil: nil
    }
  }

  private func logQuery(of id: ServiceGraph.NodeID) -> LogQuery? {
    switch id {
    case .mesh(let node): logQuery(of: node)
    case .namespace(let name): .namespace(name)
    case .healthy: nil
    }
  }

  /// As a rule names it, where one does; `nil` where no proxy of the mesh stands.
  private func logQuery(of node: MeshNode) -> LogQuery? {
    switch node.kind {
    case .service: destination(of: node).map(LogQuery.destination)
    case .ingress, .egress: .node(node)
    case .unknown, .external, .passthrough, .blackHole: nil
    }
  }

  /// Of one of ours its rule; of somebody else's what it can have touched.
  private func logQuery(of change: TimelineEntry) -> LogQuery? {
    if let record = change.record { return .route(record.change.route) }
    switch change.observed?.reach {
    case .services(let services, let version):
      let queries = services.prefix(Self.mostServices).compactMap { service in
        logQuery(of: MeshNode(namespace: service.namespace, name: service.name, version: version))
      }
      return queries.first.map { $0.union(queries.dropFirst()) }
    case .namespace(let name): return .namespace(name)
    case .mesh, nil: return nil
    }
  }

  /// Of what touches more, the most direct are shown.
  private static let mostServices = 8
}
