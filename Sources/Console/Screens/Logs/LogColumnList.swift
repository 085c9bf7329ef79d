import MeshModel
import TerminalUI

/// The panel in which the columns of a log are chosen and ordered.
struct LogColumnList: Equatable, Sendable {
  var selection = LogColumn.time
  var scrolling = Scrolling()
}

extension LogLens {
  /// Those that are shown, in their order, then the others.
  var allColumns: [LogColumn] { columns + LogColumn.allCases.filter { !columns.contains($0) } }

  /// Shows a column behind the others, or no more.
  mutating func toggle(_ column: LogColumn) {
    if let place = columns.firstIndex(of: column) { columns.remove(at: place) } else { columns.append(column) }
  }

  /// Moves a column that is shown towards the left (-1) or the right (1).
  mutating func move(_ column: LogColumn, by step: Int) {
    guard let place = columns.firstIndex(of: column), columns.indices.contains(place + step) else { return }
    columns.swapAt(place, place + step)
  }
}

extension Command {
  static let logColumnCommands: [Command] = [
    changing("columns.toggle", "show the column, or hide it", [.character(" ")], hint: "show or hide") { lens, column in
      lens.toggle(column)
    },
    changing("columns.before", "move the column to the left", [Key(.left), .character("K")], hint: "move") {
      lens, column in
      lens.move(column, by: -1)
    },
    changing("columns.behind", "move the column to the right", [Key(.right), .character("J")]) { lens, column in
      lens.move(column, by: 1)
    },
    changing("columns.reset", "the columns that there were at first", [.character("x")], hint: "as at first") {
      lens, _ in
      lens.columns = LogColumn.standard
    },
    Command(
      "columns.close", "back to the lines", hint: "done", keys: [Key(.escape), Key(.enter), .character("c")],
      in: .logColumns
    ) { state, _ in
      state.logTail.choosing = nil
      return []
    },
  ]

  private static func changing(
    _ name: String, _ title: String, _ keys: [Key], hint: String? = nil,
    _ change: @escaping @Sendable (inout LogLens, LogColumn) -> Void
  ) -> Command {
    Command(name, title, hint: hint, keys: keys, in: .logColumns) { state, _ in
      if let choosing = state.logTail.choosing { change(&state.logTail.lens, choosing.selection) }
      return []
    }
  }
}

extension State {
  private var columnsPanel: Rect {
    let area = LogsLayout(self).list
    let columns = min(60, area.columns - 4)
    let end = LogsLayout(self).detail.endRow
    return Rect(
      column: area.endColumn - columns - 2, row: area.row, columns: columns,
      rows: min(LogColumn.allCases.count + 2, end - area.row))
  }

  mutating func moveInColumns(_ movement: Movement) {
    guard let choosing = logTail.choosing else { return }
    let all = logTail.lens.allColumns
    let place = all.firstIndex(of: choosing.selection) ?? 0
    let height = columnsPanel.rows - 2
    guard let target = movement.target(from: place, count: all.count, height: height) else { return }
    logTail.choosing?.selection = all[target]
    logTail.choosing?.scrolling.moved(from: place, to: target, count: all.count, height: height)
  }

  func drawColumns(_ choosing: LogColumnList, on frame: inout Frame) {
    let all = logTail.lens.allColumns
    let inner = frame.box(columnsPanel, title: Line(" columns ", .title))
    let selected = all.firstIndex(of: choosing.selection) ?? 0
    let top = choosing.scrolling.top(selected: selected, count: all.count, height: inner.rows)
    for (offset, column) in all.dropFirst(top).prefix(inner.rows).enumerated() {
      let row = Rect(column: inner.column, row: inner.row + offset, columns: inner.columns, rows: 1)
      let isShown = logTail.lens.columns.contains(column)
      var line: Line = [Span(isShown ? frame.glyphs.check : " ", .good), Span(" ", .text)]
      line += Line(column.rawValue.padded(10), isShown ? .strong : .dim) + Line(column.meaning, .dim)
      frame.put(line, at: Point(column: row.column + 1, row: row.row), on: .panel, limit: row.columns - 1)
      guard top + offset == selected else { continue }
      frame.restyle(row, ground: .selection)
      frame.cursor = Point(column: row.column, row: row.row)
    }
  }
}

extension String {
  fileprivate func padded(_ columns: Int) -> String { self + String(repeating: " ", count: max(0, columns - count)) }
}
