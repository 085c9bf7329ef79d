import MeshModel
import TerminalUI

extension State {
  /// How far back changes are listed.
  static let recently: Duration = .seconds(15 * 60)

  /// What anybody changed of late, newest first; what controllers do all day is left out.
  var recentChanges: [ObservedChange] {
    (changes.value ?? []).prefix { now - $0.time <= Self.recently }.filter { !$0.isRoutine }
  }

  func drawRecentChanges(in rect: Rect, on frame: inout Frame) {
    guard rect.rows >= 2 else { return }
    frame.horizontalLine(at: Point(column: 0, row: rect.row), columns: frame.size.columns)
    let title: Line = [
      Span("What changed", .strong), Span("   last \(Figures.span(Self.recently)), anyone", .dim),
    ]
    frame.put(title, at: Point(column: rect.column, row: rect.row + 1), limit: rect.columns)
    let all = recentChanges
    let room = rect.rows - 2
    guard !all.isEmpty else {
      guard room > 0 else { return }
      let text =
        changes.value == nil
        ? changes.trouble?.what ?? "reading"
        : changes.trouble.map { "nothing known: \($0.what)" }
          ?? "nothing"
      frame.put(text, at: Point(column: rect.column, row: rect.row + 2), .dim, limit: rect.columns)
      return
    }
    if all.count > room {
      let more = Line("\(all.count - room) more", .dim)
      frame.put(more, at: Point(column: rect.column + rect.columns - more.columns - 1, row: rect.row + 1))
    }
    let isNarrow = rect.columns < 100
    let fields = TableLayout(
      [
        Column("", minimum: 8), Column("", minimum: 18, maximum: isNarrow ? 26 : 34, gap: 2),
        Column("", minimum: 14, grows: true),
        Column("", minimum: isNarrow ? 10 : 17, maximum: 20, priority: 1),
        Column("", minimum: isNarrow ? 14 : 24, maximum: 40, priority: 2),
      ], from: rect.column, room: rect.columns,
      wanted: isNarrow ? nil : [8, 26, 60, 20, 34])
    for (offset, change) in all.prefix(room).enumerated() {
      let row = rect.row + 2 + offset
      frame.put(Line(change.time.clock, .dim), in: fields[0], row: row)
      frame.put(Line("\(change.object)", .text), in: fields[1], row: row, cut: .middle)
      frame.put(Line(change.what, .strong), in: fields[2], row: row)
      frame.put(Line(change.by ?? frame.glyphs.dash, .dim), in: fields[3], row: row)
      frame.put(effect(of: change), in: fields[4], row: row)
    }
  }

  /// What came after a change: the worst finding that it precedes.
  private func effect(of change: ObservedChange) -> Line {
    let after = findings.filter { finding in finding.precededBy.contains { $0.change.id == change.id } }
    guard let worst = after.first, let preceding = worst.precededBy.first(where: { $0.change.id == change.id }) else {
      return Line(edges.value == nil ? "" : "nothing since", .dim)
    }
    let count = after.count > 1 ? ", \(after.count - 1) more" : ""
    return Line("\(worst.title) \(Figures.lasting(preceding.before)) later\(count)", worst.health.role)
  }

  /// Everything that is not among the findings, in one line.
  func drawElsewhere(row: Int, on frame: inout Frame) {
    guard let topology = topology.value else { return }
    let bad = Set(findings.compactMap { $0.node?.service })
    let called = Set((edges.value?.edges ?? [:]).filter { $0.value.requests > 0 }.map(\.key.destination.service))
    let rest = topology.services.filter { !bad.contains($0.id) }
    let busy = rest.count { called.contains($0.id) }
    var parts = [Figures.count(busy, "service healthy", "services healthy")]
    if rest.count > busy { parts.append("\(rest.count - busy) idle") }
    if let first = topology.certificates.map(\.end).min(), first > now {
      parts.append("certificates: first ends in \(Figures.age(first - now))")
    }
    let line = Line("Elsewhere   ", .dim) + Line(parts.joined(separator: " \(frame.glyphs.separator) "), .dim)
    frame.put(line, at: Point(column: 2, row: row), limit: frame.size.columns - 3)
  }
}
