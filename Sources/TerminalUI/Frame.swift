/// A size in cells.
public struct Size: Hashable, Sendable {
  public var columns: Int
  public var rows: Int

  public init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
  }
}

/// A place on the screen, from the top left corner, both from 0.
public struct Point: Hashable, Sendable {
  public var column: Int
  public var row: Int

  public init(column: Int, row: Int) {
    self.column = column
    self.row = row
  }
}

/// A rectangle of cells. Its size is never negative.
public struct Rect: Hashable, Sendable {
  public var column: Int
  public var row: Int
  public var columns: Int
  public var rows: Int

  public init(column: Int, row: Int, columns: Int, rows: Int) {
    self.column = column
    self.row = row
    self.columns = max(0, columns)
    self.rows = max(0, rows)
  }

  public var endColumn: Int { column + columns }
  public var endRow: Int { row + rows }
  public var size: Size { Size(columns: columns, rows: rows) }

  /// What two rectangles share.
  public func intersection(_ other: Rect) -> Rect {
    let left = max(column, other.column), top = max(row, other.row)
    return Rect(
      column: left, row: top, columns: min(endColumn, other.endColumn) - left,
      rows: min(endRow, other.endRow) - top)
  }

  /// Without so many cells at each side.
  public func inset(columns: Int = 0, rows: Int = 0) -> Rect {
    Rect(
      column: column + columns, row: row + rows, columns: self.columns - 2 * columns, rows: self.rows - 2 * rows)
  }
}

/// One cell of the grid.
public struct Cell: Hashable, Sendable {
  /// What stands in the cell: one grapheme, safe for a terminal. Empty in the right half of a wide one.
  public var text: String
  public var style: Style

  public init(_ text: String = " ", _ style: Style = Style()) {
    self.text = text
    self.style = style
  }
}

/// A picture of the whole terminal, as a value. Drawing outside of it, or of what does not fit, is cut off.
///
/// Text that comes from outside can be drawn as it is: control characters never reach a cell (`put` shows them as `·`),
/// and a grapheme takes as many cells as a terminal gives it.
public struct Frame: Hashable, Sendable {
  public let size: Size
  /// Row by row.
  public private(set) var cells: [Cell]
  /// What screens draw their signs with.
  public let glyphs: Glyphs
  /// Where the terminal's cursor stands; hidden when `nil`.
  public var cursor: Point?
  /// Nothing outside of it is drawn.
  public internal(set) var clip: Rect

  public init(size: Size, ground: Role = .screen, glyphs: Glyphs = .unicode) {
    self.size = Size(columns: max(0, size.columns), rows: max(0, size.rows))
    self.glyphs = glyphs
    clip = Rect(column: 0, row: 0, columns: self.size.columns, rows: self.size.rows)
    cells = Array(repeating: Cell(" ", Style(.text, on: ground)), count: self.size.columns * self.size.rows)
  }

  public var bounds: Rect { Rect(column: 0, row: 0, columns: size.columns, rows: size.rows) }

  public subscript(column: Int, row: Int) -> Cell {
    get { cells[row * size.columns + column] }
    set { cells[row * size.columns + column] = newValue }
  }
}
