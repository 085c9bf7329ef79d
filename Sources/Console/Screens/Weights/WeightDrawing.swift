import MeshModel
import TerminalUI

/// A row of the weight editor.
private enum PanelRow {
  case gap
  case share(Destination)
  case text(Line)
  case strip(Underway)
}

extension State {
  func drawEditor(on frame: inout Frame) {
    guard let editor, let route = editorRoute else { return }
    let body = Layout(self).body
    let columns = min(body.columns, max(78, min(104, body.columns - 12)))
    var rows = panelRows(editor, route, columns: columns - 4, frame.glyphs)
    // Where there is little room the air goes first, then what stands last but the question itself.
    if rows.count + 2 > body.rows {
      rows.removeAll { if case .gap = $0 { true } else { false } }
    }
    while rows.count + 2 > body.rows, rows.count > 2 { rows.remove(at: rows.count - 2) }

    let height = min(body.rows, rows.count + 2)
    let panel = Rect(
      column: (body.columns - columns) / 2, row: panelTop(height: height, body), columns: columns, rows: height)
    let title: Line = [
      Span("\(route.service) ", .strong), Span("#\(route.id.rule) ", .dim), Span(route.match, .strong),
      Span("  \(route.id.resource)", .dim),
    ]
    let inside = frame.box(panel, title: title, Style(.accent, on: .panel)).inset(columns: 1)
    for (offset, row) in rows.enumerated() where offset < inside.rows {
      let point = Point(column: inside.column, row: inside.row + offset)
      frame.clipped(to: inside) { frame in
        switch row {
        case .gap: break
        case .text(let line): frame.put(line, at: point, on: .panel, limit: inside.columns)
        case .strip(let change): drawStrip(change, at: point, columns: inside.columns, on: &frame)
        case .share(let destination):
          drawShare(destination, editor, route, at: point, columns: inside.columns, on: &frame)
        }
      }
    }
  }

  /// The rule as the feed knows it; as it was when the editor opened, once it is gone.
  private var editorRoute: Route? {
    guard let editor else { return nil }
    return routes.value?.first { $0.id == editor.route }
      ?? Route(id: editor.route, resourceVersion: editor.resourceVersion, mesh: "", hosts: [], split: editor.base)
  }

  /// Below the rule where there is room, so that its figures stay in sight; else as low as it goes.
  private func panelTop(height: Int, _ body: Rect) -> Int {
    let layout = RoutesLayout(self)
    let table = routeList.table
    let lowest = body.endRow - height
    guard let editor, let selection = routeList.selection, let selected = table.lineOf[selection],
      let last = routeList.table.routes[editor.route]?.split.destinations.last,
      let line = table.lineOf[ShareID(route: editor.route, destination: last)]
    else { return lowest }
    let top = routeList.scrolling.top(selected: selected, count: table.lines.count, height: layout.list.rows)
    return max(body.row, min(lowest, layout.list.row + line - top + 1))
  }

  private func panelRows(_ editor: WeightEditor, _ route: Route, columns: Int, _ glyphs: Glyphs) -> [PanelRow] {
    var rows: [PanelRow] = [.gap]
    rows += editor.draft.destinations.map(PanelRow.share)
    rows += [.text(totalLine(editor, glyphs)), .gap]
    if let ramp = editorRamp { return rows + rampRows(ramp, route, glyphs).map(PanelRow.text) }
    let change = underway.last { $0.applied.change.route == editor.route }
    // What became of the change comes first, until the draft is changed again.
    if let change, isOutcomeShown(editor) {
      rows += [.text(writtenLine(change.applied.change, route, glyphs)), .strip(change)]
    } else {
      rows += notes(editor, route, glyphs).flatMap { $0.wrapped(columns: columns, most: 3).map(PanelRow.text) }
    }
    if case .accepted(let preview) = editor.check, !preview.lines.isEmpty {
      rows.append(.gap)
      rows += preview.lines.prefix(8).map { line in
        .text([
          Span(line.path + "  ", .dim), Span("- \(line.before)  ", .removed), Span("+ \(line.after)", .added),
        ])
      }
      if preview.lines.count > 8 { rows.append(.text(Line("and \(preview.lines.count - 8) more", .dim))) }
    }
    if let change, !isOutcomeShown(editor) { rows += [.gap, .strip(change)] }
    // Room for what a dry run says is kept from the start, so that its answer moves nothing.
    let usual = 2 * editor.draft.shares.count + 7
    rows += Array(repeating: .gap, count: max(1, usual - rows.count))
    return rows + [.text(askLine(editor, route, glyphs))]
  }

