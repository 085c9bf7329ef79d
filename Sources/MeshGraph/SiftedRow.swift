/// The items of a layer, or the members of a group, while they are moved one by one to where they cross least.
struct SiftedRow {
  /// The items from top to bottom.
  private(set) var order: [Int]
  private let left: Side
  private let right: Side
  private var leftBalance: [Int32]
  private var rightBalance: [Int32]

  /// What items are tied to on one side.
  private struct Side {
    private var starts: [Int] = [0]
    private var places: [Int32] = []
    private(set) var count: Int

    init(_ items: [[Int]], _ neighbours: Rows<Int>, _ placeOf: [Int]) {
      for vertices in items {
        for vertex in vertices {
          for neighbour in neighbours[vertex] { places.append(Int32(placeOf[neighbour])) }
        }
        places[starts[starts.count - 1]...].sort()
        starts.append(places.count)
      }
      count = Int((places.max() ?? -1) + 1)
    }

    /// For each place: how many of the item's neighbours stand below it, less those that stand above it. That is what
    /// an edge from there costs more when its other end stands below the item rather than above it.
    func fill(_ balance: inout [Int32], of item: Int) {
      let range = starts[item]..<starts[item + 1]
      var place = 0
      for index in range {
        let next = Int(places[index])
        let value = Int32(range.upperBound - index) - Int32(index - range.lowerBound)
        while place < next {
          balance[place] = value
          place += 1
        }
        guard index == range.lowerBound || places[index - 1] != places[index] else { continue }
        let equal = Int32(range.dropFirst(index - range.lowerBound).prefix { places[$0] == places[index] }.count)
        balance[place] = value - equal
        place += 1
      }
      while place < count {
        balance[place] = -Int32(range.count)
        place += 1
      }
    }

    func sum(_ balance: [Int32], over item: Int) -> Int {
      var sum: Int32 = 0
      for index in starts[item]..<starts[item + 1] { sum += balance[Int(places[index])] }
      return Int(sum)
    }
  }

  /// - Parameter items: the vertices of each.
  init(_ items: [[Int]], _ left: Rows<Int>, _ right: Rows<Int>, _ placeOf: [Int]) {
    order = Array(items.indices)
    self.left = Side(items, left, placeOf)
    self.right = Side(items, right, placeOf)
    leftBalance = [Int32](repeating: 0, count: self.left.count)
    rightBalance = [Int32](repeating: 0, count: self.right.count)
  }

  /// Moves an item to the nearest of the places where it crosses least.
  ///
  /// - Parameter reach: how many others it may pass.
  /// - Returns: how many crossings that saves.
  mutating func sift(_ item: Int, reach: Int) -> Int {
    guard let place = order.firstIndex(of: item) else { return 0 }
    left.fill(&leftBalance, of: item)
    right.fill(&rightBalance, of: item)
    var best = (change: 0, place: place)
    var change = 0
    for index in stride(from: place - 1, through: max(0, place - reach), by: -1) {
      change += left.sum(leftBalance, over: order[index]) + right.sum(rightBalance, over: order[index])
      if change < best.change { best = (change, index) }
    }
    change = 0
    for index in order.indices.dropFirst(place + 1).prefix(reach) {
      change -= left.sum(leftBalance, over: order[index]) + right.sum(rightBalance, over: order[index])
      if change < best.change { best = (change, index) }
    }
    guard best.place != place else { return 0 }
    order.remove(at: place)
    order.insert(item, at: best.place)
    return -best.change
  }
}
