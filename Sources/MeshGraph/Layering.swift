/// The layer of each block: edges lead to later layers, except those that close a cycle.
struct Layering {
  /// Deeper graphs fold at the last layer, so that long edges cannot take memory without end.
  static let mostLayers = 64
  /// How many blocks are moved at once to shorten edges.
  private static let mostPushed = 32

  /// Of each block, from 0; none is empty.
  private(set) var layers: [Int]
  /// In which column each layer's nodes stood in the earlier layout; `nil` for a new layer.
  private(set) var columnsBefore: [Int?] = []

  private let count: Int
  private let successors: Rows<Int>
  private let predecessors: Rows<Int>

  init(_ graph: CanonicalGraph, kept: KeptPlaces?) {
    count = graph.blocks.count
    var links: [(place: Int, element: Int)] = []
    for edge in graph.edges {
      let source = graph.blockOfNode[edge.source], destination = graph.blockOfNode[edge.destination]
      if source != destination { links.append((source, destination)) }
    }
    let all = Rows(count: count, links)
    let order = Self.topologicalOrder(all, count: count, entered: Set(links.map(\.element)))
    var rank = [Int](repeating: 0, count: count)
    for (place, block) in order.enumerated() { rank[block] = place }
    // A link that closes a cycle pulls its ends together as any other.
    let forward = links.map { rank[$0.place] < rank[$0.element] ? $0 : (place: $0.element, element: $0.place) }
    successors = Rows(count: count, forward)
    predecessors = Rows(count: count, forward.map { (place: $0.element, element: $0.place) })
    layers = [Int](repeating: 0, count: count)

    for block in order {
      layers[block] = min((predecessors[block].map { layers[$0] }.max() ?? -1) + 1, Self.mostLayers - 1)
    }
    tighten(order)
    spreadIdle()
    if let kept {
      keep(kept, order)
    } else {
      columnsBefore = [Int?](repeating: nil, count: (layers.max() ?? -1) + 1)
    }
  }

  /// Depth first from the blocks that nothing leads to, then from those with most edges out over edges in.
  private static func topologicalOrder(_ successors: Rows<Int>, count: Int, entered: Set<Int>) -> [Int] {
    var finished: [Int] = []
    var isSeen = [Bool](repeating: false, count: count)
    var surplus = (0..<count).map { successors[$0].count }
    for successor in successors.elements { surplus[successor] -= 1 }
    let roots = (0..<count).filter { !entered.contains($0) }
    let others = (0..<count).filter(entered.contains).sorted { (-surplus[$0], $0) < (-surplus[$1], $1) }
    for root in roots + others where !isSeen[root] {
      isSeen[root] = true
      var path = [(block: root, next: successors.range(of: root).lowerBound)]
      while let (block, next) = path.last {
        guard next < successors.range(of: block).upperBound else {
          finished.append(block)
          path.removeLast()
          continue
        }
        path[path.count - 1].next += 1
        let successor = successors.elements[next]
        if !isSeen[successor] {
          isSeen[successor] = true
          path.append((successor, successors.range(of: successor).lowerBound))
        }
      }
    }
    return finished.reversed()
  }

  /// Shortens edges: moves a block by a layer, with all that it would push, towards the side on which they have more
  /// edges, as long as that is so; then each connected part to the left.
  private mutating func tighten(_ order: [Int]) {
    for pass in 0..<16 {
      var isMoved = false
      let isRightward = pass % 2 == 0
      for block in isRightward ? order.reversed() : order {
        while let pushed = pushed(by: block, isRightward: isRightward) {
          for other in pushed { layers[other] += isRightward ? 1 : -1 }
          isMoved = true
        }
      }
      if !isMoved && pass > 0 { break }
    }
    var parts = Partition(count)
    for block in 0..<count { successors[block].forEach { parts.join(block, $0) } }
    var first = [Int](repeating: .max, count: count)
    for block in 0..<count { first[parts.root(block)] = min(first[parts.root(block)], layers[block]) }
    for block in 0..<count { layers[block] = min(layers[block] - first[parts.root(block)], Self.mostLayers - 1) }
  }

  /// What moves along when a block moves by a layer; `nil` when that makes edges no shorter, or is too much to look at.
  private func pushed(by block: Int, isRightward: Bool) -> [Int]? {
    let (ahead, behind) = isRightward ? (successors, predecessors) : (predecessors, successors)
    let step = isRightward ? 1 : -1
    var pushed = [block]
    var place = 0
    var gain = 0
    while place < pushed.count {
      let layer = layers[pushed[place]] + step
      guard pushed.count <= Self.mostPushed, layer < Self.mostLayers else { return nil }
      for next in ahead[pushed[place]] where layers[next] == layer && !pushed.contains(next) { pushed.append(next) }
      place += 1
    }
    for other in pushed {
      for next in ahead[other] where !pushed.contains(next) { gain += 1 }
      for next in behind[other] where !pushed.contains(next) { gain -= 1 }
    }
    return gain > 0 ? pushed : nil
  }

  /// Blocks without edges stand in rows below the rest, not in one long column.
  private mutating func spreadIdle() {
    let idle = (0..<count).filter { successors[$0].isEmpty && predecessors[$0].isEmpty }
    let deepest = layers.max() ?? 0
    let width = deepest > 0 ? deepest + 1 : min(4, idle.count)
    for (place, block) in idle.enumerated() { layers[block] = place % width }
  }

  /// Kept blocks stand where they stood; a new one to the right of what leads to it, or to the left of what it leads
  /// to.
  private mutating func keep(_ kept: KeptPlaces, _ order: [Int]) {
    var places = kept.layers
    for _ in 0..<2 {
      for block in order where places[block] == nil {
        if let before = predecessors[block].compactMap({ places[$0] }).max() {
          places[block] = before + 1
        } else if let after = successors[block].compactMap({ places[$0] }).min() {
          places[block] = after - 1
        }
      }
    }
    for block in order where places[block] == nil { places[block] = layers[block] }
    let taken = Set(places.compactMap { $0 }).sorted()
    var number: [Int: Int] = [:]
    for (index, place) in taken.enumerated() { number[place] = min(index, Self.mostLayers - 1) }
    layers = places.map { $0.flatMap { number[$0] } ?? 0 }
    columnsBefore = taken.prefix(Self.mostLayers).map { kept.columns.indices.contains($0) ? kept.columns[$0] : nil }
  }
}

/// Which things belong together (union-find).
struct Partition {
  private var parents: [Int]

  init(_ count: Int) { parents = Array(0..<count) }

  mutating func root(_ item: Int) -> Int {
    var item = item
    while parents[item] != item {
      parents[item] = parents[parents[item]]
      item = parents[item]
    }
    return item
  }

  /// The smaller root stays.
  mutating func join(_ first: Int, _ second: Int) {
    let first = root(first), second = root(second)
    parents[max(first, second)] = min(first, second)
  }
}
