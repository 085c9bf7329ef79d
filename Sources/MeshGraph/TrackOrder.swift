/// The tracks of a channel's trunks.
struct TrackOrder {
  /// How far a trunk is moved at once.
  private static let reach = 96

  /// Of each trunk, from the left.
  private(set) var tracks: [Int]
  private let trunks: [Trunk]

  /// - Parameter trunks: in an order that keeps those left that must stand left.
  init(_ trunks: [Trunk]) {
    self.trunks = trunks
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
    var free = [Int](repeating: 0, count: (trunks.map(\.bottom).max() ?? 0) + 1)
    for trunk in order {
      let span = trunks[trunk].top...trunks[trunk].bottom
      var track = 0
      for row in span { track = max(track, free[row]) }
      tracks[trunk] = track
      for row in span { free[row] = track + 1 }
    }
  }
  /// How many crossings fewer there would be if a trunk's parts each had the better side of every other trunk.
  func excess(of trunk: Int, _ parts: [Trunk]) -> Int {
    let own = trunks[trunk]
    return trunks.indices.reduce(0) { sum, index in
      let other = trunks[index]
      guard index != trunk, own.overlaps(other) else { return sum }
      let crossings = tracks[trunk] < tracks[index] ? own.crossings(before: other) : other.crossings(before: own)
      return parts.reduce(sum + crossings) {
        $0 - min($1.crossings(before: other), other.crossings(before: $1))
      }
    }
  }
}
