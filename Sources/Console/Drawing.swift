import MeshModel
public import TerminalUI

extension State {
  /// Paints the whole picture.
  public func draw(on frame: inout Frame) {
    guard !isTooSmall else { return drawTooSmall(on: &frame) }
    let layout = Layout(self)
    drawHeader(on: &frame)
    drawTabs(on: &frame)
    frame.clipped(to: layout.body) { frame in
      switch screen {
      case .pulse: drawPulse(on: &frame)
      case .graph: drawGraph(on: &frame)
      case .routes:
        drawRoutes(on: &frame)
        drawEditor(on: &frame)
      case .proxies: drawProxies(on: &frame)
      case .logs: drawLogs(on: &frame)
      case .changes: drawChanges(on: &frame)
      case .help: drawHelp(on: &frame)
      }
    }
    for (offset, line) in layout.foot.enumerated() { draw(line, row: layout.body.endRow + offset, on: &frame) }
    drawFooter(row: layout.footer, on: &frame)
  }

  private func drawTooSmall(on frame: inout Frame) {
    let least = Layout.smallest
    let text =
      leaving != nil
      ? "a ramp is on its way: again stops it here and leaves"
      : "meshdeck needs \(least.columns)x\(least.rows); this is \(frame.size.columns)x\(frame.size.rows)"
    for (row, line) in text.wrapped(columns: max(1, frame.size.columns), most: frame.size.rows).enumerated() {
      frame.put(line, at: Point(column: 0, row: row), .text)
    }
  }

  private func draw(_ line: Layout.Foot, row: Int, on frame: inout Frame) {
    let glyphs = frame.glyphs
    let point = Point(column: 1, row: row)
    let room = frame.size.columns - 2
    switch line {
    case .text(let text, let health):
      if let health { frame.put(health.sign(glyphs), at: point, health.role) }
      frame.put(text, at: Point(column: 3, row: row), limit: room - 2)
    case .filter:
      if let line = filterLine { frame.put(line, at: point, limit: room) }
    case .ramp(let progress): frame.put(rampLine(progress, glyphs), at: point, limit: room)
    case .answers(let question): frame.put(question.keys(glyphs), at: point, limit: room)
    case .hint(let hint):
      frame.put(hint, at: point, limit: room)
    case .prompt:
      guard let prompt else { return }
      let column = 1 + frame.put(prompt.purpose.sign, at: point, .accent)
      let field = Rect(column: column, row: row, columns: room + 1 - column, rows: 1)
      frame.put(prompt.input, at: Point(column: column, row: row), columns: field.columns)
      if let problem = prompt.problem { frame.mark(problem, in: prompt.input, within: field) }
    }
  }

  /// The keys that matter here.
  private func drawFooter(row: Int, on frame: inout Frame) {
    let width = frame.size.columns
    frame.fill(Rect(column: 0, row: row, columns: width, rows: 1), Style(.text, on: .bar))
    var column = 1
    for command in Command.all {
      guard let hint = command.hint,
        let key = command.keys.first(where: { Command.bound(to: $0, in: places)?.name == command.name })
      else { continue }
      let line: Line = [Span(key.label(frame.glyphs), .key), Span(" \(hint)", .dim)]
      guard column + line.columns < width else { break }
      column += frame.put(line, at: Point(column: column, row: row), on: .bar) + 3
    }
  }
}
