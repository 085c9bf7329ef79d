import MeshModel

/// Finds among all changes those that can have caused something: near in place first, then near in time.
struct Suspects {
  /// A change further back is taken for no cause.
  static let reach: Duration = .seconds(15 * 60)
  /// Times of changes are whole seconds, and those of traffic are of slices: a change may seem to come later.
  static let slack: Duration = .seconds(6)
  private static let most = 3
  /// What each step away is worth, in place or from one node to the next.
  private static let step: Duration = .seconds(60)

  /// Nearest first.
  let nodes: [MeshNode]

  init(_ nodes: [MeshNode]) { self.nodes = nodes }

  /// Likeliest first: a change that came near counts as if it were more recent than one that came less near.
  /// - Parameter changes: newest first.
  func preceding(_ since: Timestamp, _ changes: [ObservedChange]) -> [Finding.Preceding] {
    var found: [(doubt: Duration, change: ObservedChange)] = []
    for change in changes where change.time <= since + Self.slack {
      if since - change.time > Self.reach { break }
      guard let doubt = doubt(about: change) else { continue }
      found.append((max(.zero, since - change.time) + doubt, change))
    }
    // A sort that keeps the newer of two that are as likely.
    let order = found.enumerated().sorted { ($0.element.doubt, $0.offset) < ($1.element.doubt, $1.offset) }
    return order.prefix(Self.most).map { entry in
      Finding.Preceding(entry.element.change, before: max(.zero, since - entry.element.change.time))
    }
  }

  /// `nil` where it touched none of the nodes.
  private func doubt(about change: ObservedChange) -> Duration? {
    let nearest = nodes.indices.compactMap { place in
      change.touches(nodes[place].service, version: nodes[place].version).map { $0.rawValue + place }
    }.min()
    return nearest.map { Self.step * $0 + (change.isRoutine ? Self.reach : .zero) }
  }
}
