/// A vertical piece, and the rows in which horizontal ones meet it.
struct Trunk {
  let left: [Int]
  let right: [Int]
  let top: Int
  let bottom: Int

  init(left: [Int], right: [Int]) {
    self.left = left
    self.right = right
    let rows = left + right
    top = rows.min() ?? 0
    bottom = rows.max() ?? 0
  }

  func overlaps(_ other: Trunk) -> Bool { top <= other.bottom && other.top <= bottom }

  /// How many lines cross when this stands left of the other.
  func crossings(before other: Trunk) -> Int {
    var count = 0
    for row in other.left where top < row && row < bottom { count += 1 }
    for row in right where other.top < row && row < other.bottom { count += 1 }
    return count
  }

  /// Whether this cannot stand right of the other: their horizontal pieces would lie on one another.
  func mustStandLeft(of other: Trunk) -> Bool { left.contains { other.right.contains($0) } }
}

/// The tracks of a channel's trunks.
struct TrackOrder {
  /// How far a trunk is moved at once.
  private static let reach = 96

  /// Of each trunk, from the left.
  private(set) var tracks: [Int]

  /// - Parameter trunks: in an order that keeps those left that must stand left.
  init(_ trunks: [Trunk], rows: Int) {
    var order = Array(trunks.indices)
    for _ in 0..<3 {
      var isMoved = false
      for trunk in trunks.indices {
        guard let place = order.firstIndex(of: trunk) else { continue }
        var best = (change: 0, place: place)
        var change = 0
        for index in stride(from: place - 1, through: max(0, place - Self.reach), by: -1) {
          let other = trunks[order[index]]
          guard trunks[trunk].overlaps(other) else { continue }
          if other.mustStandLeft(of: trunks[trunk]) { break }
          change += trunks[trunk].crossings(before: other) - other.crossings(before: trunks[trunk])
          if change < best.change { best = (change, index) }
        }
        change = 0
        for index in order.indices.dropFirst(place + 1).prefix(Self.reach) {
          let other = trunks[order[index]]
          guard trunks[trunk].overlaps(other) else { continue }
          if trunks[trunk].mustStandLeft(of: other) { break }
          change += other.crossings(before: trunks[trunk]) - trunks[trunk].crossings(before: other)
          if change < best.change { best = (change, index) }
        }
        if best.place != place {
          order.remove(at: place)
          order.insert(trunk, at: best.place)
          isMoved = true
        }
      }
      if !isMoved { break }
    }

    tracks = [Int](repeating: 0, count: trunks.count)
    // The first track that is free in each row.
    var free = [Int](repeating: 0, count: max(rows, (trunks.map(\.bottom).max() ?? 0) + 1))
    for trunk in order {
      let span = trunks[trunk].top...trunks[trunk].bottom
      var track = 0
      for row in span { track = max(track, free[row]) }
      tracks[trunk] = track
      for row in span { free[row] = track + 1 }
    }
  }
}
