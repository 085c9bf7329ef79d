import MeshModel

/// How far a written change has come: in the proxies that carry it, then in the requests that they send.
struct PropagationMachine: Sendable {
  enum Phase: Sendable {
    /// Some proxies have something else. Left when the last one has the change.
    case spreading
    /// Requests are counted. Left when they go where the change asks.
    case counting(SeenGoal, appliedAfter: Duration)
    /// What has arrived has arrived, whatever comes later.
    case arrived(SeenProgress, appliedAfter: Duration)
  }

  /// Of routing that is new no proxy is known that will carry it: those that have it are all of them once no other has
  /// come for so long, and every proxy has been read since.
  private static let settling: Duration = .seconds(1)

  private let change: AppliedChange
  /// How many proxies carry it, and since when.
  private var carriers: (count: Int, since: Timestamp)?
  /// When the proxy was read that has not been read for longest.
  var oldestReading: Timestamp?
  private(set) var phase = Phase.spreading

  init(_ change: AppliedChange) { self.change = change }

  /// From when on requests are counted.
  private(set) var countsFrom: Timestamp?

  /// What somebody wrote over the change; final.
  private(set) var superseded: Propagation.Superseded?
  /// Whether the watch is known to be as far as the change.
  private var isShown = false
  private var last = Propagation(applied: Applied(), seen: SeenProgress(verdict: .notApplied))

  /// Whether nothing more will become known.
  var isOver: Bool {
    if case .arrived = phase { return true }
    return superseded != nil
  }

  /// Takes the rules of the resource as the watch has them now.
  mutating func look(at routes: [Route], now: Timestamp) {
    guard !isOver else { return }
    let route = routes.first { $0.id == change.change.route }
    // What is taken away has the version that it was taken away in.
    let isAsWritten = route?.resourceVersion == change.resourceVersion && !isRemoval
    if let route, isAsWritten || isLater(route.resourceVersion) { isShown = true }
    // Until then the watch tells of what was there before.
    guard isShown else { return }
    let isSameRule = route.map { found in change.change.match.map { $0 == found.match } ?? true } ?? false
    guard !change.change.isWritten(in: routes) else { return }
    superseded = Propagation.Superseded(
      split: isSameRule ? route?.split : nil, by: route?.lastWrite?.manager, after: max(.zero, now - change.written))
  }

  private var isRemoval: Bool { change.change.edit.removesRouting }

  /// Versions of one resource are ordered as numbers (Kubernetes API Concepts, "Resource versions"). The watch may pass
  /// over ours where the next one follows at once.
  private func isLater(_ version: String) -> Bool {
    guard let theirs = UInt64(version), let ours = UInt64(change.resourceVersion) else { return false }
    return theirs > ours
  }

  /// What the proxies say and what was seen since `countsFrom`.
  ///
  /// Not inlined: Swift 6.3's optimizer fails on its own check of ownership where it is.
  @inline(never)
  mutating func step(_ applied: Applied, _ count: TrafficLedger.Count?, now: Timestamp) -> Propagation {
    if let superseded {
      last.superseded = superseded
      return last
    }
    last = progress(applied, count, now: now)
    return last
  }

  /// When the last proxy took the change; `nil` while some have not.
  private mutating func arrival(_ applied: Applied, now: Timestamp) -> Timestamp? {
    if carriers?.count != applied.of { carriers = (applied.of, now) }
    guard applied.isComplete else { return nil }
    guard case .firstRoute(_, .making) = change.change.edit, let since = carriers?.since else { return now }
    return now - since >= Self.settling && (oldestReading ?? since) > since ? since : nil
  }

  private mutating func progress(
    _ applied: Applied, _ count: TrafficLedger.Count?, now: Timestamp
  ) -> Propagation {
    if case .spreading = phase, let moment = arrival(applied, now: now) {
      let goal = SeenGoal(asked: change.change.after, appliedAt: now)
      countsFrom = goal.start
      phase = .counting(goal, appliedAfter: max(.zero, moment - change.written))
    }
    switch phase {
    case .spreading: return Propagation(applied: applied, seen: SeenProgress(verdict: .notApplied))
    case .counting(_, let appliedAfter) where change.change.after.shares.isEmpty:
      // Copies leave no trace in the callers' requests, and of a rule that is gone there are none.
      let seen = SeenProgress(verdict: .unknown)
      phase = .arrived(seen, appliedAfter: appliedAfter)
      return Propagation(applied: applied, appliedAfter: appliedAfter, seen: seen)
    case .counting(let goal, let appliedAfter):
      let seen = goal.progress(count, now: now)
      if case .arrived = seen.verdict { phase = .arrived(seen, appliedAfter: appliedAfter) }
      return Propagation(applied: applied, appliedAfter: appliedAfter, seen: seen)
    case .arrived(let seen, let appliedAfter):
      return Propagation(applied: applied, appliedAfter: appliedAfter, seen: seen)
    }
  }
}

