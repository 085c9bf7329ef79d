import MeshModel
import TerminalUI

extension State {
  /// A change on its way, in one row: what was asked, how many proxies have it, and whether requests follow.
  func drawStrip(_ change: Underway, at point: Point, columns: Int, on frame: inout Frame) {
    let glyphs = frame.glyphs
    let made = change.applied.change
    let title = made.undoes.map { "#\(made.id) undoes #\($0) " } ?? "#\(made.id) "
    var start: Line = [Span(title, .dim), Span(made.route.resource.name + " ", .text)]
    start += what(made, glyphs)
    if let superseded = change.progress.value?.superseded {
      // How far it came matters no more.
      start += Line("  \(glyphs.warning) \(superseded.sentence)", .warning)
      frame.put(start, at: point, limit: columns)
      return
    }
    start += Line("  applied ", .dim)
    var end: Line = []
    var share = 0.0
    var role = Role.accent
    if let progress = change.progress.value {
      let applied = progress.applied
      share = applied.of > 0 ? Double(applied.taken.count) / Double(applied.of) : 0
      role = applied.isComplete ? .good : applied.rejected.isEmpty ? .accent : .rejected
      end +=
        applied.of > 0 ? Line(" \(applied.taken.count)/\(applied.of)", .strong) : Line(" no proxy carries it", .dim)
      if let after = progress.appliedAfter { end += Line(" in \(Figures.span(after))", .dim) }
      if let rejection = applied.rejected.first {
        end += Line("  \(glyphs.rejected) \(applied.rejected.count) rejected: \(rejection.reason)", .rejected)
      } else {
        end += seen(progress.seen, made.mostMoved, glyphs)
      }
    } else {
      end += Line(" \(glyphs.dash)", .dim)
    }
    if let trouble = change.progress.trouble { end += Line("  \(glyphs.warning) \(trouble)", .warning) }

    let barColumns = min(20, max(0, columns - start.columns - min(end.columns, 40)))
    var column = point.column + frame.put(start, at: point, limit: columns)
    frame.bar(share, at: Point(column: column, row: point.row), columns: barColumns, role)
    column += barColumns
    frame.put(end, at: Point(column: column, row: point.row), limit: max(0, point.column + columns - column))
  }

  /// What a change moves: the share that it moves most where it is of weights, in words where it is not.
  private func what(_ made: Change, _ glyphs: Glyphs) -> Line {
    guard case .weights(let before, let after, let along) = made.edit, let moved = made.mostMoved else {
      return Line("\(made.edit)", .strong)
    }
    func percent(_ split: TrafficSplit) -> String { split.fraction(of: moved).map(Figures.asked) ?? glyphs.dash }
    let name = routes.value?.first { $0.id == made.route }.map { label(moved, in: $0) } ?? moved.description
    let others = along.isEmpty ? "" : " in \(along.count + 1) rules"
    return Line("\(name) \(percent(before)) \(glyphs.arrow) \(percent(after))\(others)", .strong)
  }

  private func seen(_ progress: SeenProgress, _ destination: Destination?, _ glyphs: Glyphs) -> Line {
    guard let destination else { return [] }
    var line: Line = Line("  seen ", .dim)
    if let seen = progress.shares[destination] {
      line += Line(Figures.percent(seen.share), .strong)
      line += Line(" \(Figures.interval(seen, glyphs))", .dim)
    } else {
      line += Line(glyphs.dash, .dim)
    }
    switch progress.verdict {
    case .notApplied: break
    case .gathering: line += Line("  \(Figures.count(progress.requests, "request", "requests")) so far", .dim)
    case .arrived(let after): line += [Span(" \(glyphs.check)", .good), Span(" \(Figures.span(after))", .text)]
    case .unknown: line += Line(" nothing tells of requests", .dim)
    }
    return line
  }
}

extension Propagation.Superseded {
  /// `superseded 3.0 s later by kubectl-edit: 60/40`.
  fileprivate var sentence: String {
    let writer = by.map { " by \($0)" } ?? ""
    let now = split?.shares.map { "\($0.weight)" }.joined(separator: "/") ?? "the rule is gone"
    return "superseded \(Figures.span(after)) later\(writer): \(now)"
  }
}
