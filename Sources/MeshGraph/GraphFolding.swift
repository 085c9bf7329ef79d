internal import MeshModel

extension ServiceGraph {
  /// From so many nodes on, what is well becomes groups.
  public static let mostNodes = 60

  /// What of a graph is in one box, and what is kept out of it.
  public struct Folds: Hashable, Sendable {
    /// These namespaces are in one box each, whatever is in them.
    public var namespaces: Set<String> = []
    /// These groups were opened by hand.
    public var opened: Set<NodeID> = []
    /// These stay out of groups.
    public var kept: Set<NodeID> = []

    public init() {}
  }

  /// The namespaces that were folded by hand, each in one box. Where more than `mostNodes` are left, what is well (or
  /// idle, or too little used to tell) goes into groups: where it is of several namespaces, one group each; where it is
  /// of one, the nodes that are as many calls away from where requests come in. What is unhealthy, kept, or of no
  /// namespace stays out, and so does a group of one.
  public func folded(_ folds: Folds) -> ServiceGraph {
    let graph = folding { node in
      let namespace = node.id.namespace
      return folds.namespaces.contains(namespace) ? .namespace(namespace) : nil
    }
    guard graph.nodes.count > Self.mostNodes else { return graph }
    func isQuiet(_ node: Node) -> Bool {
      !node.isFold && !node.id.namespace.isEmpty && !node.health.isUnhealthy && !folds.kept.contains(node.id)
    }
    let namespaces = Dictionary(
      graph.nodes.lazy.filter(isQuiet).map { ($0.id.namespace, 1) }, uniquingKeysWith: +)
    let layers = namespaces.values.count { $0 > 1 } == 1 ? graph.layers() : [:]
    func group(_ node: Node) -> NodeID? {
      guard isQuiet(node) else { return nil }
      let group = NodeID.healthy(namespace: node.id.namespace, layer: layers[node.id] ?? 0)
      return folds.opened.contains(group) ? nil : group
    }
    let sizes = Dictionary(graph.nodes.lazy.compactMap(group).map { ($0, 1) }, uniquingKeysWith: +)
    return graph.folding { node in group(node).flatMap { sizes[$0, default: 0] > 1 ? $0 : nil } }
  }

  /// How many calls each node is away from those that nobody calls; of what only calls itself in a circle, 0.
  func layers() -> [NodeID: Int] {
    let next = Dictionary(grouping: edges.lazy.map(\.id)) { $0.source }.mapValues { $0.map(\.destination) }
    let called = Set(edges.lazy.filter { $0.id.source != $0.id.destination }.map(\.id.destination))
    var front = nodes.map(\.id).filter { !called.contains($0) }
    var layers = Dictionary(uniqueKeysWithValues: front.map { ($0, 0) })
    var layer = 0
    while !front.isEmpty {
      layer += 1
      var reached: [NodeID] = []
      for node in front {
        for end in next[node] ?? [] where layers[end] == nil {
          layers[end] = layer
          reached.append(end)
        }
      }
      front = reached
    }
    return layers
  }

  /// Puts the nodes for which the same box is named into it. What goes on within a box is not drawn.
  func folding(_ box: (Node) -> NodeID?) -> ServiceGraph {
    var place: [NodeID: NodeID] = [:]
    var parts: [NodeID: [Node]] = [:]
    for node in nodes {
      guard let box = box(node) else { continue }
      place[node.id] = box
      parts[box, default: []].append(node)
    }
    guard !place.isEmpty else { return self }
    var graph = self
    var edgeParts: [Edge.ID: [Edge]] = [:]
    for edge in edges {
      let (source, destination) = (place[edge.id.source], place[edge.id.destination])
      if let source, source == destination { continue }
      let id = Edge.ID(
        from: source ?? edge.id.source, to: destination ?? edge.id.destination, edge.id.traffic)
      edgeParts[id, default: []].append(edge)
    }
    graph.edges = edgeParts.map { id, parts in
      var edge = Edge(
        id: id, members: parts.flatMap(\.members),
        traffic: EdgeTraffic(merging: parts.map(\.traffic)) ?? parts[0].traffic)
      edge.health = parts.lazy.map(\.health).worst()
      edge.findings = parts.flatMap(\.findings)
      return edge
    }.sorted { $0.id < $1.id }
    graph.nodes = nodes.filter { place[$0.id] == nil }
    for (id, parts) in parts { graph.nodes.append(graph.fold(parts, into: id)) }
    graph.nodes.sort { $0.id < $1.id }
    return graph
  }

  private func fold(_ parts: [Node], into id: NodeID) -> Node {
    var node = Node(id: id, members: parts.flatMap(\.members).sorted())
    let incoming = edges.filter { $0.id.destination == id }
    let isIdle = parts.allSatisfy { $0.traffic?.requests == 0 }
    node.traffic = EdgeTraffic(merging: incoming.map(\.traffic)) ?? (isIdle ? EdgeTraffic(requests: 0, errors: 0) : nil)
    node.security = EdgeTraffic.Security(merging: incoming.map(\.traffic))
    node.health = parts.lazy.map(\.health).worst()
    node.unhealthy = parts.count(where: \.health.isUnhealthy)
    node.ejected = parts.reduce(0) { $0 + $1.ejected }
    node.isOutside = parts.allSatisfy(\.isOutside)
    node.findings = parts.flatMap(\.findings)
    return node
  }
}

extension ServiceGraph.Node {
  /// How many services it is, versions not told apart.
  public var services: Int { Set(members.map(\.service)).count }
}
