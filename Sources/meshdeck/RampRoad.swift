internal import JSON
internal import MeshModel

/// A ramp on the command line: asked about, begun, told as it goes, and ended.
struct RampRoad {
  let session: Session
  let options: AskingOptions

  func walk(_ plan: RampPlan, of route: Route) async throws(CommandFailure) {
    StandardError.say("\(plan)")
    // What it comes to is what is meant.
    let draft = ChangeDraft(
      of: route, .weights(before: plan.start, after: plan.split(at: plan.steps.count)))
    guard try await ChangeQuestion(session: session, options: options).isMeant(draft) else { return }
    let interruption = RampInterruption(stopping: session.mesh)
    let id: Change.ID
    do { id = try await session.mesh.begin(plan, note: options.note) } catch { throw CommandFailure(error) }
    try await follow(id, interruption)
  }

  func resume(_ record: RampRecord, among routes: [Route], isGoingBack: Bool) async throws(CommandFailure) {
    StandardError.say("ramp #\(record.id) of \(record.plan.route): \(record.plan)")
    guard let route = routes.first(where: { $0.id == record.plan.route && $0.match == record.plan.match }) else {
      throw CommandFailure(.conflict, "\(record.plan.route) is gone, or takes other requests now")
    }
    let last = record.plan.split(at: isGoingBack ? 0 : record.plan.steps.count)
    let draft = ChangeDraft(of: route, .weights(before: route.split, after: last))
    // Where the rule says so already, there is still the end to be written down.
    guard try await ChangeQuestion(session: session, options: options).isMeant(draft) || !options.dryRun else { return }
    let interruption = RampInterruption(stopping: session.mesh)
    do { try await session.mesh.resume(record.id, isGoingBack: isGoingBack) } catch { throw CommandFailure(error) }
    try await follow(record.id, interruption)
  }

  /// Tells how it goes until it ends.
  private func follow(_ id: Change.ID, _ interruption: RampInterruption) async throws(CommandFailure) {
    interruption.watch(id)
    var teller = RampTeller()
    for await case .value(let all) in session.mesh.ramps() {
      guard let progress = all.first(where: { $0.id == id }) else { continue }
      for line in teller.lines(of: progress) { StandardError.say(line) }
      if let end = progress.ramp.end { return try report(progress, end) }
    }
  }

  private func report(_ progress: RampProgress, _ end: Ramp.End) throws(CommandFailure) {
    let ramp = progress.ramp
    let weights = ramp.plan.split(at: ramp.step)
    let start = "ramp #\(progress.id)"
    switch options.output {
    case .json: print(json(progress, end).text(indent: 2))
    case .table:
      switch end {
      case .completed: print(printable("\(start) completed: \(weights)"))
      case .reverted(.asked): print(printable("\(start) is back at the start: \(weights)"))
      case .reverted(.guarded), .stopped: break
      }
    }
    switch end {
    case .completed, .reverted(.asked): break
    case .reverted(.guarded(let why)):
      throw CommandFailure(.wentBack, "\(start) went back to the start, \(weights): \(why)")
    case .stopped(let stop):
      let step = stop.step == 0 ? "the start" : "step \(stop.step) of \(ramp.plan.steps.count)"
      throw CommandFailure(
        .stopped, "\(start) stopped at \(step)\(stop.isOverwritten ? "" : ", \(weights)"): \(stop.why)")
    }
  }

  private func json(_ progress: RampProgress, _ end: Ramp.End) -> JSONValue {
    let ramp = progress.ramp
    let weights = ramp.plan.split(at: ramp.step).shares.map { share -> JSONValue in
      ["destination": .string(share.destination.shortName), "weight": .int(share.weight.value)]
    }
    let isOverwritten = if case .stopped(let stop) = end { stop.isOverwritten } else { false }
    return [
      "ramp": .int(progress.id), "outcome": .string(end.outcome), "reason": end.reason.map { .string($0) } ?? .null,
      "step": .int(ramp.step), "steps": .array(ramp.plan.steps.map { .int($0) }),
      "changes": .array(progress.changes.map { .int($0.id) }), "weights": isOverwritten ? .null : .array(weights),
    ]
  }
}

/// Says what is new of a ramp, each thing once.
struct RampTeller {
  private var phase: Ramp.Phase?
  private var trouble: String?
  /// When it was told last what is waited for: that counts up all the time.
  private var told: ContinuousClock.Instant?
  private static let quiet: Duration = .seconds(10)

  mutating func lines(of progress: RampProgress) -> [String] {
    let ramp = progress.ramp
    var lines: [String] = []
    if ramp.phase != phase {
      phase = ramp.phase
      told = nil
      if let line = line(of: progress) { lines.append(line) }
    }
    if !progress.waits.isEmpty, told.map({ ContinuousClock.now - $0 >= Self.quiet }) ?? true {
      told = .now
      lines.append("  waits: \(progress.waits.joined(separator: "; "))")
    }
    if progress.trouble != trouble {
      trouble = progress.trouble
      if let trouble { lines.append("  \(trouble)") }
    }
    return lines
  }

  private func line(of progress: RampProgress) -> String? {
    let plan = progress.ramp.plan
    switch progress.ramp.phase {
    case .writing, .ended, .returning: return nil
    case .spreading(let step, _):
      let change = progress.changes.last.map { ", #\($0.id) written" } ?? ""
      return "step \(step) of \(plan.steps.count): \(plan.destination.shortName) \(plan.steps[step - 1]) %\(change)"
    case .holding:
      let applied = progress.applied.map { "applied \($0.taken.count)/\($0.of); " } ?? ""
      return "  \(applied)held for \(Figures.span(plan.hold))"
    case .goingBack(.guarded(let why), _, _): return "goes back to \(plan.start): \(why)"
    case .goingBack(.asked, _, _): return "goes back to \(plan.start)"
    }
  }
}