  /// Whether the draft is what was written last, and nothing has gone wrong since.
  private func isOutcomeShown(_ editor: WeightEditor) -> Bool {
    guard let change = underway.last(where: { $0.applied.change.route == editor.route })?.applied.change else {
      return false
    }
    return editor.stage == .drafting && !editor.isChanged && editor.failure == nil && change.after == editor.base
  }

  private func writtenLine(_ change: Change, _ route: Route, _ glyphs: Glyphs) -> Line {
    let moved = moves(from: change.before, to: change.after, first: change.mostMoved, route, glyphs)
    return [
      Span(glyphs.check + " ", .good), Span(change.undoes == nil ? "written: " : "put back: ", .text),
      Span(moved, .strong),
    ]
  }

  private func drawShare(
    _ destination: Destination, _ editor: WeightEditor, _ route: Route, at point: Point, columns: Int,
    on frame: inout Frame
  ) {
    let glyphs = frame.glyphs
    let isSelected = destination == editor.selected
    let role = identityRole(destination, in: route)
    if isSelected {
      frame.put(glyphs.arrow, at: point, Style(.accent, on: .panel))
      frame.cursor = point
    }
    let name = label(destination, in: route)
    frame.put(
      Line(name, role), at: Point(column: point.column + 3, row: point.row), on: .panel, limit: 14, cut: .middle)

    func percent(_ split: TrafficSplit) -> String {
      split.fraction(of: destination).map(Figures.asked) ?? glyphs.dash
    }
    let written = isOutcomeShown(editor) ? underway.last { $0.applied.change.route == route.id } : nil
    let before = percent(written?.applied.change.before ?? editor.base)
    let after = isSelected && !editor.typed.isEmpty ? editor.typed : percent(editor.draft)
    let traffic = traffic(of: ShareID(route: route.id, destination: destination))
    let isMoved = before != after
    var text: Line = [
      Span(padded(before, 5) + " \(glyphs.arrow) ", .dim), Span(padded(after, 5), isMoved ? .strong : .text),
    ]
    text += Line(editor.pinned.contains(destination) ? " pinned  " : " %       ", .accent)
    let readiness = route.readiness[destination]
    let ready = readiness.map { "\($0.ready)/\($0.total) ready" } ?? "no known pods"
    text += Line(ready, readiness.map { $0.ready > 0 } == true ? .dim : .warning)
    let health = traffic?.health ?? .unknown
    let sign = health >= .warning ? health.sign(glyphs) + " " : ""
    let errors = traffic?.errorRate.map { "\(sign)\(Figures.rate($0)) err" } ?? "\(glyphs.dash) err"
    text += Line("  " + padded(errors, 11), health >= .warning ? health.role : .dim)
    text += Line("  p99 \(traffic?.p99.map(Figures.latency) ?? glyphs.dash)", traffic?.isSlow == true ? .warning : .dim)

    let nameColumns = min(14, max(4, route.split.destinations.map { Line(label($0, in: route)).columns }.max() ?? 4))
    let barColumn = point.column + 3 + nameColumns + 1
    let barColumns = max(0, min(36, columns - (barColumn - point.column) - 58))
    frame.bar(
      editor.draft.fraction(of: destination) ?? 0, at: Point(column: barColumn, row: point.row), columns: barColumns,
      role, on: .panel)
    let column = barColumn + barColumns + 1
    frame.put(text, at: Point(column: column, row: point.row), on: .panel, limit: point.column + columns - column)
  }

