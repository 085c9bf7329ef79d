extension Frame {
  /// Draws only inside a rectangle: what `draw` puts elsewhere is cut off. Places stay those of the whole frame.
  public mutating func clipped(to rect: Rect, _ draw: (inout Frame) throws -> Void) rethrows {
    let outer = clip
    clip = outer.intersection(rect)
    defer { clip = outer }
    try draw(&self)
  }

  /// Blanks a rectangle.
  public mutating func fill(_ rect: Rect, _ style: Style = Style()) {
    fill(rect, with: " ", style)
  }

  /// Gives what stands in a rectangle another role, ground, or both: the selected row, what lies behind a dialogue.
  public mutating func restyle(_ rect: Rect, role: Role? = nil, ground: Role? = nil) {
    let rect = rect.intersection(clip)
    for row in rect.row..<rect.endRow {
      for column in rect.column..<rect.endColumn {
        if let role { self[column, row].style.role = role }
        if let ground { self[column, row].style.ground = ground }
      }
    }
  }

  /// A line from a place to the right. Without a ground, the one that is there stays.
  public mutating func horizontalLine(at point: Point, columns: Int, _ role: Role = .border, on ground: Role? = nil) {
    let rect = Rect(column: point.column, row: point.row, columns: columns, rows: 1)
    fill(rect, with: glyphs.box.horizontal, role, ground)
  }

  /// A line from a place downwards.
  public mutating func verticalLine(at point: Point, rows: Int, _ role: Role = .border, on ground: Role? = nil) {
    let rect = Rect(column: point.column, row: point.row, columns: 1, rows: rows)
    fill(rect, with: glyphs.box.vertical, role, ground)
  }

  /// A frame around a rectangle, blank inside, with its title in the upper border. Gives the rectangle inside.
  @discardableResult
  public mutating func box(_ rect: Rect, title: Line = [], _ style: Style = Style(.border, on: .panel)) -> Rect {
    fill(rect, style)
    guard rect.columns >= 2, rect.rows >= 2 else { return rect.inset(columns: 1, rows: 1) }
    let (right, bottom) = (rect.endColumn - 1, rect.endRow - 1)
    for row in [rect.row, bottom] {
      horizontalLine(at: Point(column: rect.column, row: row), columns: rect.columns, style.role, on: style.ground)
    }
    for column in [rect.column, right] {
      verticalLine(at: Point(column: column, row: rect.row), rows: rect.rows, style.role, on: style.ground)
    }
    let corners = [
      (rect.column, rect.row, glyphs.box.topLeft), (right, rect.row, glyphs.box.topRight),
      (rect.column, bottom, glyphs.box.bottomLeft), (right, bottom, glyphs.box.bottomRight),
    ]
    for (column, row, corner) in corners {
      set(Grapheme(text: corner, columns: 1), style.role, style.ground, column: column, row: row)
    }
    if !title.isEmpty, rect.columns > 6 {
      let padded = [Span(" ", style.role)] + title + [Span(" ", style.role)]
      put(padded, at: Point(column: rect.column + 2, row: rect.row), on: style.ground, limit: rect.columns - 4)
    }
    return rect.inset(columns: 1, rows: 1)
  }

  private mutating func fill(_ rect: Rect, with text: String, _ style: Style) {
    fill(rect, with: text, style.role, style.ground)
  }

  private mutating func fill(_ rect: Rect, with text: String, _ role: Role, _ ground: Role?) {
    let rect = rect.intersection(clip)
    for row in rect.row..<rect.endRow {
      for column in rect.column..<rect.endColumn {
        set(Grapheme(text: text, columns: 1), role, ground, column: column, row: row)
      }
    }
  }
}
