import MeshGraph

/// A layout drawn in characters, as plainly as can be: boxes with their keys, lines, arrowheads, labels.
struct GraphPicture {
  private var cells: [[Character]]
  /// Which sides of each cell lines lead to: 1 up, 2 right, 4 down, 8 left.
  private var lines: [[UInt8]]

  /// - Parameter labels: the text of each edge's label, as wide as the graph says.
  init(_ graph: LayoutGraph, _ layout: GraphLayout, labels: [String]) {
    cells = Array(repeating: Array(repeating: " ", count: layout.columns), count: layout.rows)
    lines = Array(repeating: Array(repeating: 0, count: layout.columns), count: layout.rows)
    for (group, rect) in zip(graph.groups, layout.groups) where rect.columns > 0 { box(rect, title: group.key) }
    for path in layout.edges { draw(path.points) }
    let pieces = Array("·╵╶╰╷│╭├╴╯─┴╮┤┬┼")
    for row in cells.indices {
      for column in cells[row].indices where lines[row][column] != 0 {
        cells[row][column] = pieces[Int(lines[row][column])]
      }
    }
    for path in layout.edges { path.points.last.map { put("▶", $0) } }
    for (node, rect) in zip(graph.nodes, layout.nodes) {
      box(rect, title: "")
      for (index, letter) in node.key.prefix(max(0, rect.columns - 4)).enumerated() {
        put(letter, GridPoint(column: rect.column + 2 + index, row: rect.row + (rect.rows - 1) / 2))
      }
    }
    for (text, path) in zip(labels, layout.edges) {
      guard let start = path.label else { continue }
      for (index, letter) in text.enumerated() {
        put(letter, GridPoint(column: start.column + index, row: start.row))
      }
    }
  }

  var text: String {
    cells.map { row in
      var line = String(row)
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }

  private mutating func put(_ letter: Character, _ point: GridPoint) {
    guard cells.indices.contains(point.row), cells[point.row].indices.contains(point.column) else { return }
    cells[point.row][point.column] = letter
  }

  private mutating func box(_ rect: GridRect, title: String) {
    let right = rect.column + rect.columns - 1, bottom = rect.row + rect.rows - 1
    for row in rect.row...bottom {
      for column in rect.column...right {
        let isSide = column == rect.column || column == right
        put(row == rect.row || row == bottom ? "─" : isSide ? "│" : " ", GridPoint(column: column, row: row))
      }
    }
    put("╭", GridPoint(column: rect.column, row: rect.row))
    put("╮", GridPoint(column: right, row: rect.row))
    put("╰", GridPoint(column: rect.column, row: bottom))
    put("╯", GridPoint(column: right, row: bottom))
    if !title.isEmpty {
      for (index, letter) in " \(title) ".enumerated() {
        put(letter, GridPoint(column: rect.column + 2 + index, row: rect.row))
      }
    }
  }

  private mutating func draw(_ points: [GridPoint]) {
    guard let first = points.first else { return }
    // The line begins at the box.
    lines[first.row][first.column] |= 8
    for (start, end) in zip(points, points.dropFirst()) {
      let step = (column: (end.column - start.column).signum(), row: (end.row - start.row).signum())
      var (column, row) = (start.column, start.row)
      while (column, row) != (end.column, end.row) {
        lines[row][column] |= step.column > 0 ? 2 : step.column < 0 ? 8 : step.row > 0 ? 4 : 1
        column += step.column
        row += step.row
        lines[row][column] |= step.column > 0 ? 8 : step.column < 0 ? 2 : step.row > 0 ? 1 : 4
      }
    }
  }
}
