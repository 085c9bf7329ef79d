import MeshModel

/// How far a written change has come: in the proxies that carry it, then in the requests that they send.
struct PropagationMachine: Sendable {
  private let change: AppliedChange
  private var appliedAfter: Duration?
  private var goal: SeenGoal?
  private var arrived: SeenProgress?

  init(_ change: AppliedChange) { self.change = change }

  var isApplied: Bool { goal != nil }
  var hasArrived: Bool { arrived != nil }
  /// From when on requests are counted.
  var countsFrom: Timestamp? { goal?.start }

  /// What the proxies say and what was seen since `countsFrom`.
  mutating func step(_ applied: Applied, _ count: TrafficLedger.Count?, now: Timestamp) -> Propagation {
    if applied.isComplete, goal == nil {
      appliedAfter = max(.zero, now - change.written)
      goal = SeenGoal(asked: change.change.after, appliedAt: now)
    }
    var seen = SeenProgress(verdict: .notApplied)
    if let arrived {
      seen = arrived
    } else if let goal {
      seen = goal.progress(count, now: now)
      if case .arrived = seen.verdict { arrived = seen }
    }
    return Propagation(applied: applied, appliedAfter: appliedAfter, seen: seen)
  }
}

/// Follows one change until it has been seen, with all proxies asked as often as can be until they have it.
struct PropagationWatch: Sendable {
  private static let seenEvery: Duration = .milliseconds(500)
  /// Proxies that take longer than this are asked at the usual pace again.
  private static let longestHurry: Duration = .seconds(60)

  let change: AppliedChange
  let board: ProxyBoard
  let asked: Hub<Asked>
  let traffic: TrafficWatch
  let clock: MeshClock

  func run(_ tell: (Propagation) -> Void) async {
    let resource = change.change.route.resource
    board.pace.hurry(for: resource)
    var isHurrying = true
    defer { if isHurrying { board.pace.relax(for: resource) } }
    let deadline = clock.now() + Self.longestHurry
    var machine = PropagationMachine(change)
    var builder = ReportBuilder()
    var last: Propagation?
    while !Task.isCancelled, !machine.hasArrived {
      let report = builder.report(rules, board.state.newest ?? .init(), in: .allNamespaces)
      let now = clock.now()
      let count = machine.countsFrom.flatMap { traffic.count(change.change.route, since: $0) }
      let propagation = machine.step(report.applied[change.change.route] ?? Applied(), count, now: now)
      if propagation != last { tell(propagation) }
      last = propagation
      if isHurrying, machine.isApplied || now > deadline {
        board.pace.relax(for: resource)
        isHurrying = false
      }
      await clock.sleep(isHurrying ? .milliseconds(20) : Self.seenEvery)
    }
  }

  /// The resource's rules as the change left them, which the watch may not have told yet.
  private var rules: Asked {
    var rules = asked.newest?.rules.filter { $0.route.id.resource == change.change.route.resource } ?? []
    if let place = rules.firstIndex(where: { $0.route.id == change.change.route }) {
      rules[place].route.split = change.change.after
    }
    var asked = Asked()
    asked.rules = rules
    return asked
  }
}
