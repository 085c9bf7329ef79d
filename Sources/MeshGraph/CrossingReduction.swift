/// Puts the blocks of each layer in an order in which few edges cross, and the members of a group in an order of their
/// own.
///
/// First sweeps: each layer in turn is sorted by the mean place of the neighbours in the layer before (Sugiyama, Tagawa,
/// Toda, 1981). Then sifting: each block is moved to the place in its layer where it crosses least (Matuszewski,
/// Schönfeld, Molitor, 1999). Where there is an earlier layout, what it holds is put in its order, and only what is new
/// is sifted.
struct CrossingReduction {
  private let graph: LayeredGraph
  private let rowsBefore: [Int?]?
  private let left: Rows<Int>
  private let right: Rows<Int>
  /// Of each vertex in its layer; -1 before it has one.
  private var places: [Int]
  /// Of each block of the graph, from top to bottom.
  private(set) var members: [[Int]]
  private var fenwick = FenwickTree()
  /// How far sifting moves an item at once.
  private let reach: Int

  init(_ graph: LayeredGraph, rowsBefore: [Int?]?) {
    self.graph = graph
    self.rowsBefore = rowsBefore
    var pieces: [(place: Int, element: Int)] = []
    for edge in graph.graph.edges.indices {
      let line = graph.line(of: edge)
      for (start, end) in zip(line, line.dropFirst()) { pieces.append((start, end)) }
    }
    right = Rows(count: graph.layers.count, pieces)
    left = Rows(count: graph.layers.count, pieces.map { (place: $0.element, element: $0.place) })
    places = [Int](repeating: -1, count: graph.layers.count)
    members = graph.members
    // After the sweeps what crosses less is near; what is new may belong anywhere.
    reach = rowsBefore == nil ? 48 : .max
  }

  mutating func order(_ part: inout Part) {
    // Bends in which an edge turns stand beside its ends, and come later.
    let isTied = { [graph, left, right] (block: Int) in
      block < graph.graph.blocks.count
        || !graph.vertices(of: block).allSatisfy { left[$0].isEmpty && right[$0].isEmpty }
    }
    for layer in part.layers.indices { part.layers[layer].removeAll { !isTied($0) } }
    if rowsBefore == nil {
      orderAfresh(&part)
    } else {
      orderAsBefore(&part)
    }
  }

  // MARK: Sweeps

  private mutating func orderAfresh(_ part: inout Part) {
    guard part.layers.contains(where: { $0.count > 1 || $0.contains { vertices(of: $0).count > 1 } }) else {
      part.layers.indices.forEach { number(part.layers[$0]) }
      return
    }
    startDepthFirst(&part)
    var best = (crossings: crossings(part), part: part, members: members)
    var failures = 0
    for round in 0..<24 where best.crossings > 0 && failures < 6 {
      let isRightward = round % 2 == 0
      for layer in isRightward ? Array(part.layers.indices) : part.layers.indices.reversed() {
        sort(&part.layers[layer], by: isRightward ? left : right, isReversed: round % 4 >= 2)
      }
      let crossings = crossings(part)
      if crossings < best.crossings {
        best = (crossings, part, members)
        failures = 0
      } else {
        failures += 1
      }
    }
    part = best.part
    members = best.members
    part.layers.indices.forEach { number(part.layers[$0]) }
    siftAll(&part, rounds: 8) { _ in true }
  }

  /// Neighbours come near each other from the start.
  private mutating func startDepthFirst(_ part: inout Part) {
    var reached: [[Int]] = part.layers.map { _ in [] }
    var isSeen = Set<Int>()
    for start in part.layers.joined() {
      var open = [start]
      while let block = open.popLast() {
        guard isSeen.insert(block).inserted else { continue }
        reached[graph.layer(of: block)].append(block)
        for vertex in vertices(of: block).reversed() {
          open += left[vertex].reversed().map(graph.block(of:))
          open += right[vertex].reversed().map(graph.block(of:))
        }
      }
    }
    part.layers = reached
    part.layers.indices.forEach { number(part.layers[$0]) }
  }

