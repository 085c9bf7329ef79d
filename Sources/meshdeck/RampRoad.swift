internal import Dispatch
internal import Glibc
internal import JSON
internal import MeshModel

/// A ramp on the command line: asked about, begun, told as it goes, and ended.
struct RampRoad {
  let session: Session
  let options: AskingOptions

  func walk(_ plan: RampPlan, of route: Route) async throws(CommandFailure) {
    say("\(plan)")
    // What it comes to is what is meant.
    let draft = ChangeDraft(
      of: route, .weights(before: plan.start, after: plan.split(at: plan.steps.count)))
    guard try await ChangeQuestion(session: session, options: options).isMeant(draft) else { return }
    let id: Change.ID
    do { id = try await session.mesh.begin(plan, note: options.note) } catch { throw CommandFailure(error) }
    try await follow(id)
  }

  func resume(_ record: RampRecord, among routes: [Route], isGoingBack: Bool) async throws(CommandFailure) {
    say("ramp #\(record.id) of \(record.plan.route): \(record.plan)")
    guard let route = routes.first(where: { $0.id == record.plan.route && $0.match == record.plan.match }) else {
      throw CommandFailure(.conflict, "\(record.plan.route) is gone, or takes other requests now")
    }
    let last = record.plan.split(at: isGoingBack ? 0 : record.plan.steps.count)
    let draft = ChangeDraft(of: route, .weights(before: route.split, after: last))
    // Where the rule says so already, there is still the end to be written down.
    guard try await ChangeQuestion(session: session, options: options).isMeant(draft) || !options.dryRun else { return }
    do { try await session.mesh.resume(record.id, isGoingBack: isGoingBack) } catch { throw CommandFailure(error) }
    try await follow(record.id)
  }

  /// Tells how it goes until it ends. A signal stops it; a second one ends the program at once.
  private func follow(_ id: Change.ID) async throws(CommandFailure) {
    let mesh = session.mesh
    let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler {
        source.setEventHandler { _exit(128 + number) }
        StandardError.write("stopping\n")
        mesh.tell(id, .stop)
      }
      source.activate()
      return source
    }
    defer { for source in sources { source.cancel() } }
    var teller = RampTeller()
    for await case .value(let all) in mesh.ramps() {
      guard let progress = all.first(where: { $0.id == id }) else { continue }
      for line in teller.lines(of: progress) { say(line) }
      if let end = progress.ramp.end { return try report(progress, end) }
    }
  }

  private func report(_ progress: RampProgress, _ end: Ramp.End) throws(CommandFailure) {
    let ramp = progress.ramp
    let weights = ramp.plan.split(at: ramp.step)
    let start = "ramp #\(progress.id)"
    let (outcome, reason, sentence): (String, String?, String) =
      switch end {
      case .completed: ("completed", nil, "\(start) completed: \(weights)")
      case .reverted(.asked): ("reverted", nil, "\(start) is back at the start: \(weights)")
      case .reverted(.guarded(let why)): ("reverted", why, "\(start) went back to the start, \(weights): \(why)")
      case .stopped(let stop):
        (
          "stopped", stop.why,
          "\(start) stopped at \(stop.step == 0 ? "the start" : "step \(stop.step) of \(ramp.plan.steps.count)"), "
            + "\(weights): \(stop.why)"
        )
      }
    switch options.output {
    case .json:
      let result: JSONValue = [
        "ramp": .int(progress.id), "outcome": .string(outcome), "reason": reason.map { .string($0) } ?? .null,
        "step": .int(ramp.step), "steps": .array(ramp.plan.steps.map { .int($0) }),
        "changes": .array(progress.changes.map { .int($0.id) }),
        "weights": .array(
          weights.shares.map {
            ["destination": .string($0.destination.shortName), "weight": .int($0.weight.value)]
          }),
      ]
      print(result.text(indent: 2))
    case .table: if case .completed = end { print(printable(sentence)) }
    }
    switch end {
    case .completed: break
    case .reverted(.asked): if options.output == .table { print(printable(sentence)) }
    case .reverted(.guarded): throw CommandFailure(.wentBack, sentence)
    case .stopped: throw CommandFailure(.stopped, sentence)
    }
  }

  private func say(_ text: String) { StandardError.write(text + "\n") }
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
