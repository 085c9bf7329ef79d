import MeshModel
import ProxyLogs
import TerminalUI

/// Where things stand on the Logs screen: what is tailed, the rows, and the selected line in full.
struct LogsLayout {
  let title: Int
  /// How many lines there were when.
  let overTime: Rect
  let heading: Int
  let list: Rect
  let detail: Rect
  let columns: [Column]
  let fields: TableLayout

  init(_ state: State) {
    let body = Layout(state).body
    let most = body.rows < 12 ? 0 : body.rows < 28 ? 6 : 8
    let detailRows = state.logTail.following == nil || most == 0 ? most : max(most, body.rows / 2 - 2)
    title = body.row
    let overTimeRows = !state.logTail.lens.isOverTime || body.rows < 16 ? 0 : body.rows < 28 ? 1 : 2
    overTime = Rect(column: 2, row: body.row + 1, columns: body.columns - 3, rows: overTimeRows)
    heading = overTime.endRow
    list = Rect(column: 0, row: heading + 1, columns: body.columns, rows: body.endRow - heading - 1 - detailRows)
    detail = Rect(column: 2, row: list.endRow, columns: body.columns - 3, rows: detailRows)
    let pan = state.logTail.pan
    columns = state.logColumns.map { $0.column(isNarrow: body.columns < 100) }
    fields = TableLayout(columns, from: 2 - pan, room: body.columns - 3 + pan)
  }
}

extension State {
  func drawLogs(on frame: inout Frame) {
    let layout = LogsLayout(self)
    guard let query = logTail.query else {
      let text = "no log is open: l tails one that is typed here, or that of what is selected on any other screen"
      frame.put(text, at: Point(column: 2, row: layout.heading), .dim, limit: frame.size.columns - 3)
      return
    }
    drawTitle(query, row: layout.title, on: &frame)
    if let top = logTail.top {
      drawOverTime(layout.overTime, on: &frame)
      return drawTop(top, on: &frame)
    }
    frame.putHeadings(layout.columns, layout.fields, row: layout.heading)
    let rows = logTail.shown
    let selected = logTail.selected
    let top =
      logTail.mode == .following
      ? max(0, rows.count - layout.list.rows)
      : logTail.scrolling.top(selected: selected, count: rows.count, height: layout.list.rows)
    for row in 0..<min(layout.list.rows, max(0, rows.count - top)) {
      let place = Point(column: 0, row: layout.list.row + row)
      guard let entry = logTail.entry(top + row) else { continue }
      draw(entry, row: place.row, layout, on: &frame)
      if top + row == selected {
        frame.put(frame.glyphs.arrow, at: place, .accent)
        frame.restyle(Rect(column: 0, row: place.row, columns: frame.size.columns, rows: 1), ground: .selection)
        frame.cursor = place
      }
      drawSign(of: entry, row: place.row, on: &frame)
    }
    if let first = rows.dropFirst(top).first, let last = rows.dropFirst(top).prefix(layout.list.rows).last {
      drawOverTime(layout.overTime, visible: first.time...last.time, on: &frame)
    }
    if rows.isEmpty { drawNoLines(row: layout.list.row, on: &frame) }
    if layout.detail.rows > 1, !rows.isEmpty, let line = logTail.entry(selected)?.line {
      frame.horizontalLine(at: Point(column: 0, row: layout.detail.row), columns: frame.size.columns)
      let room = layout.detail.rows - 1
      let text =
        trail(columns: layout.detail.columns, most: room - 2, frame.glyphs) + explanation(of: line.access) + [
          Line(line.text.isEmpty ? "an empty line" : line.text, .dim)
        ]
      let rows = text.flatMap { $0.wrapped(columns: layout.detail.columns, most: room) }
      for (offset, row) in rows.prefix(room).enumerated() {
        frame.put(row, at: Point(column: 2, row: layout.detail.row + 1 + offset), limit: layout.detail.columns)
      }
    }
  }

  /// What a line's flags mean, and what the proxy says of it in its own words.
  private func explanation(of access: AccessFields?) -> [Line] {
    guard let access else { return [] }
    let explanation = LogExplanation(access, pods: topology.value?.addresses ?? [:])
    var lines = explanation.notes.map { note -> Line in
      var line: Line = [Span(note.term, .warning)]
      line += note.meaning.map { Line("  \($0)", .text) } ?? Line("  not known here", .dim)
      if let cause = note.usualCause { line += Line(": \(cause)", .dim) }
      if let next = note.next { line += Line("; look at \(next)", .dim) }
      return line
    }
    if let upstream = explanation.upstream { lines.append(Line("to  ", .dim) + Line("\(upstream)", .text)) }
    return lines
  }

