import MeshModel
import TerminalUI

extension State {
  /// The ramps that are told below the screen: all but the one that the editor shows.
  var rampsBelow: [RampProgress] {
    let shown = screen == .routes ? editorRamp?.id : nil
    return Array(runningRamps.filter { $0.id != shown }.prefix(size.rows >= 20 ? 2 : 1))
  }

  func sentence(of question: RampQuestion) -> String {
    switch question {
    case .lost(let record): return record.loss(in: routes.value ?? [])
    case .leaving:
      let all = runningRamps.map { progress in
        let plan = progress.ramp.plan
        let step = progress.ramp.step
        let place = step == 0 ? "at the start" : "at \(plan.steps[step - 1]) %"
        return "ramp #\(progress.id) of \(plan.route), \(plan.destination.shortName) \(place)"
      }
      return "on its way: \(all.joined(separator: "; "))"
    }
  }

  /// A ramp in one row: where it is, what is left, and what its guards say.
  func rampLine(_ progress: RampProgress, _ glyphs: Glyphs) -> Line {
    let plan = progress.ramp.plan
    var line: Line = [
      Span("ramp #\(progress.id) ", .dim), Span("\(plan.route.resource.name) ", .text),
      Span("\(plan.destination.shortName) ", .strong),
    ]
    line += place(of: progress) + Line("   ")
    // What holds it up is told before what is well.
    if let trouble = progress.trouble { line += Line("\(glyphs.warning) \(trouble)   ", .warning) }
    if let waits = progress.waits.first { line += Line("\(glyphs.ellipsis) \(waits)   ", .warning) }
    for reading in progress.ramp.readings(at: now) { line += self.line(of: reading, plan, glyphs) + Line("  ") }
    return line
  }

  /// What the editor shows of a ramp in place of checks: its steps, its place, its guards, its keys.
  func rampRows(_ progress: RampProgress, _ route: Route, _ glyphs: Glyphs) -> [Line] {
    let ramp = progress.ramp
    let plan = ramp.plan
    var steps: Line = [Span("ramp #\(progress.id)  ", .strong), Span("\(plan.destination.shortName)  ", .text)]
    for (place, percent) in plan.steps.enumerated() {
      let isNow = place + 1 == ramp.step
      let role: Role = isNow ? .strong : place + 1 < ramp.step ? .good : .dim
      if place > 0 { steps += Line(" \(glyphs.arrow) ", .dim) }
      steps += Line(isNow ? "[\(percent)]" : "\(percent)", role)
    }
    var rows: [Line] = [steps + Line(" %", .dim), Line("  ") + place(of: progress), []]
    for reading in ramp.readings(at: now) { rows.append(Line("  ") + line(of: reading, plan, glyphs)) }
    if ramp.readings(at: now).isEmpty { rows.append(Line("  no guards: the time alone counts", .warning)) }
    for wait in progress.waits { rows.append(Line("  \(glyphs.ellipsis) waits: \(wait)", .warning)) }
    if let trouble = progress.trouble { rows.append(Line("  \(glyphs.warning) \(trouble)", .warning)) }
    rows.append([])
    let keys: [(String, String)] = [
      ("ramp.pause", ramp.isPaused ? "go on" : "pause"), ("ramp.goBack", "go back to the start"),
      ("ramp.stop", "stop here"), ("weights.leave", "leave; it goes on"),
    ]
    rows.append(
      keys.reduce([]) { line, entry in
        line + Line(Command.keyHint([entry.0], glyphs), .key) + Line(" \(entry.1)   ", .dim)
      })
    return rows
  }

  private func place(of progress: RampProgress) -> Line {
    let ramp = progress.ramp
    let plan = ramp.plan
    func step(_ number: Int) -> Line {
      Line("\(plan.steps[number - 1]) %", .strong) + Line(" step \(number) of \(plan.steps.count)  ", .dim)
    }
    let applied = progress.applied.map { "\($0.taken.count)/\($0.of) proxies have it" } ?? "waits for the proxies"
    let paused: Line = ramp.isPaused ? Line("paused  ", .warning) : []
    switch ramp.phase {
    case .writing(let number, _): return paused + step(number) + Line("is being written", .text)
    case .spreading(let number, _): return paused + step(number) + Line(applied, .text)
    case .holding(let number, let since):
      let left = ramp.holdLeft(at: now) ?? .zero
      guard left > .zero else { return paused + step(number) + Line("held \(Figures.lasting(now - since))", .text) }
      return paused + step(number) + Line("\(Figures.lasting(left)) left of \(Figures.lasting(plan.hold))", .text)
    case .goingBack(.guarded(let why), _, _), .returning(.guarded(let why), _):
      return Line("goes back to the start: \(why)", .failing)
    case .goingBack(.asked, _, _), .returning(.asked, _): return Line("goes back to the start", .warning)
    case .ended: return []
    }
  }

  private func line(of reading: RampReading, _ plan: RampPlan, _ glyphs: Glyphs) -> Line {
    let name = reading.of == .errors ? "errors" : "p99"
    let (sign, role): (String, Role) =
      switch reading.verdict {
      case .kept: (glyphs.check, .good)
      case .waiting: (glyphs.ellipsis, .dim)
      case .broken: (glyphs.cross, .failing)
      }
    return [
      Span("\(sign) ", role), Span("\(name) ", .dim), Span(reading.figure ?? glyphs.dash, .strong),
      Span(" (\(plan.stable.shortName) \(reading.stable ?? glyphs.dash))", .dim),
    ]
  }
}

extension RampQuestion {
  /// What can be said to it.
  func keys(_ glyphs: Glyphs) -> Line {
    func key(_ command: String, _ what: String) -> Line {
      Line(Command.keyHint(["rampQuestion.\(command)"], glyphs), .key) + Line(" \(what)   ", .text)
    }
    switch self {
    case .leaving:
      return key("stop", "stop here and leave") + key("goBack", "go back to the start and leave") + key("later", "stay")
    case .lost: return key("goOn", "go on") + key("goBack", "go back to the start") + key("later", "later")
    }
  }
}

extension RampGuards {
  /// `goes back if 1 % more fail or p99 is 2 times as long; 50 requests at least`.
  var sentence: String {
    let what = [
      errors.map { "\(Figures.asked($0)) % more fail" },
      slowFactor.map { "p99 is \(Figures.decimals($0, 1)) times as long" },
    ].compactMap { $0 }
    guard !what.isEmpty else { return "without guards" }
    return "back if \(what.joined(separator: " or ")), of \(leastRequests) requests at least"
  }
}
