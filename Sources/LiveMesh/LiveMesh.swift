import GatewayAPI
import IstioAPI
public import KubernetesAPI
public import MeshModel
public import ProxyLogs
import Synchronization
public import Transport

/// A mesh in a real cluster, driven by Istio. What several readers want is asked for once; nothing is asked for before
/// somebody wants it; and what was asked for once goes on, until this is let go of.
public final class LiveMesh: Mesh {
  private let kubernetes: KubernetesClient
  private let client: any HTTPClient
  private let networking: IstioNetworking
  private let proxies: [ProxyEndpoint]
  private let istiod: [Endpoint]
  private let board: ProxyBoard
  private let journal: Journal
  private let user: String
  private let clock: MeshClock
  private let edgeSources: EdgeSources
  private let logLevels: LogLevels
  private let leases: Hub<[LogLevelLease]>
  private let formats: [AccessLogFormat]
  private let rampRuns = RampRuns()
  private let areas = Mutex<[Scope: Area]>([:])

  /// - Parameters:
  ///   - client: carries the requests to istiod and to the proxies.
  ///   - kubernetes: its context is the one that the journal names; its gate decides whether writes leave.
  ///   - istiod: debug addresses (port 15014), all replicas: each knows only its own proxies.
  ///   - proxies: admin addresses. A proxy that is not among them is known by what istiod says of it.
  ///   - metrics: where edges come from while it answers.
  ///   - journal: where changes are written down before they leave.
  ///   - user: who makes them, for the journal.
  ///   - formats: what access logs may be written in besides the formats that are known.
  public init(
    client: any HTTPClient, kubernetes: KubernetesClient, istiod: [Endpoint] = [], proxies: [ProxyEndpoint] = [],
    metrics: MetricsStore = .wellKnown, journal: Journal, user: String,
    formats: [AccessLogFormat] = [], clock: MeshClock = .system
  ) {
    self.client = client
    self.kubernetes = kubernetes
    self.istiod = istiod
    self.proxies = proxies
    self.journal = journal
    self.user = user
    self.clock = clock
    self.formats = formats
    networking = IstioNetworking(kubernetes)
    edgeSources = EdgeSources(
      metrics, finder: StoreFinder(kubernetes: kubernetes, client: client, clock: clock), clock: clock)
    board = ProxyBoard(proxies: proxies, istiod: istiod, client: client, clock: clock)
    let levels = LogLevels(
      folder: LeaseFolder(besideJournal: journal.path, context: kubernetes.access.context), gate: kubernetes.gate,
      client: client, endpoints: proxies, board: board, clock: clock)
    logLevels = levels
    leases = Hub { hub in await levels.run(hub) }
  }

  deinit {
    for area in areas.withLock({ Array($0.values) }) { area.close() }
    board.state.close()
    board.refusals.close()
    leases.close()
  }

  private func area(_ scope: Scope) -> Area {
    areas.withLock { areas in
      if let known = areas[scope] { return known }
      let area = Area(
        scope, kubernetes: kubernetes, networking: networking, client: client, endpoints: proxies,
        planes: istiod.count, board: board, edgeSources: edgeSources, clock: clock,
        formats: formats)
      areas[scope] = area
      return area
    }
  }

  /// The scope that a resource is already followed in, else its namespace.
  private func area(of resource: ResourceID) -> Area {
    let known = areas.withLock { $0[.namespace(resource.namespace)] ?? $0[.allNamespaces] }
    return known ?? area(.namespace(resource.namespace))
  }

  /// The scope in which the pods behind a destination are known.
  private func area(behind destination: Destination) -> Area {
    let parts = destination.host.split(separator: ".")
    let namespace = parts.count > 1 ? String(parts[1]) : ""
    return area(of: ResourceID(kind: .service, namespace: namespace, name: destination.service))
  }

  public func routes(in scope: Scope) -> Feed<[Route]> { area(scope).routes.feed() }

  public func proxies(in scope: Scope) -> Feed<ProxyReport> { area(scope).report.feed() }

