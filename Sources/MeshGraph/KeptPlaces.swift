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
    var number = 0
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
    let earlierPaths = Dictionary(
      zip(Self.keys(earlier), layout.edges).compactMap { key, path in key.map { ($0, path) } }
    ) { first, _ in first }
    let keys = Self.keys(given)
    paths = graph.edges.map { edge in keys[edge.index].flatMap { earlierPaths[$0] } }
  }

  /// Of each edge; `nil` where it has no ends.
  private static func keys(_ graph: LayoutGraph) -> [EdgeKey?] {
    var counts: [EdgeKey: Int] = [:]
    return graph.edges.map { edge in
      guard graph.nodes.indices.contains(edge.source), graph.nodes.indices.contains(edge.destination) else {
        return nil
      }
      let first = EdgeKey(source: graph.nodes[edge.source].key, destination: graph.nodes[edge.destination].key)
      var key = first
      key.number = counts[first, default: 0]
      counts[first] = key.number + 1
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
