import MeshModel
import TerminalUI

extension State {
  func drawPulse(on frame: inout Frame) {
    let layout = PulseLayout(self)
    drawPulseHeading(row: layout.heading, on: &frame)
    drawFindings(layout, on: &frame)
    if let rect = layout.reasons, let finding = selectedFinding { drawReasons(finding, in: rect, on: &frame) }
    drawRecentChanges(in: layout.changes, on: &frame)
    drawElsewhere(row: layout.elsewhere, on: &frame)
  }

  private func drawPulseHeading(row: Int, on frame: inout Frame) {
    let findings = findings
    var line: Line
    if findings.isEmpty {
      line = pulseVerdict(frame.glyphs)
    } else {
      line = Line(Figures.count(findings.count, "finding", "findings"), .strong)
      var counts: [(word: String, count: Int)] = []
      for finding in findings {
        if let place = counts.firstIndex(where: { $0.word == finding.word }) {
          counts[place].count += 1
        } else {
          counts.append((finding.word, 1))
        }
      }
      line += Line("   " + counts.map { "\($0.count) \($0.word)" }.joined(separator: ", "), .dim)
    }
    let hidden = findings.count - shownFindings.count
    if hidden > 0 { line += Line("   \(hidden) hidden", .accent) }
    let columns = frame.put(line, at: Point(column: 2, row: row), limit: frame.size.columns - 3)
    let source = edgeSourceLine
    let room = frame.size.columns - 5 - columns
    guard source.columns <= room else { return }
    frame.put(source, at: Point(column: frame.size.columns - 2 - source.columns, row: row))
  }

  /// What can be said when there are no findings; never more than is known.
  private func pulseVerdict(_ glyphs: Glyphs) -> Line {
    if let trouble = edges.trouble ?? proxies.trouble ?? routes.trouble {
      return [Span("\(glyphs.unknown) ", .unknown), Span("cannot tell: ", .strong), Span(trouble.what, .text)]
    }
    guard let sample = edges.value else {
      return [Span("\(glyphs.unknown) ", .unknown), Span("looking", .dim)]
    }
    guard !sample.edges.isEmpty else {
      return [Span("\(glyphs.unknown) ", .unknown), Span("no requests seen yet", .strong)]
    }
    // Nothing is well of which nothing is known.
    let unread = [
      routes.value == nil ? "routes" : nil, proxies.value == nil ? "proxies" : nil,
      topology.value == nil ? "pods" : nil,
    ].compactMap { $0 }
    guard unread.isEmpty || moment != nil else {
      return [
        Span("\(glyphs.unknown) ", .unknown), Span("nothing found so far", .strong),
        Span("   not read yet: \(unread.joined(separator: ", "))", .dim),
      ]
    }
    let requests = sample.edges.values.reduce(0) { $0 + $1.requests }
    let errors = sample.edges.values.reduce(0) { $0 + ($1.errors ?? 0) }
    var line: Line = [Span("\(glyphs.good) ", .good), Span("nothing is wrong", .strong)]
    if let rate = sample.perSecond(requests) {
      line += Line("   \(Figures.perSecond(rate)) requests/s between services", .dim)
    }
    if requests > 0 { line += Line("   \(Figures.rate(min(1, errors / requests))) errors", .dim) }
    return line
  }

  /// Over which time, and from where, what is said of traffic comes.
  private var edgeSourceLine: Line {
    guard let sample = edges.value else { return [] }
    let source =
      switch sample.source {
      case .store: sample.source.name
      case .accessLogs:
        (sample.coverage.map { "\($0.followed) of \($0.wanted) " } ?? "") + sample.source.name
      case .counters: "proxies' \(sample.source.name)"
      }
    return Line("window \(Figures.window(sample.window)) · \(source)", .dim)
  }