  public func traffic(in scope: Scope, over window: Duration) -> Feed<TrafficSample> {
    area(scope).samples(over: window).feed()
  }

  public func edges(in scope: Scope, over window: Duration, at moment: Timestamp?) -> Feed<EdgeSample> {
    guard let moment else { return area(scope).edges(over: window).feed() }
    return area(scope).edges(over: window, until: moment).feed(isOnly: true)
  }

  public func topology(in scope: Scope) -> Feed<Topology> { area(scope).topology.feed() }

  public func changes(in scope: Scope) -> Feed<[ObservedChange]> { area(scope).changes.feed() }

  public func log(_ query: LogQuery, reach: LogReach) -> Feed<LogBatch> {
    let sources = LogSources(kubernetes: kubernetes, clock: clock) { [weak self] part in
      self?.asked(of: part) ?? Hub { _ in }
    }
    return LogTail(kubernetes: kubernetes, clock: clock, reach: reach, formats: formats).feed(sources.feed(query))
  }

  public func trail(
    of request: String, between times: ClosedRange<Timestamp>, in scope: Scope
  ) -> Feed<RequestTrail> {
    let hub = Hub<RequestTrail> { [asked = area(scope).asked, kubernetes, clock, formats] hub in
      for await event in asked.feed() {
        switch event {
        case .connecting: continue
        case .trouble(let trouble): hub.publish(trouble)
        case .value(let asked):
          let search = RequestSearch(kubernetes: kubernetes, id: request, times: times, clock: clock, formats: formats)
          await search.run(asked.logsOfProxies) { hub.publish($0) }
          return
        }
      }
    }
    return hub.feed(isOnly: true)
  }

  /// What is asked of the namespace that has the pods of a query.
  private func asked(of query: LogQuery) -> Hub<Asked> {
    switch query {
    case .destination(let destination): return area(behind: destination).asked
    case .labels(_, in: let scope): return area(scope).asked
    default:
      let namespace = query.namespace ?? LogSources.rootNamespace
      return area(of: ResourceID(kind: .service, namespace: namespace, name: "")).asked
    }
  }

  public func preview(_ change: ChangeDraft) async throws(ChangeFailure) -> ChangePreview {
    try await writer(of: change).preview(change)
  }

  public func apply(_ change: ChangeDraft) async throws(ChangeFailure) -> AppliedChange {
    try await writer(of: change).apply(change)
  }

  public func propagation(of change: AppliedChange) -> Feed<Propagation> {
    let area = area(of: change.change.route.resource)
    area.asked.start()
    area.startCounting()
    board.state.start()
    let hub = Hub<Propagation> { [board, clock] hub in
      await PropagationWatch(change: change, board: board, asked: area.asked, traffic: area.traffic, clock: clock)
        .run { hub.publish($0) }
    }
    let (stream, continuation) = Feed<Propagation>.makeStream(bufferingPolicy: .unbounded)
    let task = Task {
      for await event in hub.feed() { continuation.yield(event) }
      continuation.finish()
    }
    continuation.onTermination = { _ in
      task.cancel()
      hub.close()
    }
    return stream
  }

  public func begin(_ plan: RampPlan, note: String?) async throws(ChangeFailure) -> Change.ID {
    guard kubernetes.gate == .open else { throw .readOnly }
    if let refusal = plan.refusal { throw .refused(refusal) }
    let route = try await rule(of: plan)
    guard route.split == plan.start else { throw .conflict(theirs: route.split) }
    let (id, claim) = try await journal.begin(plan, note: note, context: kubernetes.access.context, user: user)
    start(id, Ramp(plan, now: clock.now()), of: route, note: note, claim)
    return id
  }

