/// A mesh that is alive somewhere: what can be watched and what can be done. The console knows nothing else of the
/// world.
///
/// Every feed starts with what is known at once and goes on until its reader lets go.
public protocol Mesh: Sendable {
  /// What the resources ask for, ordered by namespace, resource and rule.
  func routes(in scope: Scope) -> Feed<[Route]>
  /// The proxies, and what they carry of each rule.
  func proxies(in scope: Scope) -> Feed<ProxyReport>
  /// What requests really do, over a window that ends now.
  func traffic(in scope: Scope, over window: Duration) -> Feed<TrafficSample>
  /// Who sends what to whom, from the best source there is, over a window that ends now or at a past moment. Only a
  /// store knows the past.
  func edges(in scope: Scope, over window: Duration, at moment: Timestamp?) -> Feed<EdgeSample>
  /// What there is, whether or not it gets requests.
  func topology(in scope: Scope) -> Feed<Topology>
  /// What anybody changed of late, newest first: as it is seen, and what the objects tell of the time before.
  func changes(in scope: Scope) -> Feed<[ObservedChange]>
  func log(_ query: LogQuery, reach: LogReach) -> Feed<LogBatch>
  /// What the logs of all proxies of a scope tell of one request around a time, as it is found. The last value is done.
  func trail(of request: String, between times: ClosedRange<Timestamp>, in scope: Scope) -> Feed<RequestTrail>

  /// The proxies whose log levels were set for a time, and are to be put back.
  func levels() -> Feed<[LogLevelLease]>
  /// Sets a proxy's log levels for a time. What they were is on disk before.
  func setLevel(_ setting: LogLevelSetting) async throws(ChangeFailure) -> LogLevelLease
  /// Puts back the levels that were set here, due or not; what cannot be put back is left to the next start.
  func putBackLevels() async

  /// Asks the server what a change would do (a dry run): nothing is written.
  func preview(_ change: ChangeDraft) async throws(ChangeFailure) -> ChangePreview
  /// Writes a change: into the journal first, then to the server, on condition that nothing has moved.
  func apply(_ change: ChangeDraft) async throws(ChangeFailure) -> AppliedChange
  /// How far a change has come, until it has been seen or superseded, or its reader lets go.
  func propagation(of change: AppliedChange) -> Feed<Propagation>
  /// Finds out what became of changes of the journal whose writer ended, or lost the answer, before it was known, and
  /// writes it down. Gives those, newest first.
  func recover() async throws(ChangeFailure) -> [ChangeRecord]
  /// Begins a ramp, which goes on until it ends, or this program does. It is in the journal before anything is written.
  func begin(_ plan: RampPlan, note: String?) async throws(ChangeFailure) -> Change.ID
  /// Takes up a ramp of the journal that nobody runs, at the step whose weights the rule has: goes on, or back to the
  /// start.
  func resume(_ ramp: Change.ID, isGoingBack: Bool) async throws(ChangeFailure)
  func tell(_ ramp: Change.ID, _ order: Ramp.Order)
  /// The ramps that this program runs or has run, oldest first.
  func ramps() -> Feed<[RampProgress]>
  /// The ramps of the journal for this context, newest first.
  func rampHistory() async throws(ChangeFailure) -> [RampRecord]
  /// The journal of this machine for this context, newest first.
  func history() async throws(ChangeFailure) -> [ChangeRecord]
}

extension Mesh {
  public func log(_ query: LogQuery) -> Feed<LogBatch> { log(query, reach: .tail) }

  /// Stops all ramps where they are. Returns when the journal says so.
  public func stopRamps() async {
    for await case .value(let all) in ramps() {
      let running = all.filter { $0.ramp.end == nil }
      if running.isEmpty { return }
      for ramp in running { tell(ramp.id, .stop) }
    }
  }
}

/// What the console is connected to, for its status line.
public struct MeshIdentity: Hashable, Sendable {
  public let context: String
  public let scope: Scope
  public let isReadOnly: Bool
  /// What the context wants before anything is written in it.
  public let protection: Protection
  /// Why the data plane is not a real one, where it is not: `simulated`.
  public let caveat: String?

  public init(
    context: String, scope: Scope, isReadOnly: Bool = false, protection: Protection = Protection(),
    caveat: String? = nil
  ) {
    self.protection = protection
    self.context = context
    self.scope = scope
    self.isReadOnly = isReadOnly
    self.caveat = caveat
  }
}
