import MeshGraph
import MeshModel
import TerminalUI

/// Where an arrow leads on the picture.
enum GraphDirection: Sendable {
  case left, right, up, down
}

extension State {
  /// Along the edges: from a node onto an edge, from an edge to the node at its end; up and down among siblings.
  mutating func move(_ direction: GraphDirection) {
    guard let selection else { return }
    let target: GraphScreen.Selection? =
      switch (selection, direction) {
      case (.node(let id), .right): leave(id, along: \.source)
      case (.node(let id), .left): leave(id, along: \.destination)
      case (.edge(let id), .right): .node(id.destination)
      case (.edge(let id), .left): .node(id.source)
      case (.node(let id), .up): neighbour(of: id, below: false)
      case (.node(let id), .down): neighbour(of: id, below: true)
      case (.edge(let id), .up): sibling(of: id, by: -1)
      case (.edge(let id), .down): sibling(of: id, by: 1)
      }
    if let target { select(target) }
  }

  /// The worst edge that leaves a node, or comes to it; the busiest of those that fare alike. Where there is none, the
  /// nearest node on that side.
  private mutating func leave(
    _ id: ServiceGraph.NodeID, along end: KeyPath<ServiceGraph.Edge.ID, ServiceGraph.NodeID>
  ) -> GraphScreen.Selection? {
    let edges = graphScreen.shown.edges.filter { $0.id[keyPath: end] == id }
    let isAtEnd = end == \.destination
    guard
      let best = edges.max(by: { ($0.health, $0.traffic.requests) < ($1.health, $1.traffic.requests) })
    else { return nearest(to: id, isRight: !isAtEnd) }
    graphScreen.isAtEnd = isAtEnd
    return .edge(best.id)
  }

  /// The edges that share the end from which one came, from top to bottom by their other ends.
  private func sibling(of id: ServiceGraph.Edge.ID, by step: Int) -> GraphScreen.Selection? {
    let shown = graphScreen.shown
    let isAtEnd = graphScreen.isAtEnd
    let siblings = shown.edges.map(\.id).filter {
      isAtEnd ? $0.destination == id.destination : $0.source == id.source
    }.map { edge in
      (row: graphScreen.plan.rect(of: isAtEnd ? edge.source : edge.destination, in: shown)?.row ?? 0, id: edge)
    }.sorted { ($0.row, $0.id) < ($1.row, $1.id) }
    guard let place = siblings.firstIndex(where: { $0.id == id }) else { return nil }
    let target = place + step
    return siblings.indices.contains(target) ? .edge(siblings[target].id) : nil
  }

  /// The next node above or below: one that stands in the same columns before any other.
  private func neighbour(of id: ServiceGraph.NodeID, below: Bool) -> GraphScreen.Selection? {
    nearest(to: id) { from, to in
      let distance = below ? to.row - from.row : from.row - to.row
      guard distance > 0 else { return nil }
      let overlap = min(from.column + from.columns, to.column + to.columns) - max(from.column, to.column)
      return overlap > 0 ? distance : distance + 1_000 - overlap
    }
  }

  private func nearest(to id: ServiceGraph.NodeID, isRight: Bool) -> GraphScreen.Selection? {
    nearest(to: id) { from, to in
      let distance = isRight ? to.column - (from.column + from.columns) : from.column - (to.column + to.columns)
      return distance >= 0 ? distance + 4 * abs(to.row - from.row) : nil
    }
  }

  private func nearest(
    to id: ServiceGraph.NodeID, _ distance: (GridRect, GridRect) -> Int?
  ) -> GraphScreen.Selection? {
    let shown = graphScreen.shown
    guard let layout = graphScreen.plan.layout, let from = graphScreen.plan.rect(of: id, in: shown) else { return nil }
    let reachable = zip(shown.nodes, layout.nodes).compactMap { node, rect in
      distance(from, rect).map { (distance: $0, id: node.id) }
    }
    return reachable.min { ($0.distance, $0.id) < ($1.distance, $1.id) }.map { .node($0.id) }
  }

  // MARK: What is acted on

  /// The node of the mesh that requests go to, at what is selected.
  private var graphTarget: MeshNode? {
    let id: ServiceGraph.NodeID
    switch selection {
    case .node(let node): id = node
    case .edge(let edge): id = edge.destination
    case nil: return nil
    }
    if case .mesh(let node) = id, node.kind == .service { return node }
    return nil
  }

  /// The destination whose log tells of a node: as a rule names it, where one does.
  func destination(of node: MeshNode) -> Destination? {
    guard node.kind == .service else { return nil }
    if let share = share(of: node, isSplit: false) { return share.destination }
    let host =
      topology.value?.services.first { $0.id == node.service }?.host
      ?? "\(node.name).\(node.namespace).svc.cluster.local"
    return Destination(host: host)
  }

  func share(of node: MeshNode, isSplit: Bool) -> ShareID? {
    let shares = (routes.value ?? []).filter { !isSplit || $0.isSplit }.flatMap { route in
      route.split.destinations.filter { $0.isOf(node.service) }.map { ShareID(route: route.id, destination: $0) }
    }
    // A rule of its own for some requests comes first in a resource, the one that takes the rest last.
    return shares.last { $0.destination.subset == node.version } ?? (isSplit ? shares.last : nil)
  }

  mutating func openWeightsOfSelected() -> [Effect] {
    guard let node = graphTarget, let share = share(of: node, isSplit: true) else {
      notice = "no rule divides the requests of what is selected: there are no weights to change"
      return []
    }
    return openWeights(of: share)
  }

  /// Opens the weight editor on a share, from any screen.
  mutating func openWeights(of share: ShareID) -> [Effect] {
    show(.routes)
    if !routeList.filter.isEmpty { setFilter("") }
    select(share)
    return openEditor()
  }
}

extension Destination {
  /// Whether it is a service, or a subset of it, by its host: `reviews.bookinfo.svc.cluster.local`.
  func isOf(_ service: ServiceID) -> Bool {
    let labels = host.split(separator: ".", maxSplits: 2)
    return labels.count > 1 && labels[0] == service.name && labels[1] == service.namespace
  }
}
