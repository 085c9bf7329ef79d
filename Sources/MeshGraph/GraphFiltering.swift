public import MeshModel

// Each gives another graph; the figures of what stays are those of the whole.
extension ServiceGraph {
  /// Only these nodes, and the edges between them.
  public func keeping(_ isKept: (Node) -> Bool) -> ServiceGraph {
    var graph = self
    graph.nodes = nodes.filter(isKept)
    let kept = Set(graph.nodes.map(\.id))
    graph.edges = edges.filter { kept.contains($0.id.source) && kept.contains($0.id.destination) }
    return graph
  }

  /// What an expression is known to hold for goes.
  public func hiding(_ expression: Expression) -> ServiceGraph {
    keeping { !expression.matches(GraphSubject(node: $0, graph: self)) }
  }

  /// Only what is unhealthy, and both ends of the edges that are.
  public func unhealthy() -> ServiceGraph {
    var kept = Set(nodes.lazy.filter(\.health.isUnhealthy).map(\.id))
    let failing = edges.filter(\.health.isUnhealthy)
    for edge in failing {
      kept.insert(edge.id.source)
      kept.insert(edge.id.destination)
    }
    var graph = keeping { kept.contains($0.id) }
    // Between two that are unhealthy, what is well is no news.
    let ends = Set(failing.flatMap { [$0.id.source, $0.id.destination] })
    graph.edges.removeAll { edge in
      !edge.health.isUnhealthy && ends.contains(edge.id.source) && ends.contains(edge.id.destination)
    }
    return graph
  }

  /// Only what calls one of these nodes, or is called by them, over at most so many edges.
  public func focused(on roots: Set<NodeID>, hops: Int) -> ServiceGraph {
    let kept = reached(from: roots, hops: hops, along: \.source, \.destination)
      .union(reached(from: roots, hops: hops, along: \.destination, \.source))
    return keeping { kept.contains($0.id) }
  }

  private func reached(
    from roots: Set<NodeID>, hops: Int, along start: KeyPath<Edge.ID, NodeID>, _ end: KeyPath<Edge.ID, NodeID>
  ) -> Set<NodeID> {
    let next = Dictionary(grouping: edges.map(\.id)) { $0[keyPath: start] }
    var reached = roots, front = roots
    for _ in 0..<max(0, hops) {
      front = Set(front.flatMap { next[$0] ?? [] }.map { $0[keyPath: end] }).subtracting(reached)
      reached.formUnion(front)
    }
    return reached
  }

  /// What stands nearest to a node of the mesh, and with it: all versions of its service.
  public func service(of id: NodeID) -> Set<NodeID> {
    guard case .mesh(let member) = id, member.kind == .service else { return [id] }
    return Set(
      nodes.lazy.map(\.id).filter {
        if case .mesh(let other) = $0 { other.kind == .service && other.service == member.service } else { false }
      })
  }
}
