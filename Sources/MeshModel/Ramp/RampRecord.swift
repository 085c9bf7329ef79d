/// A ramp as the journal has it.
public struct RampRecord: Identifiable, Hashable, Sendable {
  /// Counted with the changes.
  public let id: Change.ID
  public let plan: RampPlan
  /// When it began.
  public let time: Timestamp
  public let context: String
  public let user: String
  /// Why it is made, in a person's words.
  public let note: String?
  /// What became of it after it had begun, oldest first.
  public let later: [Later]
  /// Whether a living program runs it.
  public let isRun: Bool

  public init(
    id: Change.ID, plan: RampPlan, time: Timestamp, context: String, user: String, note: String? = nil,
    later: [Later] = [], isRun: Bool = false
  ) {
    self.id = id
    self.plan = plan
    self.time = time
    self.context = context
    self.user = user
    self.note = note
    self.later = later
    self.isRun = isRun
  }

  public struct Later: Hashable, Sendable {
    public enum Event: Hashable, Sendable {
      case resumed
      case ended(Ramp.End)
    }

    public let time: Timestamp
    public let event: Event

    public init(_ event: Event, at time: Timestamp) {
      self.time = time
      self.event = event
    }
  }

  /// How it ended; `nil` where it has not, or was taken up again.
  public var end: Ramp.End? { if case .ended(let end)? = later.last?.event { end } else { nil } }

  /// Whether it was begun and nobody runs it, nor said how it ended: its program was killed.
  public var isLost: Bool { end == nil && !isRun }

  /// The same, run by a living program.
  public var run: RampRecord {
    RampRecord(
      id: id, plan: plan, time: time, context: context, user: user, note: note, later: later, isRun: true)
  }

  /// Whether it can be taken up: it is on its way, and nobody runs it.
  public var canBeResumed: Bool {
    switch end {
    case nil: !isRun
    // What somebody else wrote is not gone on from.
    case .stopped(let stop): !stop.isOverwritten
    case .completed, .reverted: false
    }
  }

  /// What there is to say of one that is lost, as a sentence without a full stop.
  public func loss(in routes: some Collection<Route>) -> String {
    let split = routes.first { $0.id == plan.route && $0.match == plan.match }?.split
    let standing = split.map { split in
      switch plan.step(of: split) {
      case 0: "the rule says what it said before"
      case let step?: "it is at step \(step) of \(plan.steps.count), \(plan.steps[step - 1]) %"
      case nil: "the rule says \(split), which is none of its steps"
      }
    }
    return
      "ramp #\(id) of \(time.clock) (\(plan.route): \(plan)) ended in the middle: \(standing ?? "the rule is gone")"
  }
}

/// A ramp that this program runs, or has run.
public struct RampProgress: Identifiable, Hashable, Sendable {
  public let id: Change.ID
  public var ramp: Ramp
  /// The changes that it has made, oldest first.
  public var changes: [AppliedChange]
  /// How far the last one is applied.
  public var applied: Applied?
  /// What its guards wait for, once the hold is over.
  public var waits: [String] = []
  /// What keeps it from seeing or writing, while it does.
  public var trouble: String?

  public init(
    id: Change.ID, ramp: Ramp, changes: [AppliedChange] = [], applied: Applied? = nil, trouble: String? = nil
  ) {
    self.id = id
    self.ramp = ramp
    self.changes = changes
    self.applied = applied
    self.trouble = trouble
  }
}
