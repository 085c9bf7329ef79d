import MeshModel
import TerminalUI

extension State {
  /// How many of the lines that are shown there were when: errors, and where there is a second row all of them. The
  /// time that is in sight below is set off.
  func drawOverTime(_ area: Rect, visible: ClosedRange<Timestamp>? = nil, on frame: inout Frame) {
    let histogram = logTail.sift.histogram
    let room = area.columns - 2 * Self.sideColumns - Self.mostColumns
    guard area.rows > 0, let scale = histogram.scale(most: room) else { return }
    let bars = histogram.bars(over: scale.span, count: scale.count)
    let start = area.column + Self.sideColumns
    let rows: [(name: String, counts: [Int], role: Role)] = [
      ("5xx", bars.map(\.errors), .failing), ("all", bars.map(\.total), .text),
    ]
    for (offset, row) in rows.prefix(area.rows).enumerated() {
      let place = Point(column: area.column, row: area.row + offset)
      frame.put(Line(row.name, .dim), at: place)
      // A bar of none leaves a gap: one error in a quiet hour is to be seen.
      let heights = row.counts.map { $0 > 0 ? Double($0) : nil }
      frame.sparkline(heights, at: Point(column: start, row: place.row), columns: scale.count, row.role)
      let most = Line("most \(row.counts.max() ?? 0)", .dim)
      let end = Point(column: start + scale.count + Self.sideColumns - 3, row: place.row)
      let length = offset == 0 ? Line(" in \(Self.length(scale.bar))", .dim) : []
      frame.put(most + length, at: end, limit: max(0, area.endColumn - end.column))
    }
    frame.put(Line(Self.clock(scale.span.lowerBound, scale.bar), .dim), at: Point(column: start - 9, row: area.row))
    let end = Point(column: start + scale.count + 1, row: area.row)
    frame.put(Line(Self.clock(scale.span.upperBound, scale.bar), .dim), at: end)
    guard let visible else { return }
    let columns = [visible.lowerBound, visible.upperBound].map { moment in
      let share = (moment - scale.span.lowerBound).seconds / (scale.span.upperBound - scale.span.lowerBound).seconds
      return Int(min(1, max(0, share)) * Double(scale.count - 1))
    }
    let sight = Rect(
      column: start + columns[0], row: area.row, columns: columns[1] - columns[0] + 1, rows: min(area.rows, rows.count))
    frame.restyle(sight, ground: .selection)
  }

  /// For the name of a row and the time at its end.
  private static let sideColumns = 13
  /// For the greatest count.
  private static let mostColumns = 18

  /// Days where bars are as long.
  private static func clock(_ moment: Timestamp, _ bar: Duration) -> String {
    bar < .seconds(3_600) ? moment.clock : String(moment.rfc3339.dropFirst(5).prefix(5))
  }

  private static func length(_ bar: Duration) -> String {
    switch bar.seconds {
    case ..<1: "\(Figures.decimals(bar.seconds, 1)) s"
    case ..<60: "\(Figures.decimals(bar.seconds, 0)) s"
    case ..<3_600: "\(Figures.decimals(bar.seconds / 60, 0)) min"
    default: "\(Figures.decimals(bar.seconds / 3_600, 0)) h"
    }
  }
}
