import MeshModel
import TerminalUI

/// Where things stand on the Logs screen while it is counted what stands most often.
struct LogTopLayout {
  let subjects: Int
  let heading: Int
  let list: Rect
  let columns: [Column]
  let fields: TableLayout

  init(_ state: State) {
    let logs = LogsLayout(state)
    subjects = logs.heading
    heading = subjects + 1
    let end = logs.detail.endRow
    list = Rect(column: 0, row: heading + 1, columns: logs.list.columns, rows: max(0, end - heading - 1))
    columns = [
      Column("LINES", .right, minimum: 8),
      Column("SHARE", .right, minimum: 6),
      Column("", minimum: 12, priority: 2),
      Column("5xx", .right, minimum: 8),
      Column("ERR", .right, minimum: 6),
      Column("MOST MS", .right, minimum: 8, priority: 1),
      Column(state.logTail.topSubject.rawValue.uppercased(), minimum: 16, grows: true),
    ]
    fields = TableLayout(columns, from: 2, room: list.columns - 3)
  }
}

extension State {
  func drawTop(_ top: LogTopTable, on frame: inout Frame) {
    let layout = LogTopLayout(self)
    let room = frame.size.columns - 3
    var subjects: Line = []
    for subject in LogTop.Subject.allCases {
      subjects += Line("\(subject.rawValue)  ", subject == top.subject ? .accent : .dim)
    }
    subjects += Line(" of \(Figures.count(top.counted.lines, "request", "requests"))", .text)
    if let since = top.since { subjects += Line(" since \(since.clock)", .dim) }
    if top.isUnderWay { subjects += Line(" so far", .warning) }
    if !top.counted.isExact {
      subjects += Line("  rare ones left out, each row is short by \(top.counted.mostMissing) at most", .warning)
    }
    frame.put(subjects, at: Point(column: 2, row: layout.subjects), limit: room)
    frame.putHeadings(layout.columns, layout.fields, row: layout.heading)
    let rows = top.rows
    if rows.isEmpty {
      let text = top.isUnderWay ? "counting" : "no request is among the lines that are shown"
      frame.put(text, at: Point(column: 2, row: layout.list.row), .dim, limit: room)
    }
    let selected = top.place(in: rows)
    let first = top.scrolling.top(selected: selected, count: rows.count, height: layout.list.rows)
    for (offset, row) in rows.dropFirst(first).prefix(layout.list.rows).enumerated() {
      let place = Point(column: 0, row: layout.list.row + offset)
      draw(row, of: max(1, top.counted.lines), layout.fields, row: place.row, on: &frame)
      guard first + offset == selected else { continue }
      frame.put(frame.glyphs.arrow, at: place, .accent)
      frame.restyle(Rect(column: 0, row: place.row, columns: frame.size.columns, rows: 1), ground: .selection)
      frame.cursor = place
    }
  }

  private func draw(_ row: LogTop.Row, of all: Int, _ fields: TableLayout, row place: Int, on frame: inout Frame) {
    let share = Double(row.lines) / Double(all)
    let errors = Double(row.errors) / Double(max(1, row.lines))
    frame.put(Line("\(row.lines)", .strong), in: fields[0], row: place)
    frame.put(Line("\(Figures.percent(share))%", .text), in: fields[1], row: place)
    if let bar = fields[2] {
      frame.bar(share, at: Point(column: bar.column, row: place), columns: bar.columns, .accent)
    }
    let role: Role = row.errors > 0 ? .failing : .dim
    frame.put(Line("\(row.errors)", role), in: fields[3], row: place)
    frame.put(Line(Figures.rate(errors), role), in: fields[4], row: place)
    frame.put(Line(row.longest.map { "\($0)" } ?? frame.glyphs.dash, .text), in: fields[5], row: place)
    frame.put(Line(row.name, .strong), in: fields[6], row: place)
  }
}
