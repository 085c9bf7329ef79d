import MeshModel
import TerminalUI

extension State {
  /// Checks, warnings, and what else one should know before applying.
  func notes(_ editor: WeightEditor, _ route: Route, _ glyphs: Glyphs) -> [Line] {
    var notes: [Line] = []
    func bad(_ text: String) -> Line { [Span(glyphs.cross + " ", .failing), Span(text, .text)] }
    func warn(_ text: String) -> Line { [Span(glyphs.warning + " ", .warning), Span(text, .text)] }

    if case .conflict(let theirs) = editor.stage { return conflict(theirs, editor, route, glyphs) }
    if let refusal = editor.draft.refusal { notes.append(bad(refusal)) }
    switch editor.check {
    case .none: break
    case .waiting: notes.append(Line("\(glyphs.ellipsis) asking the server (dry run)", .dim))
    case .accepted(let preview) where preview.lines.isEmpty: break
    case .accepted: notes.append([Span(glyphs.check + " ", .good), Span("dry run accepted by the server", .text)])
    case .failed(let failure): notes.append(bad("dry run: \(failure)"))
    }
    if let failure = editor.failure { notes.append(bad("\(failure)")) }
    func part(_ split: TrafficSplit, _ destination: Destination) -> Double { split.fraction(of: destination) ?? 0 }
    let gaining = editor.draft.shares.filter { part(editor.base, $0.destination) < part(editor.draft, $0.destination) }
    if !gaining.isEmpty { notes.append(Line("\(glyphs.separator) \(radius(of: editor))", .dim)) }
    let isChecked = if case .accepted(let preview) = editor.check { !preview.checks.isEmpty } else { false }
    for share in gaining {
      let figures = traffic(of: ShareID(route: route.id, destination: share.destination))
      if let figures, figures.health == .failing, let rate = figures.errorRate {
        notes.append(
          warn("\(label(share.destination, in: route)) gets more and fails \(Figures.rate(rate)) of its requests"))
      }
      // The checks say so themselves.
      if isChecked { continue }
      if let readiness = route.readiness[share.destination] {
        if readiness.ready == 0 { notes.append(warn("\(label(share.destination, in: route)) has no ready pod")) }
      } else {
        notes.append(warn("\(label(share.destination, in: route)) matches no known pods"))
      }
    }
    if case .accepted(let preview) = editor.check {
      notes += preview.warnings.map { warn("the server warns: \($0)") }
      notes += checkLines(preview, isRoomy: size.rows >= 50, glyphs)
    }
    if identity.isReadOnly { notes.append(warn("read-only: writing is switched off, so this cannot be applied")) }
    if let undoes = editor.undoes {
      notes.append(Line("\(glyphs.separator) undoes #\(undoes)", .dim))
    }
    if let note = editor.note { notes.append(Line("\(glyphs.separator) why: \(note)", .dim)) }
    if let write = route.lastWrite {
      let line = "\(glyphs.separator) last written by \(write.manager) \(Figures.age(now - write.time)) ago"
      notes.append(Line(line, .dim))
    }
    return notes
  }

  /// Whom the draft touches, by what is on screen until the server's preview says it.
  private func radius(of editor: WeightEditor) -> BlastRadius {
    if case .accepted(let preview) = editor.check, let radius = preview.radius { return radius }
    var radius = BlastRadius(share: editor.base.share(movedBy: editor.draft))
    if let figures = traffic.value?.routes[editor.route], figures.isByRule {
      radius.requestsPerSecond = perSecond(figures.destinations.values.reduce(0) { $0 + $1.requests }, of: editor.route)
    }
    if let edges = edges.value?.edges.keys {
      let services = Set(editor.draft.destinations.map(\.node.service))
      radius.callers = Set(edges.filter { services.contains($0.destination.service) }.map(\.source)).sorted()
    }
    return radius
  }

  /// The three ways that the rule could say: what the draft was made against, what somebody wrote meanwhile, and the
  /// draft.
  private func conflict(_ theirs: TrafficSplit?, _ editor: WeightEditor, _ route: Route, _ glyphs: Glyphs) -> [Line] {
    guard let theirs else {
      return [[Span(glyphs.cross + " ", .failing), Span("the rule is gone: nothing was written; esc leaves", .text)]]
    }
    let by = route.split == theirs ? route.lastWrite.map { "\($0.manager) " } ?? "somebody " : "somebody "
    let what =
      editor.undoes.map { "\(by)changed this rule after #\($0); nothing was overwritten" }
      ?? "\(by)changed this rule in the meantime; nothing was overwritten"
    let ways = ThreeWay(base: editor.base, theirs: theirs, ours: editor.draft, undoes: editor.undoes)
    return [[Span(glyphs.warning + " ", .warning), Span(what, .text)]]
      + zip(ways.sides, [.dim, .removed, .added] as [Role]).map { side, role in
        Line("  \(side.name)   ", role) + line(of: side.split, route, glyphs)
      }
  }

  private func line(of split: TrafficSplit, _ route: Route, _ glyphs: Glyphs) -> Line {
    var line: Line = []
    for destination in split.destinations {
      line += [
        Span(label(destination, in: route) + " ", identityRole(destination, in: route)),
        Span((split.fraction(of: destination).map(Figures.asked) ?? glyphs.dash) + "   ", .strong),
      ]
    }
    return line
  }
}
