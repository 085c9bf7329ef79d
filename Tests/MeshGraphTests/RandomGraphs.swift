import MeshGraph
import Peers

extension LayoutGraph {
  /// Any graph: nodes of any size, groups, edges in all directions.
  ///
  /// - Parameter isSimple: at most one edge from one node to another.
  static func random(seed: UInt64, isSimple: Bool = false) -> LayoutGraph {
    var random = SeededGenerator(seed: seed)
    let count = Int.random(in: 1...24, using: &random)
    let groups = Int.random(in: 0...4, using: &random)
    let isUniform = Bool.random(using: &random)
    let nodes = (0..<count).map { index in
      Node(
        key: "n\(index)", columns: isUniform ? 12 : Int.random(in: 1...14, using: &random),
        rows: isUniform ? 4 : Int.random(in: 1...6, using: &random),
        group: groups > 0 && Int.random(in: 0..<3, using: &random) == 0
          ? Int.random(in: 0..<groups, using: &random) : nil)
    }
    var edges: [Edge] = []
    var ends = Set<[Int]>()
    let reach = Int.random(in: 1...count, using: &random)
    for _ in 0..<Int.random(in: 0...2 * count, using: &random) {
      let source = Int.random(in: 0..<count, using: &random)
      let destination = min(count - 1, max(0, source + Int.random(in: -reach / 3...reach, using: &random)))
      guard ends.insert([source, destination]).inserted || !isSimple else { continue }
      edges.append(Edge(from: source, to: destination, label: Int.random(in: 0...8, using: &random)))
    }
    return LayoutGraph(
      nodes: nodes, groups: (0..<groups).map { Group(key: "g\($0)", columns: Int.random(in: 4...20, using: &random)) },
      edges: edges)
  }

  /// The same graph in another order; the place in it of each node, group and edge.
  func shuffled(seed: UInt64) -> (graph: LayoutGraph, nodes: [Int], groups: [Int], edges: [Int]) {
    var random = SeededGenerator(seed: seed)
    let nodeOrder = nodes.indices.shuffled(using: &random)
    let groupOrder = groups.indices.shuffled(using: &random)
    let edgeOrder = edges.indices.shuffled(using: &random)
    func places(_ order: [Int]) -> [Int] { order.indices.map { place in order.firstIndex(of: place) ?? -1 } }
    let nodePlaces = places(nodeOrder), groupPlaces = places(groupOrder)
    return (
      LayoutGraph(
        nodes: nodeOrder.map { index in
          var node = nodes[index]
          node.group = node.group.map { groupPlaces[$0] }
          return node
        }, groups: groupOrder.map { groups[$0] },
        edges: edgeOrder.map { index in
          Edge(
            from: nodePlaces[edges[index].source], to: nodePlaces[edges[index].destination], label: edges[index].label)
        }),
      nodePlaces, groupPlaces, places(edgeOrder)
    )
  }

  /// Without one node, and without the edges at it.
  func removing(node: Int) -> LayoutGraph {
    var graph = self
    graph.nodes.remove(at: node)
    graph.edges = edges.filter { $0.source != node && $0.destination != node }.map {
      Edge(
        from: $0.source - ($0.source > node ? 1 : 0), to: $0.destination - ($0.destination > node ? 1 : 0),
        label: $0.label)
    }
    return graph
  }
}