  public func resume(_ ramp: Change.ID, isGoingBack: Bool) async throws(ChangeFailure) {
    guard kubernetes.gate == .open else { throw .readOnly }
    guard let record = try await rampHistory().first(where: { $0.id == ramp }) else {
      throw .refused("the journal of this context has no ramp #\(ramp)")
    }
    guard record.canBeResumed else {
      throw .refused(record.isRun ? "ramp #\(ramp) is run by another meshdeck" : "ramp #\(ramp) has ended")
    }
    let route = try await rule(of: record.plan)
    guard let step = record.plan.step(of: route.split) else {
      // There is nothing of it to go on from, now or later.
      try await journal.end(ramp, .stopped(.overwritten(at: 0, now: route.split)))
      throw .conflict(theirs: route.split)
    }
    let claim = try await journal.resume(ramp)
    let machine = Ramp(record.plan, at: step, isGoingBack: isGoingBack, now: clock.now())
    start(ramp, machine, of: route, note: record.note, claim)
  }

  public func tell(_ ramp: Change.ID, _ order: Ramp.Order) { rampRuns.tell(ramp, order) }

  public func ramps() -> Feed<[RampProgress]> { rampRuns.feed() }

  public func rampHistory() async throws(ChangeFailure) -> [RampRecord] {
    try journal.ramps(context: kubernetes.access.context)
  }

  /// A ramp holds the mesh until it ends.
  private func start(_ id: Change.ID, _ ramp: Ramp, of route: Route, note: String?, _ claim: JournalClaim) {
    let area = area(of: route.id.resource)
    area.startCounting()
    rampRuns.start(
      RampRun(id, ramp, of: route, note: note, mesh: self, clock: clock), routes: area.routes.feed(),
      traffic: area.samples(over: RampRun.window, of: route.id), journal: journal, claim: claim)
  }

  /// The rule of a plan as it is now.
  private func rule(of plan: RampPlan) async throws(ChangeFailure) -> Route {
    for await event in area(of: plan.route.resource).routes.feed() {
      switch event {
      case .connecting: continue
      case .trouble(let trouble): throw .unreachable(trouble)
      case .value(let routes):
        guard let route = routes.first(where: { $0.id == plan.route && $0.match == plan.match }) else {
          throw .conflict(theirs: nil)
        }
        return route
      }
    }
    throw .refused("nobody waits for it any more")
  }

  public func history() async throws(ChangeFailure) -> [ChangeRecord] {
    try journal.records(context: kubernetes.access.context)
  }

  public func levels() -> Feed<[LogLevelLease]> { leases.feed() }

  public func setLevel(_ setting: LogLevelSetting) async throws(ChangeFailure) -> LogLevelLease {
    try await logLevels.set(setting)
  }

  public func putBackLevels() async { await logLevels.putBack(until: nil) }

  public func recover() async throws(ChangeFailure) -> [ChangeRecord] {
    let recovery = ChangeRecovery(journal: journal, context: kubernetes.access.context, clock: clock) {
      [kubernetes, networking] change throws(ChangeFailure) in
      let type = try await networking.type(of: change.route.resource)
      let planner = ChangePlanner(kubernetes: kubernetes, type: type)
      do throws(KubernetesError) { return try await planner.standing(of: change) } catch { throw ChangeFailure(error) }
    }
    return try await recovery.resolve()
  }

  private func writer(of change: ChangeDraft) async throws(ChangeFailure) -> ChangeWriter {
    let type = try await networking.type(of: change.route.resource)
    let area = area(of: change.route.resource)
    area.startCounting()
    let checker = area.checker(kubernetes, networking)
    return ChangeWriter(
      kubernetes: kubernetes, type: type, journal: journal, context: kubernetes.access.context, user: user,
      clock: clock
    ) { draft, isToRefuseAlone in
      await checker.findings(draft, of: type, isToRefuseAlone: isToRefuseAlone)
    }
  }
}

extension IstioNetworking {
  /// The kind of an object that routes, in the version that the server serves.
  fileprivate func type(of resource: ResourceID) async throws(ChangeFailure) -> ResourceType {
    switch resource.kind {
    case .virtualService, .service:
      do throws(Trouble) { return .virtualService.version(try await version()) } catch { throw .unreachable(error) }
    case .httpRoute: return .httpRoute
    case .grpcRoute: return .grpcRoute
    }
  }
}
