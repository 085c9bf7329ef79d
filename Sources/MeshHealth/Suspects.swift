import MeshModel

/// Finds among all changes those that can have caused something: near in place first, then near in time.
struct Suspects {
  /// A change further back is taken for no cause.
  static let reach: Duration = .seconds(15 * 60)
  /// Times of changes are whole seconds, and those of traffic are of slices: a change may seem to come later.
  static let slack: Duration = .seconds(6)
  private static let most = 3

  /// Nearest first.
  let nodes: [MeshNode]

  init(_ nodes: [MeshNode]) { self.nodes = nodes }

  /// - Parameter changes: newest first.
  func preceding(_ since: Timestamp, _ changes: [ObservedChange]) -> [Finding.Preceding] {
    var found: [(distance: Int, change: ObservedChange)] = []
    for change in changes where change.time <= since + Self.slack {
      if since - change.time > Self.reach { break }
      if let distance = distance(to: change) { found.append((distance, change)) }
    }
    // A sort that keeps the newer of two that are as near.
    let order = found.enumerated().sorted { ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset) }
    return order.prefix(Self.most).map { entry in
      Finding.Preceding(entry.element.change, before: max(.zero, since - entry.element.change.time))
    }
  }

  private func distance(to change: ObservedChange) -> Int? {
    nodes.indices.compactMap { place in
      change.touches(nodes[place].service, version: nodes[place].version).map {
        $0.rawValue + (place + (change.isRoutine ? nodes.count : 0)) * ObservedChange.Closeness.allCases.count
      }
    }.min()
  }
}
