extension Frame {
  /// The frame as plain text, a line for each row, without the blanks at their ends and the empty rows at the foot.
  public var text: String {
    var rows = (0..<size.rows).map(rowText)
    while rows.last?.isEmpty == true { rows.removeLast() }
    return rows.joined(separator: "\n")
  }

  /// One row as plain text, without the blanks at its end.
  public func rowText(_ row: Int) -> String {
    let text = (0..<size.columns).map { self[$0, row].text }.joined()
    return String(text.reversed().drop { $0 == " " }.reversed())
  }

  /// A ruler line for a row: below each of its cells a letter that says the cell's role, blank where the role is not in
  /// `letters`.
  ///
  ///     frame.roles(in: 4, [.failing: "F", .dim: "d"])
  public func roles(in row: Int, _ letters: [Role: Character]) -> String {
    ruler(row) { cell in cell.text == " " ? nil : letters[cell.style.role] }
  }

  /// A ruler line for a row's grounds.
  public func grounds(in row: Int, _ letters: [Role: Character]) -> String {
    ruler(row) { letters[$0.style.ground] }
  }

  private func ruler(_ row: Int, _ letter: (Cell) -> Character?) -> String {
    let line = String((0..<size.columns).map { letter(self[$0, row]) ?? " " })
    return String(line.reversed().drop { $0 == " " }.reversed())
  }
}