  private mutating func sort(_ layer: inout [Int], by neighbours: Rows<Int>, isReversed: Bool) {
    func mean(_ vertices: [Int]) -> Double? {
      var (sum, count) = (0, 0)
      for vertex in vertices {
        for neighbour in neighbours[vertex] { sum += places[neighbour] }
        count += neighbours[vertex].count
      }
      return count == 0 ? nil : Double(sum) / Double(count)
    }
    func sorted(_ items: [Int], _ vertices: (Int) -> [Int]) -> [Int] {
      var last = -1.0
      // What has no neighbours stays behind what it stood behind.
      let keyed = items.enumerated().map { place, item in
        last = mean(vertices(item)) ?? last
        return (key: last, place: isReversed ? -place : place, item: item)
      }
      return keyed.sorted { ($0.key, $0.place) < ($1.key, $1.place) }.map(\.item)
    }
    for block in layer where block < members.count && members[block].count > 1 {
      members[block] = sorted(members[block]) { [$0] }
    }
    layer = sorted(layer, vertices(of:))
    number(layer)
  }

  private func vertices(of block: Int) -> [Int] {
    block < members.count ? members[block] : graph.vertices(of: block)
  }

  private mutating func number(_ layer: [Int]) {
    var place = 0
    for block in layer {
      for vertex in vertices(of: block) {
        places[vertex] = place
        place += 1
      }
    }
  }

  private mutating func crossings(_ part: Part) -> Int {
    var count = 0
    for (layer, next) in zip(part.layers, part.layers.dropFirst()) {
      fenwick.reset(count: next.reduce(0) { $0 + vertices(of: $1).count })
      for block in layer {
        for vertex in vertices(of: block) {
          for neighbour in right[vertex] { count += fenwick.countAbove(places[neighbour]) }
          for neighbour in right[vertex] { fenwick.add(places[neighbour]) }
        }
      }
    }
    return count
  }

  // MARK: Sifting

  /// From layer to layer and back, until that gains little.
  private mutating func siftAll(_ part: inout Part, rounds: Int, where isFree: (Int) -> Bool) {
    var first: Int?
    for _ in 0..<rounds {
      var gain = 0
      for layer in part.layers.indices { gain += sift(&part.layers[layer], where: isFree) }
      for layer in part.layers.indices.reversed() { gain += sift(&part.layers[layer], where: isFree) }
      if gain <= (first ?? gain) / 32 { break }
      first = first ?? gain
    }
  }

  /// Moves blocks, and members within their groups, one after the other to where they cross least.
  ///
  /// - Returns: how many crossings that saves.
  private mutating func sift(_ layer: inout [Int], where isFree: (Int) -> Bool) -> Int {
    var gain = 0
    for block in layer where block < members.count && members[block].count > 1 {
      gain += sift(&members[block], { [$0] }, where: isFree)
    }
    let members = members
    gain += sift(&layer, { [graph] in $0 < members.count ? members[$0] : graph.vertices(of: $0) }) { block in
      (block < members.count ? members[block] : graph.vertices(of: block)).allSatisfy(isFree)
    }
    number(layer)
    return gain
  }

  private func sift(_ items: inout [Int], _ vertices: (Int) -> [Int], where isFree: (Int) -> Bool) -> Int {
    guard items.count > 1 else { return 0 }
    let free = items.indices.filter { isFree(items[$0]) }
    guard !free.isEmpty else { return 0 }
    var row = SiftedRow(items.map(vertices), left, right, places)
    let gain = free.reduce(0) { $0 + row.sift($1, reach: reach) }
    items = row.order.map { items[$0] }
    return gain
  }

  // MARK: Keeping

  private mutating func orderAsBefore(_ part: inout Part) {
    guard let rowsBefore else { return }
    func row(_ block: Int) -> Int? { vertices(of: block).lazy.compactMap { rowsBefore[$0] }.min() }
    for layer in part.layers.indices {
      for block in part.layers[layer] where block < members.count {
        members[block].sort { (rowsBefore[$0] ?? .max, $0) < (rowsBefore[$1] ?? .max, $1) }
      }
      part.layers[layer] = part.layers[layer].map { (row($0) ?? .max, $0) }.sorted(by: <).map(\.1)
      number(part.layers[layer])
    }
    siftAll(&part, rounds: 4) { rowsBefore[$0] == nil }
  }
}

/// Counts of places, and how many lie above one (Fenwick, 1994).
private struct FenwickTree {
  private var sums: [Int] = []
  private var total = 0

  mutating func reset(count: Int) {
    sums = [Int](repeating: 0, count: count + 1)
    total = 0
  }

  mutating func add(_ place: Int) {
    total += 1
    var index = place + 1
    while index < sums.count {
      sums[index] += 1
      index += index & -index
    }
  }

  func countAbove(_ place: Int) -> Int {
    var sum = 0
    var index = place + 1
    while index > 0 {
      sum += sums[index]
      index -= index & -index
    }
    return total - sum
  }
}
