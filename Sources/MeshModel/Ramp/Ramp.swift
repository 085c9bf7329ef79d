/// A ramp as it goes: a machine without clock and network. It is told what happened and when, and says what is to be
/// written.
public struct Ramp: Hashable, Sendable {
  /// Steps count from 1; the start is 0.
  public enum Phase: Hashable, Sendable {
    /// The step's weights are to be written. Left by the answer.
    case writing(step: Int, since: Timestamp)
    /// Written, and not every proxy has it. Left when all have.
    case spreading(step: Int, since: Timestamp)
    /// Every proxy has it: watched until the hold is over, and on while a guard cannot tell or the ramp is paused.
    case holding(step: Int, since: Timestamp)
    /// The start's weights are to be written in place of this step's. Left by the answer.
    case goingBack(Reason, from: Int, since: Timestamp)
    /// The start's weights are written, and not every proxy has them.
    case returning(Reason, since: Timestamp)
    case ended(End)
  }

  /// Why a ramp goes back.
  public enum Reason: Hashable, Sendable {
    case guarded(String)
    case asked
  }

  public enum End: Hashable, Sendable {
    case completed
    /// The start's weights are back.
    case reverted(Reason)
    /// It stays where it is, and why.
    case stopped(Stop)

    /// As the journal and JSON name it.
    public var outcome: String {
      switch self {
      case .completed: "completed"
      case .reverted: "reverted"
      case .stopped: "stopped"
      }
    }

    /// `nil` where it went as it was meant.
    public var reason: String? {
      switch self {
      case .completed, .reverted(.asked): nil
      case .reverted(.guarded(let why)): why
      case .stopped(let stop): stop.why
      }
    }
  }

  public struct Stop: Hashable, Sendable {
    /// The step whose weights were written last.
    public let step: Int
    public let why: String
    /// Whether somebody else wrote the rule: it says other weights than the step's.
    public let isOverwritten: Bool

    public init(step: Int, why: String, isOverwritten: Bool = false) {
      self.step = step
      self.why = why
      self.isOverwritten = isOverwritten
    }

    /// - Parameter split: what the rule says; `nil` where it is gone.
    public static func overwritten(at step: Int, by writer: String? = nil, now split: TrafficSplit?) -> Stop {
      let now = split.map { "it now says \($0)" } ?? "it is gone, or takes other requests"
      return Stop(step: step, why: "\(writer ?? "somebody else") wrote this rule; \(now)", isOverwritten: true)
    }
  }

  /// What a person asks of a ramp.
  public enum Order: Hashable, Sendable { case pause, goOn, goBack, stop }

  public enum Event: Hashable, Sendable {
    case time
    /// The write was made.
    case written
    /// No answer to the write, which will be tried again.
    case unanswered(String)
    /// The write was not made, and will not be.
    case refused(String)
    /// Every proxy has it.
    case applied
    /// What went to the destination and to the stable one from when the step was written until a moment.
    case seen(DestinationTraffic?, stable: DestinationTraffic?, until: Timestamp)
    /// Somebody else wrote the rule; `now` is what it says, `nil` where it is gone.
    case overwritten(by: String?, now: TrafficSplit?)
    case order(Order)
  }

  public let plan: RampPlan
  public private(set) var phase: Phase
  /// A paused ramp goes to no further step. Its guards watch on.
  public private(set) var isPaused = false
  /// What is asked while a write is on its way waits for the answer.
  private var asked: Order?
  private var traffic: DestinationTraffic?
  /// Of the stable one, when it last had enough requests.
  private var reference: DestinationTraffic?
  private var stableTraffic: DestinationTraffic?
  /// Until when requests were seen.
  private var seenUntil: Timestamp?

  /// So much later than the requests what tells of them may come: proxies write their logs every few seconds.
  private static let lateness: Duration = .seconds(10)

  /// - Parameters:
  ///   - step: the step whose weights the rule has.
  ///   - isGoingBack: takes it back to the start.
  public init(_ plan: RampPlan, at step: Int = 0, isGoingBack: Bool = false, now: Timestamp) {
    self.plan = plan
    phase = step == 0 ? .writing(step: 1, since: now) : .holding(step: min(step, plan.steps.count), since: now)
    if isGoingBack { goBack(.asked, at: now) }
  }

  /// The weights that are to be written now.
  public var wanted: TrafficSplit? {
    switch phase {
    case .writing(let step, _): plan.split(at: step)
    case .goingBack: plan.start
    case .spreading, .holding, .returning, .ended: nil
    }
  }

  /// The step that it is at, or goes to; 0 once the start's weights are back.
  public var step: Int {
    switch phase {
    case .writing(let step, _), .spreading(let step, _), .holding(let step, _), .goingBack(_, let step, _): step
    case .returning, .ended(.reverted): 0
    case .ended(.completed): plan.steps.count
    case .ended(.stopped(let stop)): stop.step
    }
  }

  public var end: End? { if case .ended(let end) = phase { end } else { nil } }

  /// What is left of the hold; `nil` while the step is not held.
  public func holdLeft(at now: Timestamp) -> Duration? {
    guard case .holding(_, let since) = phase else { return nil }
    return max(.zero, plan.hold - (now - since))
  }

