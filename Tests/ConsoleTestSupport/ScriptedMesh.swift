public import MeshModel
import Synchronization

/// A mesh whose every word the test says.
public final class ScriptedMesh: Mesh {
  /// The readers of one kind of feed: each gets the newest event at once, as of a real mesh.
  public final class Source<Value: Sendable>: Sendable {
    private struct Readers {
      var newest: FeedEvent<Value>?
      var open: [Int: Feed<Value>.Continuation] = [:]
      var opened = 0
    }

    private let readers = Mutex(Readers())

    public func send(_ event: FeedEvent<Value>) {
      readers.withLock { readers in
        readers.newest = event
        for reader in readers.open.values { reader.yield(event) }
      }
    }

    /// How many read it now, and how many have ever opened it.
    public var open: Int { readers.withLock { $0.open.count } }
    public var opened: Int { readers.withLock { $0.opened } }

    func read() -> Feed<Value> {
      let (feed, continuation) = Feed<Value>.makeStream()
      let number = readers.withLock { readers in
        readers.opened += 1
        readers.open[readers.opened] = continuation
        if let newest = readers.newest { continuation.yield(newest) }
        return readers.opened
      }
      continuation.onTermination = { [weak self] _ in self?.close(number) }
      return feed
    }

    private func close(_ number: Int) { readers.withLock { _ = $0.open.removeValue(forKey: number) } }
  }

  private struct Script {
    var previewed: [ChangeDraft] = []
    var applied: [ChangeDraft] = []
    var preview: Result<ChangePreview, ChangeFailure> = .success(ChangePreview(lines: [], warnings: []))
    var refusal: ChangeFailure?
    var history: [ChangeRecord] = []
    var recovered: [ChangeRecord] = []
    var settings: [LogLevelSetting] = []
    var nextChange = 13
    var plans: [RampPlan] = []
    var resumed: [ResumedRamp] = []
    var orders: [Ramp.Order] = []
    var rampHistory: [RampRecord] = []
  }

  public let routes = Source<[Route]>()
  public let proxies = Source<ProxyReport>()
  public let traffic = Source<TrafficSample>()
  public let edges = Source<EdgeSample>()
  public let topology = Source<Topology>()
  public let changes = Source<[ObservedChange]>()
  public let logs = Source<LogBatch>()
  public let trails = Source<RequestTrail>()
  public let leases = Source<[LogLevelLease]>()
  public let progress = Source<Propagation>()
  public let rampFeed = Source<[RampProgress]>()
  private let script = Mutex(Script())

  public init() {}

  /// What the console has asked for so far.
  public var previewed: [ChangeDraft] { script.withLock { $0.previewed } }
  public var applied: [ChangeDraft] { script.withLock { $0.applied } }

  public var levelsSet: [LogLevelSetting] { script.withLock { $0.settings } }

  /// What a dry run is answered, from now on.
  public func answerPreviews(with result: Result<ChangePreview, ChangeFailure>) {
    script.withLock { $0.preview = result }
  }
  /// Why writes fail from now on; `nil` lets them pass.
  public func refuseWrites(with failure: ChangeFailure?) { script.withLock { $0.refusal = failure } }

  public func routes(in scope: Scope) -> Feed<[Route]> { routes.read() }
  public func proxies(in scope: Scope) -> Feed<ProxyReport> { proxies.read() }
  public func traffic(in scope: Scope, over window: Duration) -> Feed<TrafficSample> { traffic.read() }
  public func edges(in scope: Scope, over window: Duration, at moment: Timestamp?) -> Feed<EdgeSample> { edges.read() }
  public func topology(in scope: Scope) -> Feed<Topology> { topology.read() }
  public func changes(in scope: Scope) -> Feed<[ObservedChange]> { changes.read() }
  public func log(_ query: LogQuery, reach: LogReach) -> Feed<LogBatch> { logs.read() }
  public func trail(of request: String, between times: ClosedRange<Timestamp>, in scope: Scope) -> Feed<RequestTrail> {
    trails.read()
  }
  public func levels() -> Feed<[LogLevelLease]> { leases.read() }
  public func putBackLevels() async {}
  public func setLevel(_ setting: LogLevelSetting) async throws(ChangeFailure) -> LogLevelLease {
    try script.withLock { script -> Result<LogLevelLease, ChangeFailure> in
      script.settings.append(setting)
      if let refusal = script.refusal { return .failure(refusal) }
      return .success(
        LogLevelLease(proxy: setting.proxy, setting: "\(setting)", end: Bookinfo.start + setting.time))
    }.get()
  }
  public func propagation(of change: AppliedChange) -> Feed<Propagation> { progress.read() }

  public func preview(_ change: ChangeDraft) async throws(ChangeFailure) -> ChangePreview {
    try script.withLock { script in
      script.previewed.append(change)
      return script.preview
    }.get()
  }

  public func apply(_ draft: ChangeDraft) async throws(ChangeFailure) -> AppliedChange {
    try script.withLock { script -> Result<AppliedChange, ChangeFailure> in
      script.applied.append(draft)
      if let refusal = script.refusal { return .failure(refusal) }
      let change = Change(
        id: script.nextChange, route: draft.route, resourceVersion: draft.resourceVersion, edit: draft.edit,
        undoes: draft.undoes, note: draft.note)
      script.nextChange += 1
      let version = "after \(change.id)"
      script.history.insert(
        ChangeRecord(
          change: change, time: Bookinfo.start, context: "prod-eu1", user: "sre",
          outcome: .made(resourceVersion: version)),
        at: 0)
      return .success(AppliedChange(change: change, resourceVersion: version, written: Bookinfo.start))
    }.get()
  }

  public func recover() async throws(ChangeFailure) -> [ChangeRecord] { script.withLock { $0.recovered } }

  /// What the journal says from now on.
  public func answerHistory(with records: [ChangeRecord]) { script.withLock { $0.history = records } }

  /// What had ended without an answer when the console began.
  public func answerRecovery(with records: [ChangeRecord]) { script.withLock { $0.recovered = records } }

  // MARK: Ramps

  public struct ResumedRamp: Equatable, Sendable {
    public let id: Change.ID
    public let isGoingBack: Bool
  }

  public var plans: [RampPlan] { script.withLock { $0.plans } }
  public var resumedRamps: [ResumedRamp] { script.withLock { $0.resumed } }
  public var orders: [Ramp.Order] { script.withLock { $0.orders } }

  public func answerRampHistory(with records: [RampRecord]) { script.withLock { $0.rampHistory = records } }

  public func begin(_ plan: RampPlan, note: String?) async throws(ChangeFailure) -> Change.ID {
    try script.withLock { script -> Result<Change.ID, ChangeFailure> in
      script.plans.append(plan)
      if let refusal = script.refusal { return .failure(refusal) }
      defer { script.nextChange += 1 }
      return .success(script.nextChange)
    }.get()
  }

  public func resume(_ ramp: Change.ID, isGoingBack: Bool) async throws(ChangeFailure) {
    script.withLock { $0.resumed.append(ResumedRamp(id: ramp, isGoingBack: isGoingBack)) }
  }

  public func tell(_ ramp: Change.ID, _ order: Ramp.Order) { script.withLock { $0.orders.append(order) } }
  public func ramps() -> Feed<[RampProgress]> { rampFeed.read() }
  public func rampHistory() async throws(ChangeFailure) -> [RampRecord] { script.withLock { $0.rampHistory } }

  public func history() async throws(ChangeFailure) -> [ChangeRecord] { script.withLock { $0.history } }
}