  private func drawTitle(_ query: LogQuery, row: Int, on frame: inout Frame) {
    let glyphs = frame.glyphs
    var line: Line
    switch query {
    case .proxy(let id): line = Line("\(id)", .strong)
    case .destination(let destination): line = Line("\(destination)", .strong) + Line("  its proxies", .dim)
    default: line = Line("\(query)", .strong)
    }
    switch logTail.mode {
    case .following: line += [Span("  \(glyphs.good) ", .good), Span("following", .text)]
    case .paused:
      line += [Span("  \(glyphs.unknown) ", .warning), Span("paused", .warning)]
      if logTail.newer > 0 { line += Line(", \(logTail.newer) newer", .text) }
    }
    line += lineCount
    if let sample = logTail.coverage, sample.isSample {
      line += Line("  a sample: \(sample.followed) of \(sample.wanted) logs", .warning)
    }
    if logTail.dropped > 0 { line += Line("  \(logTail.dropped) dropped", .rejected) }
    if let perSecond = logTail.rate.perSecond(at: now) {
      line += Line("  \(Figures.perSecond(perSecond)) lines/s", .dim)
    }
    for lease in (levels.value ?? []).prefix(2) {
      line += Line("  \(lease.proxy.pod): \(lease.setting) until \(lease.end.clock)", .warning)
      if let trouble = lease.trouble { line += Line(" \(trouble)", .failing) }
    }
    if case .stale(let moment, let trouble) = logTail.freshness {
      let age = moment.map { " for \(Figures.age(now - $0))" } ?? ""
      line += Line("  \(glyphs.failing) nothing\(age): \(trouble)", .failing)
    }
    frame.put(line, at: Point(column: 2, row: row), limit: frame.size.columns - 3)
  }

  /// How many lines are shown, and of how many.
  private var lineCount: Line {
    let (shown, all) = (logTail.sift.lines, logTail.ring.lines)
    guard logTail.lens.isSifting || logTail.sift.isUnderWay else { return Line("  \(all) lines", .dim) }
    var line: Line = [Span("  \(shown)", .text), Span(" of \(all) lines", .dim)]
    if logTail.sift.isUnderWay { line += Line(" so far", .warning) }
    return line
  }

  private func drawNoLines(row: Int, on frame: inout Frame) {
    let text: String
    if logTail.sift.isUnderWay {
      text = "none so far of \(logTail.ring.lines) lines"
    } else if logTail.ring.lines > 0 {
      text = "none of \(logTail.ring.lines) lines passes: esc shows all"
    } else if case .live = logTail.freshness {
      text = "no lines yet"
    } else {
      text = "opening the log"
    }
    frame.put(text, at: Point(column: 2, row: row), .dim, limit: frame.size.columns - 3)
  }

  /// Whether a row is marked, or highlighted, between the arrow and its time.
  private func drawSign(of entry: LogEntry, row: Int, on frame: inout Frame) {
    let place = Point(column: 1, row: row)
    if logTail.isMarked(entry.key) {
      frame.put(frame.glyphs.bullet, at: place, .accent)
    } else if let line = entry.line, logTail.lens.isHighlighted(line) {
      frame.put(frame.glyphs.closed, at: place, .warning)
      frame.restyle(Rect(column: 1, row: row, columns: frame.size.columns - 1, rows: 1), role: .warning)
    }
  }

  private func draw(_ entry: LogEntry, row: Int, _ layout: LogsLayout, on frame: inout Frame) {
    let glyphs = frame.glyphs
    switch entry.content {
    case .mark(let mark):
      let edge = String(repeating: glyphs.box.horizontal, count: 3)
      frame.put("\(edge) \(mark) \(edge)", at: Point(column: 2, row: row), .rejected, limit: frame.size.columns - 3)
    case .line(let line): draw(line, row: row, layout.fields, on: &frame)
    }
  }

  private func draw(_ line: LogLine, row: Int, _ fields: TableLayout, on frame: inout Frame) {
    for (place, column) in logColumns.enumerated() {
      guard line.access != nil || column.isOfAnyLine else {
        // What is no request is one text, from here on.
        let start = fields[place]?.column ?? 2
        frame.put(line.text, at: Point(column: start, row: row), .text, limit: max(0, frame.size.columns - 1 - start))
        return
      }
      let text =
        column == .time
        ? "\(line.time.clock).\(String(line.time.millisecond + 1000).dropFirst())"
        : line.text(of: column) ?? frame.glyphs.dash
      let role = line.access.map { column.role(in: $0) } ?? .dim
      frame.put(Line(text, role), in: fields[place], row: row, cut: column == .pod ? .middle : .end)
    }
  }
}