  private func padded(_ text: String, _ columns: Int) -> String {
    String(repeating: " ", count: max(0, columns - Line(text).columns)) + text
  }

  private func totalLine(_ editor: WeightEditor, _ glyphs: Glyphs) -> Line {
    let (before, after) = (editor.base.total, editor.draft.total)
    let weights = editor.draft.shares.map { "\($0.weight)" }.joined(separator: " + ")
    guard before != after else { return Line("   weights \(weights) = \(after)", .dim) }
    return Line("   weights \(weights) = \(after)", .dim)
      + Line("  rescaled from a total of \(before), which cannot express this percentage", .warning)
  }

  /// The last row: the question where there is one, else the keys that shape the draft.
  private func askLine(_ editor: WeightEditor, _ route: Route, _ glyphs: Glyphs) -> Line {
    func keys(_ names: String...) -> String { Command.keyHint(names, glyphs) }
    let yes = Line(keys("weights.apply"), .key) + Line(" yes   ", .text)
    let no = Line(keys("weights.leave"), .key) + Line(" no", .text)
    if let offer = editor.offer, editor.stage == .drafting {
      let others = Line(keys("weights.offer"), .key) + Line(" next   ", .text)
      return Line("\(offer) instead?   ", .strong) + yes + others + no
    }
    switch editor.stage {
    case .confirming:
      let verb = editor.undoes == nil ? "apply" : "undo"
      let what = editor.ramp.map { "ramp \($0)" } ?? "\(verb) \(summary(editor, route, glyphs))"
      let question = Line("\(what)?   ", .strong)
      guard case .name = confirmation(of: editor) else { return question + yes + no }
      if case .confirm = prompt?.purpose { return question }
      return question + Line(keys("weights.apply"), .key) + Line(" type its name   ", .text) + no
    case .checking: return Line("will be applied as soon as the dry run accepts it   ", .strong) + no
    case .sending: return Line("writing \(summary(editor, route, glyphs))", .strong)
    case .conflict(let theirs):
      let leave = Line(keys("weights.leave"), .key) + Line(" leave")
      guard theirs != nil else { return leave }
      return Line(keys("weights.takeTheirs"), .key) + Line(" take theirs as the base, keep my draft   ") + leave
    case .drafting:
      var parts = [
        (keys("weights.less", "weights.more"), "1"), (keys("weights.muchLess", "weights.muchMore"), "5"),
        (keys("weights.type"), "type"), (glyphs.up + glyphs.down, "choose"), (keys("weights.ramp"), "ramp"),
      ]
      if isOutcomeShown(editor) { parts = [(keys("change.undo"), "undo"), (keys("weights.leave"), "leave")] + parts }
      return parts.reduce([]) { $0 + Line($1.0, .key) + Line(" \($1.1)   ", .dim) }
    }
  }

  /// The moved shares: `v3 25 → 0`.
  private func summary(_ editor: WeightEditor, _ route: Route, _ glyphs: Glyphs) -> String {
    moves(from: editor.base, to: editor.draft, first: editor.selected, route, glyphs)
  }

  private func moves(
    from before: TrafficSplit, to after: TrafficSplit, first selected: Destination?, _ route: Route, _ glyphs: Glyphs
  ) -> String {
    func percent(_ split: TrafficSplit, _ destination: Destination) -> String {
      split.fraction(of: destination).map(Figures.asked) ?? glyphs.dash
    }
    let moved = after.destinations.filter { percent(before, $0) != percent(after, $0) }
    let first = moved.filter { $0 == selected } + moved.filter { $0 != selected }
    let parts = first.prefix(size.columns < 60 ? 1 : 3).map { destination in
      "\(label(destination, in: route)) \(percent(before, destination)) \(glyphs.arrow) "
        + percent(after, destination)
    }
    if parts.isEmpty { return "weights of \(route.id)" }
    return parts.joined(separator: ", ") + (moved.count > parts.count ? ", \(moved.count - parts.count) more" : "")
  }
}
