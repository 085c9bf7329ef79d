import MeshHealth
import MeshModel
import TerminalUI

/// Where things stand on the Changes screen: the time line, and below it the selected change in full.
struct ChangesLayout {
  let heading: Int
  let list: Rect
  let detail: Rect
  let columns: [Column]
  let fields: TableLayout

  enum Field: Int { case time, object, what, by, applied, errors, p99 }

  init(_ state: State) {
    let body = Layout(state).body
    let detailRows = state.changeList.isOpen && body.rows >= 8 ? min(14, body.rows / 2) : 0
    heading = body.row
    list = Rect(column: 0, row: body.row + 1, columns: body.columns, rows: max(0, body.rows - 1 - detailRows))
    detail = Rect(column: 2, row: list.endRow, columns: body.columns - 3, rows: detailRows)
    let isNarrow = body.columns < 100
    columns = [
      Column("TIME", minimum: 8),
      Column("OBJECT", minimum: isNarrow ? 20 : 22, maximum: isNarrow ? 24 : 40, gap: 2),
      Column("WHAT", minimum: isNarrow ? 25 : 30, grows: true, gap: 2),
      Column("BY", minimum: 12, maximum: 24, priority: 3, gap: 2),
      Column("APPLIED", minimum: 7, priority: 4, gap: 2),
      Column("ERRORS", .right, minimum: 15, priority: 1, gap: 2),
      Column("P99", .right, minimum: 16, priority: 2, gap: 2),
    ]
    fields = TableLayout(columns, from: 2, room: body.columns - 3)
  }

  subscript(field: Field) -> TableLayout.Field? { fields[field.rawValue] }
}

extension State {
  func drawChanges(on frame: inout Frame) {
    let layout = ChangesLayout(self)
    frame.putHeadings(layout.columns, layout.fields, row: layout.heading)
    let rows = changeList.rows
    guard !rows.isEmpty else {
      frame.put(
        emptyTimeline, at: Point(column: 2, row: layout.list.row + 1), .dim, limit: frame.size.columns - 3)
      return
    }
    let selected = rows.firstIndex { $0.id == changeList.selection } ?? 0
    let top = changeList.scrolling.top(selected: selected, count: rows.count, height: layout.list.rows)
    for row in 0..<min(layout.list.rows, rows.count - top) {
      let place = Point(column: 0, row: layout.list.row + row)
      draw(rows[top + row], row: place.row, layout, on: &frame)
      if top + row == selected {
        frame.put(frame.glyphs.arrow, at: place, .accent)
        frame.restyle(Rect(column: 0, row: place.row, columns: frame.size.columns, rows: 1), ground: .selection)
        frame.cursor = place
      }
    }
    if layout.detail.rows > 1 { drawDetail(rows[selected], in: layout.detail, on: &frame) }
  }

  private var emptyTimeline: String {
    if changeList.count > 0 { return "none of \(changeList.count) changes is so: esc shows all" }
    guard changes.value == nil else { return "nobody changed anything in the last 24 h" }
    return changes.trouble.map { "nothing known: \($0.what)" } ?? "reading what was changed"
  }

  private func draw(_ entry: TimelineEntry, row: Int, _ layout: ChangesLayout, on frame: inout Frame) {
    let dash = frame.glyphs.dash
    frame.put(Line(timeText(entry.time), .dim), in: layout[.time], row: row)
    frame.put(Line(label(entry.object), .text), in: layout[.object], row: row, cut: .middle)
    let number = entry.number.map { "#\($0) " } ?? ""
    let isVoid = entry.undoneBy != nil || entry.problem != nil
    var what: Line = [Span(number, .dim), Span(entry.what, isVoid ? .dim : .strong)]
    if let undone = entry.undoneBy { what += Line("  undone by #\(undone)", .dim) }
    frame.put(what, in: layout[.what], row: row)
    frame.put(Line(entry.by ?? dash, .dim), in: layout[.by], row: row)
    if entry.record != nil {
      let role: Role = entry.progress.map { $0.applied.isComplete ? .good : .warning } ?? .dim
      frame.put(Line(entry.appliedText ?? dash, role), in: layout[.applied], row: row)
    }
    frame.put(Line(entry.errorsText ?? dash, errorsRole(entry)), in: layout[.errors], row: row)
    frame.put(Line(entry.p99Text ?? dash, entry.p99Text == nil ? .dim : .text), in: layout[.p99], row: row)
    if let worst = entry.effect?.troubles.first {
      frame.put(worst.health.sign(frame.glyphs), at: Point(column: 1, row: row), worst.health.role)
    }
  }

  private func errorsRole(_ entry: TimelineEntry) -> Role {
    guard let after = entry.effect?.after?.errorRate else { return .dim }
    let limits = diagnosis.rules.standard
    return after >= limits.failingErrors ? .failing : after >= limits.warningErrors ? .warning : .text
  }

  /// The time of day; of another day than today its date.
  private func timeText(_ time: Timestamp) -> String {
    let (then, today) = (time.rfc3339.prefix(10), now.rfc3339.prefix(10))
    return then == today || now - time < .seconds(12 * 3600) ? time.clock : String(then.dropFirst(2))
  }

  /// Without the namespace where all of the screen is of that one.
  private func label(_ object: ObservedChange.ObjectID) -> String {
    if case .namespace(let namespace) = identity.scope, object.namespace == namespace { return "\(object)" }
    return object.namespace.isEmpty ? "\(object)" : "\(object.kind) \(object.namespace)/\(object.name)"
  }

  private func drawDetail(_ entry: TimelineEntry, in rect: Rect, on frame: inout Frame) {
    frame.horizontalLine(at: Point(column: 0, row: rect.row), columns: frame.size.columns)
    let room = rect.rows - 1
    let lines = detail(of: entry, frame.glyphs).flatMap { $0.wrapped(columns: rect.columns, most: 4) }
    for (offset, line) in lines.prefix(room).enumerated() {
      frame.put(line, at: Point(column: rect.column, row: rect.row + 1 + offset), limit: rect.columns)
    }
    if lines.count > room {
      let more = Line("\(lines.count - room) more lines", .dim)
      frame.put(more, at: Point(column: rect.column + rect.columns - more.columns, row: rect.row))
    }
  }
}
