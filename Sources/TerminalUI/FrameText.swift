/// Where a text stands in the columns it is given.
public enum Alignment: Hashable, Sendable { case left, right, center }

/// Which end of a text that does not fit gives way to an ellipsis.
public enum Cut: Hashable, Sendable {
  case start, middle, end
}

extension Frame {
  /// Draws a text from a place to the right, on a ground of its own, and gives the columns it took.
  ///
  /// - Parameters:
  ///   - limit: At most so many columns; `nil` is up to the end of the clip. A longer text is cut, with an ellipsis.
  ///   - align: With a limit: where the text stands in it. The cells beside it are left as they are.
  @discardableResult
  public mutating func put(
    _ text: String, at point: Point, _ style: Style, limit: Int? = nil, align: Alignment = .left,
    cut: Cut = .end
  ) -> Int {
    put(Line(text, style.role), at: point, on: style.ground, limit: limit, align: align, cut: cut)
  }

  /// Draws a text on the ground that is there, and gives the columns it took.
  @discardableResult
  public mutating func put(
    _ text: String, at point: Point, _ role: Role = .text, limit: Int? = nil, align: Alignment = .left, cut: Cut = .end
  ) -> Int {
    put(Line(text, role), at: point, limit: limit, align: align, cut: cut)
  }

  /// Draws a line of several roles and gives the columns it took. Without a ground, the one that is there stays.
  @discardableResult
  public mutating func put(
    _ line: Line, at point: Point, on ground: Role? = nil, limit: Int? = nil, align: Alignment = .left,
    cut: Cut = .end
  ) -> Int {
    let room = max(0, limit ?? (clip.endColumn - point.column))
    let cells = line.cells(glyphs: glyphs, limit: room, cut: cut)
    let columns = cells.reduce(0) { $0 + $1.grapheme.columns }
    var column = point.column
    switch align {
    case .left: break
    case .right: column += room - columns
    case .center: column += (room - columns) / 2
    }
    for cell in cells {
      set(cell.grapheme, cell.role, ground, column: column, row: point.row)
      column += cell.grapheme.columns
    }
    return columns
  }

  /// Writes one grapheme. What it covers of a wide one, or what of it lies outside of the clip, becomes blank.
  mutating func set(_ grapheme: Grapheme, _ role: Role, _ ground: Role?, column: Int, row: Int) {
    guard row >= clip.row, row < clip.endRow else { return }
    let isWhole = column >= clip.column && column + grapheme.columns <= clip.endColumn
    for offset in 0..<grapheme.columns {
      let column = column + offset
      guard column >= clip.column, column < clip.endColumn else { continue }
      breakWide(column: column, row: row)
      let text = isWhole ? (offset == 0 ? grapheme.text : "") : " "
      self[column, row] = Cell(text, Style(role, on: ground ?? self[column, row].style.ground))
    }
  }

  /// Makes the cell free to be overwritten: the other half of a wide grapheme that stands in it becomes blank.
  mutating func breakWide(column: Int, row: Int) {
    if self[column, row].text.isEmpty, column > 0 {
      self[column - 1, row].text = " "
      self[column, row].text = " "
    }
    if column + 1 < size.columns, self[column + 1, row].text.isEmpty {
      self[column + 1, row].text = " "
      self[column, row].text = " "
    }
  }
}

extension Line {
  typealias Drawn = (grapheme: Grapheme, role: Role)

  /// The line as graphemes that take at most `limit` columns.
  func cells(glyphs: Glyphs, limit: Int, cut: Cut) -> [Drawn] {
    // What is cut at its end need not be read beyond what fits: a hostile name may be very long.
    let most = cut == .end ? limit + 1 : 16_384
    var cells: [Drawn] = []
    var columns = 0
    reading: for span in spans {
      for character in span.text {
        Grapheme.forEach(of: character, glyphs: glyphs) {
          cells.append(($0, span.role))
          columns += $0.columns
        }
        if columns > most { break reading }
      }
    }
    guard columns > limit else { return cells }
    let mark = Grapheme(text: glyphs.ellipsis, columns: 1)
    let room = limit - 1
    guard room >= 0 else { return [] }
    switch cut {
    case .end:
      let head = cells.prefix(columns: room)
      return head + [(mark, cells[head.count].role)]
    case .start:
      let tail = cells.suffix(columns: room)
      return [(mark, cells[cells.count - tail.count - 1].role)] + tail
    case .middle:
      let head = cells.prefix(columns: (room + 1) / 2)
      return head + [(mark, cells[head.count].role)] + cells.suffix(columns: room / 2)
    }
  }
}

extension [Line.Drawn] {
  fileprivate func prefix(columns: Int) -> [Element] {
    var left = columns
    return Array(
      prefix {
        left -= $0.grapheme.columns
        return left >= 0
      })
  }

  fileprivate func suffix(columns: Int) -> [Element] {
    var left = columns, start = endIndex
    while start > startIndex, left >= self[start - 1].grapheme.columns {
      start -= 1
      left -= self[start].grapheme.columns
    }
    return Array(self[start...])
  }
}
