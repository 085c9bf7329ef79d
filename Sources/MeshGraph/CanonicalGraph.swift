/// A graph in an order of its own, whatever order it came in, without what refers to nothing, and with sizes that can
/// be counted with.
struct CanonicalGraph {
  /// Far beyond any terminal, and far from where sums of all sizes end.
  static let sizes = 1...512
  /// A wider label has no room anywhere.
  static let widestLabel = 48

  struct Edge {
    var source: Int
    var destination: Int
    var label: Int
    /// Its place in the given graph.
    var index: Int
  }

  /// What stands together in one layer: a node, or the nodes of a group.
  struct Block {
    var members: [Int]
    /// Its place in the given graph.
    var group: Int?
    /// The least width of its border.
    var columns: Int
  }

  /// The place in the given graph of each node here, which are ordered by key.
  let nodes: [Int]
  let columns: [Int]
  let rows: [Int]
  /// In the order of their first members.
  let blocks: [Block]
  let blockOfNode: [Int]
  let edges: [Edge]

  init(_ graph: LayoutGraph) {
    let nodes = graph.nodes.indices.sorted {
      graph.nodes[$0].key == graph.nodes[$1].key ? $0 < $1 : graph.nodes[$0].key < graph.nodes[$1].key
    }
    var rank = [Int](repeating: 0, count: nodes.count)
    for (place, node) in nodes.enumerated() { rank[node] = place }

    var blocks: [Block] = []
    var blockOfNode: [Int] = []
    var blockOfGroup = [Int?](repeating: nil, count: graph.groups.count)
    for (place, node) in nodes.enumerated() {
      let group = graph.nodes[node].group.flatMap { graph.groups.indices.contains($0) ? $0 : nil }
      if let block = group.flatMap({ blockOfGroup[$0] }) {
        blocks[block].members.append(place)
        blockOfNode.append(block)
        continue
      }
      if let group { blockOfGroup[group] = blocks.count }
      blockOfNode.append(blocks.count)
      blocks.append(
        Block(members: [place], group: group, columns: group.map { Self.size(graph.groups[$0].columns) } ?? 0))
    }

    self.nodes = nodes
    columns = nodes.map { Self.size(graph.nodes[$0].columns) }
    rows = nodes.map { Self.size(graph.nodes[$0].rows) }
    self.blocks = blocks
    self.blockOfNode = blockOfNode
    edges = graph.edges.indices.compactMap { index in
      let edge = graph.edges[index]
      guard nodes.indices.contains(edge.source), nodes.indices.contains(edge.destination) else { return nil }
      return Edge(
        source: rank[edge.source], destination: rank[edge.destination], label: max(0, edge.label), index: index)
    }.sorted {
      ($0.source, $0.destination, $0.index) < ($1.source, $1.destination, $1.index)
    }
  }

  private static func size(_ given: Int) -> Int { min(max(given, sizes.lowerBound), sizes.upperBound) }
}

/// Lists of numbers, one for each place, in one array.
struct Rows<Element> {
  private var starts: [Int]
  private(set) var elements: [Element]

  /// Those of one place keep the order in which they are given.
  init(count: Int, _ pairs: [(place: Int, element: Element)]) {
    starts = [Int](repeating: 0, count: count + 1)
    for pair in pairs { starts[pair.place + 1] += 1 }
    for place in 0..<count { starts[place + 1] += starts[place] }
    var next = starts
    var source = [Int](repeating: 0, count: pairs.count)
    for (index, pair) in pairs.enumerated() {
      source[next[pair.place]] = index
      next[pair.place] += 1
    }
    elements = source.map { pairs[$0].element }
  }

  func range(of place: Int) -> Range<Int> { starts[place]..<starts[place + 1] }

  subscript(place: Int) -> ArraySlice<Element> { elements[range(of: place)] }
}
