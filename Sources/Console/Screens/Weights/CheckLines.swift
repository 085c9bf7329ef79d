import MeshModel
import TerminalUI

extension State {
  /// What was looked at before the draft may be written: what holds it back or warns, each in full; what is good each in
  /// a line where there is room, else by name.
  func checkLines(_ preview: ChangePreview, isRoomy: Bool, _ glyphs: Glyphs) -> [Line] {
    var lines: [Line] = []
    for verdict in [ChangeCheck.Verdict.refusal, .warning, .unknown] {
      lines += preview.checks.filter { $0.verdict == verdict }.map { line(of: $0, glyphs) }
    }
    let key = Command.keyHint(["weights.offer"], glyphs)
    lines += preview.reconcilers.map { reconciler in
      let verbs = reconciler.offers.map(\.verb.rawValue).joined(separator: ", ")
      return [Span(glyphs.warning + " ", .warning), Span("\(reconciler)", .text)]
        + (verbs.isEmpty ? [] : [Span("; ", .text), Span(key, .key), Span(" \(verbs)", .text)])
    }
    let good = preview.checks.filter { $0.verdict == .ok }
    if isRoomy {
      lines += good.map { line(of: $0, glyphs) }
    } else if !good.isEmpty {
      var names: [String] = []
      for check in good where !names.contains(check.subject.rawValue) { names.append(check.subject.rawValue) }
      lines.append([Span(glyphs.check + " ", .good), Span(names.joined(separator: ", "), .dim)])
    }
    return lines
  }

  private func line(of check: ChangeCheck, _ glyphs: Glyphs) -> Line {
    let (sign, role): (String, Role) =
      switch check.verdict {
      case .ok: (glyphs.check, .good)
      case .warning: (glyphs.warning, .warning)
      case .refusal: (glyphs.cross, .failing)
      case .unknown: ("?", .dim)
      }
    return [
      Span(sign + " ", role), Span(check.evidence, check.verdict == .ok || check.verdict == .unknown ? .dim : .text),
    ]
  }
}
