import MeshModel
import TerminalUI

extension State {
  /// Checks, warnings, and what else one should know before applying.
  func notes(_ editor: WeightEditor, _ route: Route, _ glyphs: Glyphs) -> [Line] {
    var notes: [Line] = []
    func bad(_ text: String) -> Line { [Span(glyphs.cross + " ", .failing), Span(text, .text)] }
    func warn(_ text: String) -> Line { [Span(glyphs.warning + " ", .warning), Span(text, .text)] }

    if case .conflict(let theirs) = editor.stage {
      guard let theirs else { return [bad("the rule is gone: nothing was written; esc leaves")] }
      let by = route.split == theirs ? route.lastWrite.map { "\($0.manager) " } ?? "somebody " : "somebody "
      notes.append(warn("\(by)changed this rule in the meantime; nothing was overwritten"))
      notes.append(Line("  theirs  ", .dim) + line(of: theirs, route, glyphs))
      notes.append(Line("  yours   ", .dim) + line(of: editor.draft, route, glyphs))
      return notes
    }
    if let refusal = editor.draft.refusal { notes.append(bad(refusal)) }
    switch editor.check {
    case .none: break
    case .waiting: notes.append(Line("\(glyphs.ellipsis) asking the server (dry run)", .dim))
    case .accepted(let preview):
      notes.append([Span(glyphs.check + " ", .good), Span("dry run accepted by the server", .text)])
      notes += preview.warnings.map(warn)
    case .failed(let failure): notes.append(bad("dry run: \(failure)"))
    }
    if let failure = editor.failure { notes.append(bad("\(failure)")) }
    func part(_ split: TrafficSplit, _ destination: Destination) -> Double { split.fraction(of: destination) ?? 0 }
    let gaining = editor.draft.shares.filter { part(editor.base, $0.destination) < part(editor.draft, $0.destination) }
    if !gaining.isEmpty, let figures = traffic.value?.routes[route.id], figures.isByRule,
      let all = perSecond(figures.destinations.values.reduce(0) { $0 + $1.requests }, of: route.id)
    {
      let moved = gaining.reduce(0) { $0 + part(editor.draft, $1.destination) - part(editor.base, $1.destination) }
      let text = "moves \(Figures.perSecond(all * moved)) of \(Figures.perSecond(all)) requests/s"
      notes.append(Line("\(glyphs.separator) \(text)", .dim))
    }
    for share in gaining {
      let figures = traffic(of: ShareID(route: route.id, destination: share.destination))
      if let figures, figures.health == .failing, let rate = figures.errorRate {
        notes.append(
          warn("\(label(share.destination, in: route)) gets more and fails \(Figures.rate(rate)) of its requests"))
      }
      if let readiness = route.readiness[share.destination] {
        if readiness.ready == 0 { notes.append(warn("\(label(share.destination, in: route)) has no ready pod")) }
      } else {
        notes.append(warn("\(label(share.destination, in: route)) matches no known pods"))
      }
    }
    if identity.isReadOnly { notes.append(warn("read-only: writing is switched off, so this cannot be applied")) }
    if let undoes = editor.undoes {
      notes.append(Line("\(glyphs.separator) undoes #\(undoes)", .dim))
    }
    if let write = route.lastWrite, let owner = write.controller {
      notes.append(warn("\(write.manager) wrote these weights last: \(owner) may put its own back"))
    } else if let write = route.lastWrite {
      let line = "\(glyphs.separator) last written by \(write.manager) \(Figures.age(now - write.time)) ago"
      notes.append(Line(line, .dim))
    }
    return notes
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

extension Route.LastWrite {
  /// The controller behind a field manager that reconciles what others change.
  fileprivate var controller: String? {
    let controllers = [
      ("argocd", "Argo CD"), ("rollouts", "Argo Rollouts"), ("kustomize-controller", "Flux"),
      ("helm-controller", "Flux"), ("flagger", "Flagger"),
    ]
    return controllers.first { manager.contains($0.0) }?.1
  }
}