  private func drawFindings(_ layout: PulseLayout, on frame: inout Frame) {
    let shown = shownFindings
    let lines = PulseLines(shown, isRoomy: layout.isRoomy)
    guard let selected = selectedFinding else {
      if !findings.isEmpty {
        frame.put(
          "nothing contains \"\(pulse.filter.text)\": esc shows all \(findings.count)",
          at: Point(column: 2, row: layout.list.row), .dim, limit: frame.size.columns - 3)
      }
      return
    }
    let selectedLine = lines.first(of: selected.id)
    let top = pulse.scrolling.top(selected: selectedLine, count: lines.lines.count, height: layout.list.rows)
    for row in 0..<max(0, min(layout.list.rows, lines.lines.count - top)) {
      let screenRow = layout.list.row + row
      var isSelected = false
      switch lines.lines[top + row] {
      case .gap: break
      case .finding(let place):
        draw(shown[place], row: screenRow, layout, on: &frame)
        isSelected = shown[place].id == selected.id
        if isSelected { frame.cursor = Point(column: 0, row: screenRow) }
      case .preceding(let place):
        if let preceding = shown[place].precededBy.first {
          frame.put(
            precedingLine(preceding), at: Point(column: 4, row: screenRow), limit: frame.size.columns - 5)
        }
        isSelected = shown[place].id == selected.id
      }
      guard isSelected else { continue }
      frame.restyle(Rect(column: 0, row: screenRow, columns: frame.size.columns, rows: 1), ground: .selection)
    }
    if let cursor = frame.cursor { frame.put(frame.glyphs.arrow, at: cursor, .accent) }
    let below = lines.lines.count - top - layout.list.rows
    if top > 0 || below > 0 {
      let parts = [top > 0 ? "\(frame.glyphs.up)\(top)" : nil, below > 0 ? "\(frame.glyphs.down)\(below)" : nil]
      let line = Line(parts.compactMap { $0 }.joined(separator: " "), .accent)
      frame.put(line, at: Point(column: frame.size.columns - line.columns - 2, row: layout.list.row - 1))
    }
  }

  private func draw(_ finding: Finding, row: Int, _ layout: PulseLayout, on frame: inout Frame) {
    let health = finding.health
    frame.put(health.sign(frame.glyphs), at: Point(column: 2, row: row), health.role)
    drawTitle(finding, in: layout[.title], row: row, on: &frame)
    frame.put(Line(finding.figure, health.role), in: layout[.figure], row: row)
    if let flag = finding.flag { frame.put(Line(flag.code, health.role), in: layout[.flag], row: row) }
    if let field = layout[.trend], !finding.history.isEmpty {
      let isShare = finding.id.kind != .slow
      let top = (finding.history.compactMap { $0 }.max() ?? 0)
      // Never scaled to less than 5 %: noise must not look like a mountain.
      frame.sparkline(
        finding.history, at: Point(column: field.column, row: row), columns: field.columns,
        top: isShare ? max(0.05, top) : top, health.role)
    }
    let since = (finding.isOlder ? frame.glyphs.atLeast : "") + Figures.lasting(now - finding.since)
    frame.put(Line(since, .strong), in: layout[.since], row: row)
    if let reason = finding.evidence.first(where: { !finding.figure.contains($0) }) {
      frame.put(Line(reason, .dim), in: layout[.reason], row: row)
    }
  }

  private func drawTitle(_ finding: Finding, in field: TableLayout.Field?, row: Int, on frame: inout Frame) {
    switch finding.id.subject {
    case .route(let route, let destination):
      let title: Line = [Span("\(route) ", .text), Span(destination.shortName, .strong)]
      frame.put(title, in: field, row: row, cut: .middle)
    case .edge(let edge):
      guard let field else { return }
      // Each name is cut by itself, the caller's first: what lies between them and who fails stay readable.
      let destination = Line("\(edge.destination)", .strong)
      let arrow = Line(" → ", .dim)
      let room = field.columns - arrow.columns
      var place = Point(column: field.column, row: row)
      let source = Line("\(edge.source)", .text)
      let limit = max(room / 3, room - destination.columns)
      place.column += frame.put(source, at: place, limit: limit, cut: .middle)
      place.column += frame.put(arrow, at: place)
      frame.put(destination, at: place, limit: field.column + field.columns - place.column, cut: .middle)
    case .node, .proxies: frame.put(Line(finding.title, .strong), in: field, row: row, cut: .middle)
    }
  }

  /// `40 s after  VirtualService reviews  v3 10 → 25  by kubectl-edit  02:14:07`.
  private func precedingLine(_ preceding: Finding.Preceding) -> Line {
    var line: Line = [
      Span("\(Figures.lasting(preceding.before)) after  ", .dim), Span("\(preceding.change.object)  ", .text),
      Span(preceding.change.what, .strong),
    ]
    if let by = preceding.change.by { line += Line("  by \(by)", .dim) }
    return line + Line("  \(preceding.change.time.clock)", .dim)
  }

  private func drawReasons(_ finding: Finding, in rect: Rect, on frame: inout Frame) {
    frame.horizontalLine(at: Point(column: 0, row: rect.row), columns: frame.size.columns)
    let changes = finding.precededBy.dropFirst().map { Line("also ", .dim) + precedingLine($0) }
    let reasons = finding.evidence.map { Line($0, .text) } + changes
    for (offset, line) in reasons.prefix(rect.rows - 1).enumerated() {
      frame.put(line, at: Point(column: rect.column, row: rect.row + 1 + offset), limit: rect.columns)
    }
  }
}
