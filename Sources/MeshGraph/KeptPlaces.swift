/// Where things of a graph stood in the layout of an earlier one.
struct KeptPlaces {
  /// Of each block, counted among the earlier layers; `nil` for a new one.
  private(set) var layers: [Int?]
  /// The column in which the nodes of each earlier layer begin.
  let columns: [Int]
  /// Of each node.
  private var nodeRows: [Int?]
  /// Of each edge.
  private var paths: [GraphLayout.Path?]

  private struct EdgeKey: Hashable {
    var source: String
    var destination: String
    /// Among those between the same two nodes.
    var number: Int
  }

  /// `nil` when less than half of the nodes stood there.
  init?(of graph: CanonicalGraph, in given: LayoutGraph, earlier: LayoutGraph, _ layout: GraphLayout) {
    guard earlier.nodes.count == layout.nodes.count, earlier.edges.count == layout.edges.count else { return nil }
    let columns = Set(layout.nodes.map(\.column)).sorted()
    self.columns = columns
    let earlierNodes = Dictionary(zip(earlier.nodes.map(\.key), earlier.nodes.indices)) { first, _ in first }
    func groupKey(_ node: LayoutGraph.Node, _ groups: [LayoutGraph.Group]) -> String? {
      node.group.flatMap { groups.indices.contains($0) ? groups[$0].key : nil }
    }
    let places = graph.nodes.map { index -> Int? in
      let node = given.nodes[index]
      guard let place = earlierNodes[node.key] else { return nil }
      return groupKey(node, given.groups) == groupKey(earlier.nodes[place], earlier.groups) ? place : nil
    }
    guard places.count(where: { $0 != nil }) * 2 >= places.count else { return nil }
    nodeRows = places.map { $0.map { layout.nodes[$0].row } }
    layers = graph.blocks.map { block in
      block.members.lazy.compactMap { places[$0] }.first.flatMap { columns.firstIndex(of: layout.nodes[$0].column) }
    }
    let earlierEdges = Dictionary(
      zip(Self.keys(earlier, earlier.edges.indices.filter { earlier.hasEnds($0) }), 0...)
        .map { ($0.0, $0.1) }
    ) { first, _ in first }
    let order = earlier.edges.indices.filter { earlier.hasEnds($0) }
    paths = Self.keys(given, graph.edges.map(\.index)).map { key in
      earlierEdges[key].map { layout.edges[order[$0]] }
    }
  }

  private static func keys(_ graph: LayoutGraph, _ edges: [Int]) -> [EdgeKey] {
    var counts: [EdgeKey: Int] = [:]
    return edges.map { index in
      let edge = graph.edges[index]
      var key = EdgeKey(source: graph.nodes[edge.source].key, destination: graph.nodes[edge.destination].key, number: 0)
      key.number = counts[key, default: 0]
      counts[EdgeKey(source: key.source, destination: key.destination, number: 0), default: 0] += 1
      return key
    }
  }

  /// Of each vertex of the graph in layers: the row in which it stood, `nil` where it is new.
  func rows(of graph: LayeredGraph, columns: [Int?]) -> [Int?] {
    var rows = nodeRows + [Int?](repeating: nil, count: graph.layers.count - nodeRows.count)
    for (edge, chain) in graph.chains.enumerated() {
      guard let path = paths[edge] else { continue }
      for bend in chain {
        guard let column = columns[graph.layers[bend]] else { continue }
        rows[bend] =
          zip(path.points, path.points.dropFirst()).first { start, end in
            start.row == end.row && min(start.column, end.column) <= column && column <= max(start.column, end.column)
          }?.0.row
      }
    }
    return rows
  }
}

extension LayoutGraph {
  fileprivate func hasEnds(_ edge: Int) -> Bool {
    nodes.indices.contains(edges[edge].source) && nodes.indices.contains(edges[edge].destination)
  }
}