/// Follows one change until it has been seen or superseded, with all proxies asked as often as can be until they have it.
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
    var machine = PropagationMachine(change)
    var builder = ReportBuilder()
    var last: Propagation?
    let resource = change.change.route.resource
    if change.change.route.section != .http { board.pace.readsListeners = true }
    board.pace.hurry(for: resource)
    let deadline = clock.now() + Self.longestHurry
    while case .spreading = machine.phase, !machine.isOver, clock.now() < deadline, !Task.isCancelled {
      step(&machine, &builder, &last, tell)
      await clock.sleep(.milliseconds(20))
    }
    board.pace.relax(for: resource)
    while !Task.isCancelled {
      step(&machine, &builder, &last, tell)
      if machine.isOver { return }
      await clock.sleep(Self.seenEvery)
    }
  }

  private func step(
    _ machine: inout PropagationMachine, _ builder: inout ReportBuilder, _ last: inout Propagation?,
    _ tell: (Propagation) -> Void
  ) {
    let state = board.state.newest ?? .init()
    let route = change.change.route
    if let told = asked.newest {
      machine.look(at: told.rules.map(\.route).filter { $0.id.resource == route.resource }, now: clock.now())
    }
    // A command has just begun to ask: the first few that have it are not all that carry it.
    guard state.knowsAll(board.size) || machine.isOver else { return }
    let report = builder.report(rules, state, board.refusals.newest ?? [:], in: .allNamespaces)
    var applied = change.change.edit.removesRouting ? absence(in: state) : applied(in: report)
    let old = state.readings.values.filter { $0.read.map { $0 < change.written } ?? true }.compactMap(\.id)
    applied.distrust(Set(old).contains)
    let count = machine.countsFrom.flatMap { traffic.count(route, since: $0, carriers: applied.carriers) }
    machine.oldestReading = state.readings.values.compactMap { reading in
      if case .answering = reading.reach { reading.read } else { nil }
    }.min()
    let propagation = machine.step(applied, count, now: clock.now())
    if propagation != last { tell(propagation) }
    last = propagation
  }

  /// A proxy has taken a change of several rules once it has taken each that it carries.
  private func applied(in report: ProxyReport) -> Applied {
    var applied = report.applied[change.change.route] ?? Applied()
    guard case .weights(_, _, let along) = change.change.edit else { return applied }
    for other in along.compactMap({ report.applied[$0.route] }) {
      let rejecting = Set(applied.rejected.map(\.proxy))
      applied.rejected += other.rejected.filter { !rejecting.contains($0.proxy) }
      let refusing = Set(applied.rejected.map(\.proxy))
      let behind = Set(applied.behind + other.behind).subtracting(refusing)
      applied.taken = Set(applied.taken + other.taken).subtracting(refusing).subtracting(behind).sorted()
      applied.behind = behind.sorted()
    }
    return applied
  }

  /// Which proxies have nothing more of the resource: of one that is gone no rule is left to compare them with.
  private func absence(in state: ProxyBoard.State) -> Applied {
    var applied = Applied()
    for reading in state.readings.values {
      guard let id = reading.id, let routes = reading.routes else { continue }
      let isLeft = routes.resources.contains(change.change.route.resource)
      applied.add(id, isLeft ? .differs : .asAsked, refusal: nil)
    }
    applied.taken.sort()
    applied.behind.sort()
    return applied
  }

  /// The resource's rules as the change left them, which the watch may not have told yet.
  private var rules: Asked {
    var rules = asked.newest?.rules.filter { $0.route.id.resource == change.change.route.resource } ?? []
    for place in rules.indices { change.change.edit.write(to: &rules[place].route, of: change) }
    var asked = Asked()
    asked.rules = rules
    return asked
  }
}

extension Edit {
  /// Whether the object that routes is deleted.
  fileprivate var removesRouting: Bool { if case .firstRoute(_, .removing) = self { true } else { false } }

  /// Makes a rule say what the edit writes to it, if anything.
  fileprivate func write(to route: inout Route, of change: AppliedChange) {
    switch self {
    case .weights(_, let after, let along):
      let splits = [change.change.route: after].merging(along.map { ($0.route, $0.after) }) { first, _ in first }
      guard let split = splits[route.id] else { return }
      route.split = split
    case .mirror(let destination, _, let after):
      guard route.id == change.change.route,
        let place = route.mirrors.firstIndex(where: { $0.destination == destination })
      else { return }
      route.mirrors[place].percent = after
    // The watch tells of what is made and taken away: it cannot be made up here.
    case .canary, .firstRoute, .controller: return
    }
    route.lastWrite?.time = change.written
  }
}

extension Applied {
  /// The proxies that carry the rule, whatever they have of it.
  fileprivate var carriers: [ProxyID] { taken + behind + rejected.map(\.proxy) }

  /// Counts proxies whose last word is older than the change as behind: what they say agrees with it by chance, as
  /// after an undo, and they may be silent since.
  mutating func distrust(_ isOld: (ProxyID) -> Bool) {
    behind += taken.filter(isOld)
    taken.removeAll(where: isOld)
  }
}
