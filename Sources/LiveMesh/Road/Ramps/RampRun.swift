import MeshModel

/// Runs one ramp: tells its machine what the mesh tells, and writes what the machine wants, each step as a change on the
/// road of every other.
struct RampRun {
  enum Event: Sendable {
    case routes(FeedEvent<[Route]>)
    case traffic(FeedEvent<TrafficSample>)
    case propagation(Change.ID, Propagation)
    case answer(Answer)
    case order(Ramp.Order)
    case time
  }

  /// What came of a write.
  enum Answer: Sendable {
    case made(AppliedChange)
    /// Nobody answered; to be tried again.
    case unanswered(String)
    case conflict(theirs: TrafficSplit?)
    case refused(String)
  }

  /// Figures of a step are of its own time alone, however long it is held.
  static let window: Duration = .seconds(900)
  private static let interval: Duration = .milliseconds(200)
  /// Between attempts to write.
  private static let pause: Duration = .seconds(1)
  /// How long the watch is waited for to tell who wrote the rule.
  private static let longestDoubt: Duration = .seconds(2)

  private let mesh: any Mesh
  private let clock: MeshClock
  private let note: String?
  private(set) var progress: RampProgress
  private var plan: RampPlan { progress.ramp.plan }

  /// What the rule says by our own last write, and what it said before: the watch may be a little behind.
  private var standing: TrafficSplit
  private var before: TrafficSplit?
  private var resourceVersion: String
  /// When the step's weights were written; `nil` for what was written before this program began.
  private var written: Timestamp?
  private var sent: TrafficSplit?
  private var conflict: (theirs: TrafficSplit?, since: Timestamp)?

  /// - Parameter route: the rule as it is now, with the weights that the ramp has come to.
  init(_ id: Change.ID, _ ramp: Ramp, of route: Route, note: String?, mesh: any Mesh, clock: MeshClock) {
    progress = RampProgress(id: id, ramp: ramp)
    standing = route.split
    resourceVersion = route.resourceVersion
    self.note = note
    self.mesh = mesh
    self.clock = clock
  }

  /// Runs until the ramp has ended and nothing is on its way any more.
  mutating func run(
    routes: Feed<[Route]>, traffic: Feed<TrafficSample>, events: AsyncStream<Event>,
    inbox: AsyncStream<Event>.Continuation, tell: @Sendable (RampProgress) -> Void
  ) async {
    await withDiscardingTaskGroup { [clock, mesh] group in
      group.addTask { for await event in routes { inbox.yield(.routes(event)) } }
      group.addTask { for await event in traffic { inbox.yield(.traffic(event)) } }
      group.addTask {
        while !Task.isCancelled {
          inbox.yield(.time)
          await clock.sleep(Self.interval)
        }
      }
      for await event in events {
        let told = progress
        if let applied = take(event) {
          group.addTask {
            for await case .value(let propagation) in mesh.propagation(of: applied) {
              inbox.yield(.propagation(applied.id, propagation))
              if propagation.appliedAfter != nil || propagation.superseded != nil { return }
            }
          }
        }
        if let draft = nextWrite() {
          group.addTask { inbox.yield(.answer(await Self.write(draft, mesh, clock))) }
        }
        let now = clock.now()
        progress.waits = progress.ramp.holdLeft(at: now) == .zero ? progress.ramp.waits(at: now) : []
        if progress != told, progress.ramp.end == nil { tell(progress) }
        if progress.ramp.end != nil, sent == nil { break }
      }
      group.cancelAll()
    }
  }

  /// Gives a change of our own to be followed.
  private mutating func take(_ event: Event) -> AppliedChange? {
    let now = clock.now()
    switch event {
    case .time:
      if let conflict, now - conflict.since >= Self.longestDoubt {
        overwritten(by: nil, conflict.theirs, at: now)
      } else {
        progress.ramp.take(.time, at: now)
      }
    case .order(let order): progress.ramp.take(.order(order), at: now)
    case .routes(.connecting), .traffic(.connecting): break
    case .routes(.trouble(let trouble)), .traffic(.trouble(let trouble)): progress.trouble = "\(trouble)"
    case .routes(.value(let routes)):
      progress.trouble = nil
      look(at: routes, now: now)
    case .traffic(.value(let sample)):
      progress.trouble = nil
      look(at: sample, now: now)
    case .propagation(let id, let propagation):
      guard id == progress.changes.last?.id else { break }
      progress.applied = propagation.applied
      if let superseded = propagation.superseded {
        overwritten(by: superseded.by, superseded.split, at: now)
      } else if propagation.appliedAfter != nil {
        progress.ramp.take(.applied, at: now)
      }
    case .answer(let answer): return take(answer, at: now)
    }
    return nil
  }

