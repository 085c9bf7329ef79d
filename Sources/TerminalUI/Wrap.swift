extension Line {
  /// The line in rows of at most so many columns, broken at spaces where there are any; a longer word is broken where
  /// the row ends. A newline begins a new row.
  /// - Parameter most: Rows beyond this count are left out.
  public func wrapped(columns: Int, most: Int = 1_000) -> [Line] {
    let columns = max(1, columns)
    var wrapping = Wrapping(columns: columns)
    for span in spans {
      for character in span.text {
        if wrapping.rows.count >= most { return Array(wrapping.rows.prefix(most)) }
        wrapping.take(character, span.role)
      }
    }
    wrapping.endRow()
    return Array(wrapping.rows.prefix(most))
  }
}

extension String {
  /// The text in rows of at most so many columns: see `Line.wrapped`.
  public func wrapped(columns: Int, most: Int = 1_000) -> [String] {
    Line(self).wrapped(columns: columns, most: most).map(\.text)
  }
}

private struct Wrapping {
  typealias Piece = (character: Character, role: Role, columns: Int)

  let columns: Int
  var rows: [Line] = []
  private var row: [Piece] = []
  private var width = 0

  init(columns: Int) { self.columns = columns }

  mutating func take(_ character: Character, _ role: Role) {
    if character.isNewline { return endRow() }
    let piece = (character, role, CellWidth.columns(of: String(character)))
    if width + piece.2 > columns {
      if character == " " { return endRow() }
      let word = row.lastIndex { $0.character == " " }.map { row.index(after: $0) }
      let moved = word.map { Array(row[$0...]) } ?? []
      row.removeLast(moved.count)
      endRow()
      row = moved
      width = moved.reduce(0) { $0 + $1.columns }
    }
    row.append(piece)
    width += piece.2
  }

  mutating func endRow() {
    while row.last?.character == " " { row.removeLast() }
    var line: Line = []
    for piece in row {
      if line.spans.last?.role == piece.role {
        line.spans[line.spans.count - 1].text.append(piece.character)
      } else {
        line.spans.append(Span(String(piece.character), piece.role))
      }
    }
    rows.append(line)
    row = []
    width = 0
  }
}
