/// The row of every vertex: few rows in all, and edges as straight as the order allows.
///
/// Layer by layer, with the layers beside it held still, the rows of a layer's blocks are those with the least sum of
/// vertical distances along its edges. Blocks in order, each a least distance below the one before, make that an
/// isotonic regression, which a heap of breakpoints solves exactly.
struct RowPlacement {
  /// Rows that stay free between two boxes, and between a box and a line that passes it.
  static let boxGap = 1
  static let lineGap = 0

  /// Of each vertex: the top of a node, the line of a bend.
  private(set) var rows: [Int]
  private(set) var totalRows = 0
  let ports: Ports

  private let graph: LayeredGraph
  /// Of each vertex, within its block.
  private let insets: [Int]
  private let heights: [Int]
  private var tops: [Int]
  private let left: Rows<Tie>
  private let right: Rows<Tie>

  /// One vertex's wish to stand level with another.
  private struct Tie {
    var other: Int
    /// How far below the other's top its own top would be.
    var offset: Int
    var weight: Int
  }

  init(_ graph: LayeredGraph, _ ordered: [Part]) {
    let parts = ordered.map { graph.placingTurns(in: $0) }
    var place = [Int](repeating: 0, count: graph.layers.count)
    for part in parts {
      for layer in part.layers {
        for (index, vertex) in layer.flatMap(graph.vertices(of:)).enumerated() { place[vertex] = index }
      }
    }
    let ports = Ports(graph, place: place)
    var insets = [Int](repeating: 0, count: graph.layers.count)
    var heights = [Int](repeating: 1, count: graph.blockCount)
    for (block, members) in graph.members.enumerated() {
      let border = graph.graph.blocks[block].group == nil ? 0 : 1
      var height = border
      for member in members {
        insets[member] = height
        height += graph.graph.rows[member]
      }
      heights[block] = height + border
    }
    var ties: [(upper: Int, lower: Int, offset: Int, weight: Int)] = []
    for (edge, ends) in graph.graph.edges.enumerated() {
      let exit = ports.exits[ends.source], entry = ports.entries[edge]
      let chain = graph.chains[edge]
      for (bend, next) in zip(chain, chain.dropFirst()) { ties.append((bend, next, 0, 8)) }
      guard graph.isForward(edge) else { continue }
      if let first = chain.first, let last = chain.last {
        ties.append((ends.source, first, exit, 3))
        ties.append((last, ends.destination, -entry, 3))
      } else {
        ties.append((ends.source, ends.destination, exit - entry, 2))
      }
    }
    self.graph = graph
    self.ports = ports
    self.insets = insets
    self.heights = heights
    left = Rows(
      count: graph.layers.count,
      ties.map { (place: $0.lower, element: Tie(other: $0.upper, offset: $0.offset, weight: $0.weight)) })
    right = Rows(
      count: graph.layers.count,
      ties.map { (place: $0.upper, element: Tie(other: $0.lower, offset: -$0.offset, weight: $0.weight)) })
    tops = [Int](repeating: 0, count: graph.blockCount)
    rows = [Int](repeating: 0, count: graph.layers.count)
    for part in parts { lay(part) }
  }

  /// Lays a part out below all that have been.
  private mutating func lay(_ part: Part) {
    for layer in part.layers { stack(layer) }
    var best = (cost: Int.max, tops: tops)
    let layers = part.layers.indices
    for round in 0..<12 {
      let isRightward = round % 2 == 0
      for layer in isRightward ? Array(layers) : layers.reversed() {
        let sides = round < 6 ? (isRightward ? [left] : [right]) : [left, right]
        settle(part.layers[layer], sides)
      }
      let cost = cost(part)
      if cost <= best.cost { best = (cost, tops) }
    }
    tops = best.tops
    let blocks = part.layers.joined()
    let top = blocks.map { tops[$0] }.min() ?? 0
    let shift = totalRows + (totalRows > 0 ? Self.boxGap : 0) - top
    for block in blocks {
      tops[block] += shift
      totalRows = max(totalRows, tops[block] + heights[block])
    }
    for vertex in blocks.lazy.flatMap(graph.vertices(of:)) { rows[vertex] = row(vertex) }
  }

  private func row(_ vertex: Int) -> Int { tops[graph.block(of: vertex)] + insets[vertex] }

  private func distance(_ upper: Int, _ lower: Int) -> Int {
    let boxes = graph.graph.blocks.count
    let gap =
      switch (upper < boxes, lower < boxes) {
      case (true, true): Self.boxGap
      case (false, false): 0
      default: Self.lineGap
      }
    return heights[upper] + gap
  }

  private mutating func stack(_ layer: [Int]) {
    var top = 0
    for (index, block) in layer.enumerated() {
      if index > 0 { top += distance(layer[index - 1], block) }
      tops[block] = top
    }
  }

  private func cost(_ part: Part) -> Int {
    part.layers.joined().lazy.flatMap(graph.vertices(of:)).reduce(0) { sum, vertex in
      right[vertex].reduce(sum) { $0 + abs(row(vertex) - row($1.other) - $1.offset) * $1.weight }
    }
  }

  /// Gives the blocks of one layer the best rows for where the layers on the given sides are.
  private mutating func settle(_ layer: [Int], _ sides: [Rows<Tie>]) {
    var breakpoints = BreakpointHeap()
    // Where each block would stand if all before it had no height.
    var levels: [Int?] = []
    var depth = 0
    var depths: [Int] = []
    for (index, block) in layer.enumerated() {
      if index > 0 { depth += distance(layer[index - 1], block) }
      depths.append(depth)
      var weight = 0
      for vertex in graph.vertices(of: block) {
        for side in sides {
          for tie in side[vertex] {
            breakpoints.push(row(tie.other) + tie.offset - insets[vertex] - depth, weight: 2 * tie.weight)
            weight += tie.weight
          }
        }
      }
      breakpoints.pop(weight: weight)
      levels.append(breakpoints.top)
    }
    var level: Int?
    for index in layer.indices.reversed() {
      if let own = levels[index] { level = min(own, level ?? own) }
      if let level { tops[layer[index]] = level + depths[index] }
    }
  }
}

/// Weighted numbers, the largest first.
private struct BreakpointHeap {
  private var items: [(value: Int, weight: Int)] = []

  var top: Int? { items.first?.value }

  mutating func push(_ value: Int, weight: Int) {
    items.append((value, weight))
    var child = items.count - 1
    while child > 0, items[(child - 1) / 2].value < items[child].value {
      items.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  /// Takes that much weight from the largest.
  mutating func pop(weight: Int) {
    var weight = weight
    while weight > 0, let first = items.first {
      if first.weight > weight {
        items[0].weight -= weight
        return
      }
      weight -= first.weight
      removeTop()
    }
  }

  private mutating func removeTop() {
    guard let last = items.popLast(), !items.isEmpty else { return }
    items[0] = last
    var parent = 0
    while true {
      var largest = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < items.count {
        if items[child].value > items[largest].value { largest = child }
      }
      if largest == parent { return }
      items.swapAt(parent, largest)
      parent = largest
    }
  }
}