  private mutating func take(_ answer: Answer, at now: Timestamp) -> AppliedChange? {
    switch answer {
    case .made(let applied):
      sent = nil
      before = standing
      standing = applied.change.after
      resourceVersion = applied.resourceVersion
      written = applied.written
      progress.changes.append(applied)
      progress.applied = nil
      progress.trouble = nil
      progress.ramp.take(.written, at: now)
      return applied
    case .unanswered(let why):
      sent = nil
      progress.trouble = why
      progress.ramp.take(.unanswered(why), at: now)
    // Who it was, the watch tells.
    case .conflict(let theirs): conflict = (theirs, now)
    case .refused(let why):
      sent = nil
      progress.ramp.take(.refused(why), at: now)
    }
    return nil
  }

  private mutating func look(at routes: [Route], now: Timestamp) {
    guard let route = routes.first(where: { $0.id == plan.route }), route.match == plan.match else {
      return overwritten(by: nil, nil, at: now)
    }
    switch route.split {
    case standing:
      before = nil
      resourceVersion = route.resourceVersion
    // The watch is behind, or faster than the answer.
    case before, sent: break
    default: overwritten(by: route.lastWrite?.manager, route.split, at: now)
    }
  }

  private mutating func overwritten(by writer: String?, _ split: TrafficSplit?, at now: Timestamp) {
    if conflict != nil { sent = nil }
    progress.ramp.take(.overwritten(by: writer, now: split), at: now)
  }

  /// Only what was seen of the present weights counts.
  private mutating func look(at sample: TrafficSample, now: Timestamp) {
    guard let figures = sample.routes[plan.route] else { return }
    let end = figures.end ?? sample.end
    if let written, figures.since ?? end - Self.window < written { return }
    progress.ramp.take(
      .seen(figures.destinations[plan.destination], stable: figures.destinations[plan.stable], until: end), at: now)
  }

  /// The change that the ramp wants now, unless one is on its way.
  private mutating func nextWrite() -> ChangeDraft? {
    guard sent == nil, let wanted = progress.ramp.wanted else { return nil }
    sent = wanted
    let what =
      switch progress.ramp.phase {
      case .goingBack(.guarded(let why), _, _): "back to the start: \(why)"
      case .goingBack(.asked, _, _): "back to the start"
      default: "step \(progress.ramp.step) of \(plan.steps.count)"
      }
    let words = ["ramp #\(progress.id)", what] + (note.map { [$0] } ?? [])
    return ChangeDraft(
      route: plan.route, match: plan.match, resourceVersion: resourceVersion, before: standing, after: wanted,
      note: String(words.joined(separator: ", ").prefix(ChangeDraft.longestNote)))
  }

  private static func write(_ draft: ChangeDraft, _ mesh: any Mesh, _ clock: MeshClock) async -> Answer {
    do throws(ChangeFailure) {
      return .made(try await mesh.apply(draft))
    } catch {
      switch error {
      case .conflict(let theirs): return .conflict(theirs: theirs)
      case .refused, .denied, .readOnly, .journal: return .refused("\(error)")
      case .unreachable:
        await clock.sleep(pause)
        return .unanswered("\(error)")
      case .answerLost: return await outcome(of: draft, after: error, mesh, clock)
      }
    }
  }

  /// The write left and nobody answered: nothing more is written before it is known what became of it.
  private static func outcome(
    of draft: ChangeDraft, after failure: ChangeFailure, _ mesh: any Mesh, _ clock: MeshClock
  ) async -> Answer {
    while !Task.isCancelled {
      await clock.sleep(pause)
      // What cannot be reached yet is asked again.
      _ = try? await mesh.recover()
      let records = (try? await mesh.history()) ?? []
      guard let record = records.first(where: { $0.change.route == draft.route && $0.change.after == draft.after })
      else { continue }
      switch record.outcome {
      case .made(let version):
        return .made(AppliedChange(change: record.change, resourceVersion: version, written: record.time))
      case .failed: return .unanswered("\(failure)")
      case .overwritten(let now): return .refused("somebody else wrote this rule; it now says \(now)")
      case .started, .unknown: continue
      }
    }
    return .unanswered("\(failure)")
  }
}
