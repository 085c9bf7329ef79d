/// Drawn edges, for counting how often they cross.
struct Polylines {
  struct Line {
    var source: Int
    var destination: Int
    var points: [(x: Double, y: Double)]
  }

  private struct Segment {
    var line: Int
    var from: (x: Double, y: Double)
    var to: (x: Double, y: Double)
  }

  let lines: [Line]

  /// How often edges cross that have no end in common. Every point in which two of their pieces meet counts.
  func crossings() -> Int {
    let segments = lines.indices.flatMap { line in
      zip(lines[line].points, lines[line].points.dropFirst()).map { Segment(line: line, from: $0, to: $1) }
    }
    guard !segments.isEmpty else { return 0 }
    let points = lines.lazy.flatMap(\.points)
    let left = points.map(\.x).min() ?? 0, right = points.map(\.x).max() ?? 0
    let top = points.map(\.y).min() ?? 0, bottom = points.map(\.y).max() ?? 0
    // Pieces are compared within the cells of a grid.
    let side = max(1, Int(Double(segments.count).squareRoot()))
    func cell(_ value: Double, _ least: Double, _ most: Double) -> Int {
      most > least ? min(side - 1, Int((value - least) / (most - least) * Double(side))) : 0
    }
    var cells = [[Int32]](repeating: [], count: side * side)
    for (index, segment) in segments.enumerated() {
      let columns = [cell(segment.from.x, left, right), cell(segment.to.x, left, right)].sorted()
      let rows = [cell(segment.from.y, top, bottom), cell(segment.to.y, top, bottom)].sorted()
      for row in rows[0]...rows[1] {
        for column in columns[0]...columns[1] { cells[row * side + column].append(Int32(index)) }
      }
    }
    var count = 0
    for (place, members) in cells.enumerated() {
      for (index, first) in members.enumerated() {
        for second in members[(index + 1)...] {
          let first = segments[Int(first)], second = segments[Int(second)]
          guard !haveCommonEnd(lines[first.line], lines[second.line]), let point = meeting(first, second) else {
            continue
          }
          if cell(point.y, top, bottom) * side + cell(point.x, left, right) == place { count += 1 }
        }
      }
    }
    return count
  }

  private func haveCommonEnd(_ first: Line, _ second: Line) -> Bool {
    first.source == second.source || first.source == second.destination || first.destination == second.source
      || first.destination == second.destination
  }

  /// Where two pieces meet; each has its first point and not its last. Pieces that lie on one another meet where one
  /// begins.
  private func meeting(_ first: Segment, _ second: Segment) -> (x: Double, y: Double)? {
    let (a, b) = (first.from, second.from)
    let along = (x: first.to.x - a.x, y: first.to.y - a.y), across = (x: second.to.x - b.x, y: second.to.y - b.y)
    let area = along.x * across.y - along.y * across.x
    let offset = (x: b.x - a.x, y: b.y - a.y)
    guard area != 0 else {
      guard along.x * offset.y == along.y * offset.x else { return nil }
      let length = along.x * along.x + along.y * along.y
      let start = offset.x * along.x + offset.y * along.y, end = start + across.x * along.x + across.y * along.y
      if 0 <= start, start < length { return b }
      return min(start, end) < 0 && max(start, end) > 0 ? a : nil
    }
    let t = (offset.x * across.y - offset.y * across.x) / area
    let u = (offset.x * along.y - offset.y * along.x) / area
    guard 0 <= t, t < 1, 0 <= u, u < 1 else { return nil }
    return (a.x + t * along.x, a.y + t * along.y)
  }
}
