import MeshGraph
import TerminalUI

/// Lines that cross and join: each cell knows which sides are left by a line and how strong it is, and where several
/// lines share a cell, the one that matters most gives it its role.
struct EdgeCanvas {
  typealias Stroke = Glyphs.Stroke

  /// What matters least first.
  struct Pen {
    let stroke: Stroke
    let role: Role
    let rank: UInt8
  }

  private struct Sides {
    var up = Stroke.none, down = Stroke.none, left = Stroke.none, right = Stroke.none
    var rank: UInt8 = 0
    var role = Role.border
  }

  /// The part of the plane that is drawn.
  let view: GridRect
  private var cells: [Sides]

  init(view: GridRect) {
    self.view = view
    cells = Array(repeating: Sides(), count: max(0, view.columns) * max(0, view.rows))
  }

  /// Draws a line through corners; each piece is horizontal or vertical.
  /// - Parameter isOpen: The line goes on at its start to the box behind it.
  mutating func draw(_ corners: [GridPoint], _ pen: Pen, isOpen: Bool = false) {
    for (start, end) in zip(corners, corners.dropFirst()) { drawPiece(start, end, pen) }
    guard isOpen, corners.count > 1 else { return }
    let (first, second) = (corners[0], corners[1])
    mark(first, pen) { cell in
      if second.column > first.column { cell.left = pen.stroke }
      if second.column < first.column { cell.right = pen.stroke }
      if second.row > first.row { cell.up = pen.stroke }
      if second.row < first.row { cell.down = pen.stroke }
    }
  }

  mutating func draw(_ rect: GridRect, _ pen: Pen) {
    let right = rect.column + rect.columns - 1, bottom = rect.row + rect.rows - 1
    let corners = [
      GridPoint(column: rect.column, row: rect.row), GridPoint(column: right, row: rect.row),
      GridPoint(column: right, row: bottom), GridPoint(column: rect.column, row: bottom),
      GridPoint(column: rect.column, row: rect.row),
    ]
    draw(corners, pen)
  }

  private mutating func drawPiece(_ start: GridPoint, _ end: GridPoint, _ pen: Pen) {
    if start.row == end.row {
      let (from, to) = (min(start.column, end.column), max(start.column, end.column))
      let seen = max(from, view.column)...max(from, view.column, min(to, view.column + view.columns - 1))
      for column in seen where column <= to {
        mark(GridPoint(column: column, row: start.row), pen) { cell in
          if column > from { cell.left.take(pen.stroke) }
          if column < to { cell.right.take(pen.stroke) }
        }
      }
    } else {
      let (from, to) = (min(start.row, end.row), max(start.row, end.row))
      let seen = max(from, view.row)...max(from, view.row, min(to, view.row + view.rows - 1))
      for row in seen where row <= to {
        mark(GridPoint(column: start.column, row: row), pen) { cell in
          if row > from { cell.up.take(pen.stroke) }
          if row < to { cell.down.take(pen.stroke) }
        }
      }
    }
  }

  private mutating func mark(_ point: GridPoint, _ pen: Pen, _ change: (inout Sides) -> Void) {
    let column = point.column - view.column, row = point.row - view.row
    guard (0..<view.columns).contains(column), (0..<view.rows).contains(row) else { return }
    let place = row * view.columns + column
    change(&cells[place])
    if pen.rank >= cells[place].rank {
      cells[place].rank = pen.rank
      cells[place].role = pen.role
    }
  }

  /// Puts the lines on a frame, the view's first cell at a point of it.
  func put(on frame: inout Frame, at origin: Point) {
    let room = frame.clip
    for row in 0..<view.rows {
      for column in 0..<view.columns {
        let sides = cells[row * view.columns + column]
        guard sides.up != .none || sides.down != .none || sides.left != .none || sides.right != .none else { continue }
        let point = Point(column: origin.column + column, row: origin.row + row)
        guard point.column >= room.column, point.column < room.endColumn, point.row >= room.row,
          point.row < room.endRow
        else { continue }
        let glyph = frame.glyphs.line(up: sides.up, down: sides.down, left: sides.left, right: sides.right)
        frame[point.column, point.row] = Cell(glyph, Style(sides.role))
      }
    }
  }
}

extension Glyphs.Stroke {
  /// Of two lines on one side the stronger one is seen.
  fileprivate mutating func take(_ other: Self) { if other.rawValue > rawValue { self = other } }
}