  /// What the guards say of this step.
  public func readings(at now: Timestamp) -> [RampReading] {
    let isEnough = (stableTraffic?.requests ?? 0) >= plan.guards.leastRequests
    return plan.guards.readings(
      (plan.destination.shortName, traffic),
      against: (plan.stable.shortName, isEnough ? stableTraffic : reference ?? stableTraffic),
      isOver: holdLeft(at: now) == .zero)
  }

  /// What the guards wait for, each once; none where they have what they need.
  public func waits(at now: Timestamp) -> [String] {
    guard case .holding(_, let since) = phase else { return [] }
    let readings = readings(at: now)
    var waits: [String] = []
    for case .waiting(let what) in readings.map(\.verdict) where !waits.contains(what) { waits.append(what) }
    if waits.isEmpty, !readings.isEmpty, let seenUntil, seenUntil + Self.lateness < min(now, since + plan.hold) {
      waits.append("nothing was seen after \(seenUntil.clock)")
    }
    return waits
  }

  public mutating func take(_ event: Event, at now: Timestamp) {
    if end != nil { return }
    switch event {
    case .time: break
    case .written: written(at: now)
    case .unanswered(let why): unanswered(why, at: now)
    case .refused(let why): stop(why)
    case .applied: applied(at: now)
    case .seen(let traffic, let stable, let moment):
      self.traffic = traffic
      seenUntil = moment
      stableTraffic = stable
      if let stable, stable.requests >= plan.guards.leastRequests { reference = stable }
    case .overwritten(let writer, let split):
      phase = .ended(.stopped(.overwritten(at: standing, by: writer, now: split)))
    case .order(.pause): isPaused = true
    case .order(.goOn): isPaused = false
    case .order(let order): obey(order, at: now)
    }
    judge(at: now)
  }

  private mutating func written(at now: Timestamp) {
    switch phase {
    case .writing(let step, _):
      phase = .spreading(step: step, since: now)
      (traffic, stableTraffic, seenUntil) = (nil, nil, nil)
    case .goingBack(let reason, _, _): phase = .returning(reason, since: now)
    case .spreading, .holding, .returning, .ended: return
    }
    if let order = asked.take() { obey(order, at: now) }
  }

  private mutating func unanswered(_ why: String, at now: Timestamp) {
    switch (phase, asked.take()) {
    case (.writing, .goBack): goBack(.asked, at: now)
    case (.writing, .stop), (.goingBack, .stop): stop("asked to stop; \(why)")
    case (.writing(_, let since), _), (.goingBack(_, _, let since), _): if now - since >= plan.patience { stop(why) }
    case (.spreading, _), (.holding, _), (.returning, _), (.ended, _): break
    }
  }

  private mutating func applied(at now: Timestamp) {
    switch phase {
    case .spreading(let step, _): phase = .holding(step: step, since: now)
    case .returning(let reason, _): phase = .ended(.reverted(reason))
    case .writing, .holding, .goingBack, .ended: break
    }
  }

  private mutating func obey(_ order: Order, at now: Timestamp) {
    switch phase {
    case .writing, .goingBack: asked = order
    case .spreading, .holding: if order == .goBack { goBack(.asked, at: now) } else { stop("asked to stop") }
    // What goes back has written all there is to write.
    case .returning(let reason, _): if order == .stop { phase = .ended(.reverted(reason)) }
    case .ended: break
    }
  }

  /// The step whose weights stand in the rule.
  private var standing: Int { if case .writing(let step, _) = phase { step - 1 } else { step } }

  private mutating func stop(_ why: String) { phase = .ended(.stopped(Stop(step: standing, why: why))) }

  private mutating func goBack(_ reason: Reason, at now: Timestamp) {
    phase = standing == 0 ? .ended(.reverted(reason)) : .goingBack(reason, from: standing, since: now)
  }

  private mutating func judge(at now: Timestamp) {
    switch phase {
    case .spreading(_, let since):
      if goneBackByGuard(at: now) { return }
      guard now - since >= plan.patience else { return }
      stop("not every proxy has it after \(Figures.span(now - since))")
    case .holding(let step, let since):
      if goneBackByGuard(at: now) { return }
      guard now - since >= plan.hold, !isPaused else { return }
      let waits = waits(at: now)
      if waits.isEmpty {
        phase = step < plan.steps.count ? .writing(step: step + 1, since: now) : .ended(.completed)
      } else if now - since - plan.hold >= plan.patience {
        stop("nothing could be decided for \(Figures.span(plan.patience)) after the hold: \(waits[0])")
      }
    case .returning(_, let since):
      guard now - since >= plan.patience else { return }
      stop("the start's weights are written, but not every proxy has them after \(Figures.span(now - since))")
    case .writing, .goingBack, .ended: break
    }
  }

  /// Whether a guard is broken; then the way back has begun.
  private mutating func goneBackByGuard(at now: Timestamp) -> Bool {
    let broken = readings(at: now).compactMap { if case .broken(let what) = $0.verdict { what } else { nil } }
    guard !broken.isEmpty else { return false }
    goBack(.guarded(broken.joined(separator: "; ")), at: now)
    return true
  }
}
