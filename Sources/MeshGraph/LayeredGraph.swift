/// A graph whose blocks have layers, and whose long edges pass through a bend in each layer between their ends.
///
/// Vertices are the nodes and, after them, the bends. A bend is a block of its own; its number as a block continues
/// those of the graph's blocks.
struct LayeredGraph {
  let graph: CanonicalGraph
  let layerCount: Int
  /// Of each vertex.
  let layers: [Int]
  /// The bends of each edge, from the left to the right. An edge that leads to no later layer leaves its source to the
  /// right, turns, and comes back to the left of its destination: it has bends in the layers of its ends too, where it
  /// passes above or below them.
  let chains: [Range<Int>]
  /// Of each block of the graph, from top to bottom.
  var members: [[Int]]

  /// - Parameter layers: of each block.
  init(_ graph: CanonicalGraph, layers blockLayers: [Int]) {
    var layers = graph.blockOfNode.map { blockLayers[$0] }
    chains = graph.edges.map { edge in
      let source = layers[edge.source], destination = layers[edge.destination], start = layers.count
      layers += source < destination ? Array(source + 1..<destination) : Array(destination...source)
      return start..<layers.count
    }
    self.graph = graph
    self.layers = layers
    layerCount = (blockLayers.max() ?? -1) + 1
    members = graph.blocks.map(\.members)
  }

  var nodeCount: Int { graph.nodes.count }
  var blockCount: Int { graph.blocks.count + layers.count - nodeCount }

  func isNode(_ vertex: Int) -> Bool { vertex < nodeCount }

  func block(of vertex: Int) -> Int {
    isNode(vertex) ? graph.blockOfNode[vertex] : vertex - nodeCount + graph.blocks.count
  }

  func vertices(of block: Int) -> [Int] {
    block < graph.blocks.count ? members[block] : [block - graph.blocks.count + nodeCount]
  }

  /// The layer of a block.
  func layer(of block: Int) -> Int {
    layers[block < graph.blocks.count ? graph.blocks[block].members[0] : block - graph.blocks.count + nodeCount]
  }

  func isForward(_ edge: Int) -> Bool { layers[graph.edges[edge].source] < layers[graph.edges[edge].destination] }

  /// The vertices that an edge ties together from layer to layer, from the left. The bends in which it turns are left
  /// out: they stand beside the ends. Empty for an edge within a layer.
  func line(of edge: Int) -> [Int] {
    let (source, destination, chain) = (graph.edges[edge].source, graph.edges[edge].destination, chains[edge])
    if isForward(edge) { return [source] + chain + [destination] }
    return chain.count > 1 ? [destination] + chain.dropFirst().dropLast() + [source] : []
  }
}

/// Blocks that are laid out together, below those before and above those after.
struct Part {
  /// Blocks from top to bottom, in each layer.
  var layers: [[Int]]
}

extension LayeredGraph {
  /// Its connected parts, the largest first; blocks without edges in rows at the end.
  ///
  /// - Parameter rowsBefore: in which row each vertex stood before. Parts are then in that order, and those that stand
  ///   beside one another are one.
  func parts(rowsBefore: [Int?]?) -> [Part] {
    var partition = Partition(blockCount)
    for edge in graph.edges.indices {
      let (source, destination) = (graph.edges[edge].source, graph.edges[edge].destination)
      partition.join(block(of: source), block(of: destination))
      for bend in chains[edge] { partition.join(block(of: source), block(of: bend)) }
    }
    var spans = [Int: ClosedRange<Int>]()
    if let rowsBefore {
      for vertex in layers.indices {
        guard let row = rowsBefore[vertex] else { continue }
        // A box reaches further down; its last row is one that nothing of another part had.
        let rows = row...row + (isNode(vertex) ? graph.rows[vertex] - 1 : 0)
        let root = partition.root(block(of: vertex))
        spans[root] =
          spans[root].map { min($0.lowerBound, rows.lowerBound)...max($0.upperBound, rows.upperBound) } ?? rows
      }
      var last: (root: Int, rows: ClosedRange<Int>)?
      for (root, rows) in spans.sorted(by: { ($0.value.lowerBound, $0.key) < ($1.value.lowerBound, $1.key) }) {
        guard let (before, span) = last, span.upperBound >= rows.lowerBound else {
          last = (root, rows)
          continue
        }
        partition.join(before, root)
        let joined = partition.root(root)
        last = (joined, span.lowerBound...max(span.upperBound, rows.upperBound))
        spans[joined] = last?.rows
      }
    }
    return parts(&partition, spans)
  }

  private func parts(_ partition: inout Partition, _ spans: [Int: ClosedRange<Int>]) -> [Part] {
    var size = [Int](repeating: 0, count: blockCount)
    for block in 0..<blockCount { size[partition.root(block)] += 1 }
    // Idle blocks that stand side by side are one part: they came layer by layer.
    var idleRow: (layer: Int, root: Int)?
    for block in 0..<graph.blocks.count where size[partition.root(block)] == 1 && spans[partition.root(block)] == nil {
      if let (layer, root) = idleRow, layer < self.layer(of: block) {
        partition.join(root, block)
        idleRow = (self.layer(of: block), root)
      } else {
        idleRow = (self.layer(of: block), block)
      }
    }
    let isIdle = size.map { $0 == 1 }
    let roots = (0..<blockCount).filter { partition.root($0) == $0 }.sorted { first, second in
      switch (spans[first], spans[second]) {
      case (let before?, let after?): before.lowerBound < after.lowerBound
      case (_?, nil): true
      case (nil, _?): false
      case (nil, nil):
        (isIdle[first] ? 0 : -size[first], first) < (isIdle[second] ? 0 : -size[second], second)
      }
    }
    var place = [Int](repeating: 0, count: blockCount)
    for (index, root) in roots.enumerated() { place[root] = index }
    var parts = [Part](repeating: Part(layers: Array(repeating: [], count: layerCount)), count: roots.count)
    for block in 0..<blockCount { parts[place[partition.root(block)]].layers[layer(of: block)].append(block) }
    return parts
  }
}
