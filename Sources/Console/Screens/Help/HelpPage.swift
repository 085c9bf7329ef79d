import TerminalUI

/// The Help screen: every command where it applies, those of the screen one comes from first.
struct HelpPage: Equatable, Sendable {
  var scroll = Scroll()
}

extension Command {
  /// The commands by place, in the order of the declaration.
  static func byPlace(first: [Place] = []) -> [(place: Place, commands: [Command])] {
    let order = first + Place.allCases.filter { !first.contains($0) }
    return order.map { place in (place, all.filter { $0.places.contains(place) }) }.filter { !$0.commands.isEmpty }
  }

  /// docs/keys.md.
  public static var markdown: String {
    var text = "# Keys\n\nEvery key of the console, from its declared commands; `?` shows the same on screen.\n"
    for (place, commands) in byPlace() {
      text += "\n## \(place.title)\n\n| keys | what | command | |\n|---|---|---|---|\n"
      for command in commands {
        let keys =
          command.keys == Key.digits ? "`0-9`" : command.keys.map { "`\($0.label(.unicode))`" }.joined(separator: " ")
        let note = command.writes ? "writes" : ""
        text += "| \(keys) | \(command.title) | `\(command.name)` | \(note) |\n"
      }
    }
    return text
  }
}

extension State {
  private var helpRows: Int { Layout(self).body.rows }

  private func helpLines(_ glyphs: Glyphs) -> [Line] {
    let here: Command.Place? =
      switch screenBefore {
      case .pulse: .pulse
      case .graph: graphScreen.isList ? .edges : .graph
      case .routes: editor == nil ? .routes : .weights
      case .proxies: .proxies
      case .logs: .logs
      case .changes: .changes
      case .help: nil
      }
    var lines: [Line] = []
    for (place, commands) in Command.byPlace(first: here.map { [$0] } ?? []) {
      lines.append(Line(place.title, .strong))
      for command in commands {
        let keys = command.keyLabel(glyphs)
        let gap = String(repeating: " ", count: max(1, 16 - Line(keys).columns))
        lines.append([
          Span("  " + keys + gap, .key), Span(command.title, .text), Span(command.writes ? "  writes" : "", .warning),
        ])
      }
      lines.append([])
    }
    lines.append(Line("asked is the weight in the resource, applied the proxies that have it, seen the requests", .dim))
    lines.append(Line("themselves with their 95 % interval; ~ is counted by service, not by rule.", .dim))
    return lines
  }

  mutating func moveInHelp(_ movement: Movement) {
    let count = helpLines(.unicode).count, rows = helpRows
    let most = max(0, count - rows)
    guard let target = movement.target(from: help.scroll.offset, count: most + 1, height: rows) else { return }
    help.scroll = Scroll(offset: target)
  }

  func drawHelp(on frame: inout Frame) {
    let lines = helpLines(frame.glyphs)
    let body = Layout(self).body
    var scroll = help.scroll
    scroll.keep(scroll.offset, visibleIn: body.rows, of: lines.count, margin: 0)
    for (offset, place) in scroll.visible(in: body.rows, of: lines.count).enumerated() {
      let point = Point(column: 2, row: body.row + offset)
      frame.put(lines[place], at: point, limit: frame.size.columns - 3)
    }
    let below = lines.count - scroll.visible(in: body.rows, of: lines.count).upperBound
    if below > 0 {
      let text = "\(frame.glyphs.down)\(below)"
      frame.put(text, at: Point(column: frame.size.columns - text.count - 2, row: body.endRow - 1), .accent)
    }
    frame.cursor = Point(column: 0, row: body.row)
  }
}
