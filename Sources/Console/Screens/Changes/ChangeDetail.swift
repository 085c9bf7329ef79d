import MeshHealth
import MeshModel
import TerminalUI

extension State {
  /// All that is known of a change, in sentences.
  func detail(of entry: TimelineEntry, _ glyphs: Glyphs) -> [Line] {
    var lines: [Line] = []
    let number = entry.number.map { "#\($0) " } ?? ""
    let object = entry.object
    lines.append([
      Span(number, .dim), Span("\(object.kind) \(object.namespace)/\(object.name)", .strong),
      Span(
        "  \(entry.action?.rawValue ?? "ramp") by \(entry.author) \(Figures.age(now - entry.time)) ago, "
          + "\(entry.time.rfc3339.prefix(10)) \(entry.time.clock) UTC", .dim),
    ])
    lines += fieldLines(entry, glyphs)
    if let problem = entry.problem {
      lines.append([Span("\(glyphs.cross) ", .failing), Span(problem, .text)])
    }
    if let undoes = entry.record?.change.undoes { lines.append(Line("undoes #\(undoes)", .dim)) }
    if let undone = entry.undoneBy { lines.append(Line("undone by #\(undone)", .dim)) }
    if let progress = entry.progress { lines += self.lines(of: progress, glyphs) }
    if let ramp = entry.ramp {
      lines += self.lines(of: ramp)
    } else {
      lines += effectLines(entry, glyphs)
    }
    if let reach = entry.observed.map({ reachText($0.reach) }) { lines.append(Line("can have touched \(reach)", .dim)) }
    return lines
  }

  private func lines(of moment: RampMoment) -> [Line] {
    var lines = [Line(moment.what, .text)]
    if moment.event == nil { lines.append(Line(moment.ramp.plan.guards.sentence, .dim)) }
    if let note = moment.ramp.note { lines.append(Line("why: \(note)", .dim)) }
    if moment.isLast, moment.ramp.canBeResumed { lines.append(Line("u asks whether to go on or back", .dim)) }
    return lines
  }

  private func fieldLines(_ entry: TimelineEntry, _ glyphs: Glyphs) -> [Line] {
    let fields = entry.fields
    guard !fields.isEmpty else {
      guard entry.action == .changed else { return [] }
      return [
        Line(
          entry.isOurs ? entry.what : "it was changed before anybody watched: who and when is all that it tells", .dim)
      ]
    }
    var lines = fields.prefix(12).map { field -> Line in
      let name = Span(field.name + "  ", .text)
      switch (field.before, field.after) {
      case (nil, nil): return [name, Span("changed", .dim)]
      case (let before, let after):
        return [
          name, Span(before.map { "- \($0)  " } ?? "", .removed), Span(after.map { "+ \($0)" } ?? "", .added),
        ]
      }
    }
    let more = fields.count - lines.count + entry.moreFields
    if more > 0 { lines.append(Line("and \(Figures.count(more, "other field", "other fields"))", .dim)) }
    return lines
  }

  private func lines(of progress: Propagation, _ glyphs: Glyphs) -> [Line] {
    let applied = progress.applied
    var first = Line(
      "applied \(applied.taken.count)/\(applied.of)", applied.isComplete ? .good : .warning)
    if let after = progress.appliedAfter { first += Line(" in \(Figures.span(after))", .dim) }
    switch progress.seen.verdict {
    case .arrived(let after): first += Line("   seen after \(Figures.span(after))", .good)
    case .gathering:
      first += Line("   seen: \(Figures.count(progress.seen.requests, "request", "requests")) so far", .dim)
    case .unknown: first += Line("   seen: nothing tells of requests", .dim)
    case .notApplied: break
    }
    var lines = [first]
    if let superseded = progress.superseded {
      lines.append(
        Line("overwritten \(Figures.span(superseded.after)) later by \(superseded.by ?? "somebody")", .warning))
    }
    lines += applied.rejected.map {
      [Span("\(glyphs.rejected) \(label($0.proxy)) refused it: ", .rejected), Span($0.reason, .text)]
    }
    if !applied.behind.isEmpty {
      lines.append(Line("without it: \(applied.behind.map(label).joined(separator: ", "))", .warning))
    }
    return lines
  }

  private func effectLines(_ entry: TimelineEntry, _ glyphs: Glyphs) -> [Line] {
    guard let effect = entry.effect else {
      return [Line("what health did then is not known: nobody looked, or nothing was sent", .dim)]
    }
    var lines: [Line] = []
    if effect.before != nil || effect.after != nil {
      func span(_ figures: ChangeEffect.Figures?) -> String { figures.map { Figures.window($0.span) } ?? glyphs.dash }
      lines.append([
        Span("errors ", .dim), Span(entry.errorsText ?? glyphs.dash, .strong), Span("   p99 ", .dim),
        Span(entry.p99Text ?? glyphs.dash, .strong),
        Span("   over \(span(effect.before)) before and \(span(effect.after)) from then on", .dim),
      ])
    }
    lines += effect.troubles.map {
      [Span("\($0.health.sign(glyphs)) ", $0.health.role), Span($0.sentence, .text)]
    }
    if effect.troubles.isEmpty { lines.append(Line("no finding followed it", .dim)) }
    return lines
  }

  private func reachText(_ reach: ObservedChange.Reach) -> String {
    switch reach {
    case .services(let services, let version):
      services.isEmpty
        ? "no known service" : services.map { $0.name + (version.map { " \($0)" } ?? "") }.joined(separator: ", ")
    case .namespace(let namespace): "all of \(namespace)"
    case .mesh: "all of the mesh"
    }
  }
}

extension ChangeEffect.Trouble {
  var health: Health { severity == .failing ? .failing : .warning }
}
