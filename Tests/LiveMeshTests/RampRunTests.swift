import ConsoleTestSupport
import MeshModel
import Peers
import Synchronization
import Testing

@testable import LiveMesh

/// A ramp as it runs, on a mesh whose every word is said here. Its clock goes ten times as fast as the wall's.
@Suite(.timeLimit(.minutes(1)))
struct RampRunTests {
  private let folder: TemporaryFolder
  private let journal: Journal
  private let mesh = ScriptedMesh()
  private let runs = RampRuns()
  private let clock: MeshClock
  private let route = Route(
    id: ruleID(0), resourceVersion: "100", mesh: "istio", hosts: [reviews], split: TrafficSplit([v1: 90, v3: 10]))
  private let plan: RampPlan

  init() throws {
    folder = try TemporaryFolder()
    let begun = MeshClock.system.now()
    clock = MeshClock(
      now: { begun + (MeshClock.system.now() - begun) * 10 }, sleep: { await MeshClock.system.sleep($0 / 10) })
    journal = Journal(path: folder.path + "/changes.jsonl", clock: clock)
    plan = try RampPlan(of: route, to: v3, steps: [25, 50], hold: .seconds(10))
  }

  private func route(_ split: TrafficSplit, version: String, by manager: String = "kubectl-edit") -> Route {
    var route = route
    route.split = split
    route.resourceVersion = version
    route.lastWrite = Route.LastWrite(manager: manager, time: clock.now())
    return route
  }

  private func begin(by clock: MeshClock? = nil) async throws -> Change.ID {
    let clock = clock ?? self.clock
    mesh.routes.send(.value([route]))
    let (id, claim) = try await journal.begin(plan, note: "why", context: "prod", user: "ada")
    runs.start(
      RampRun(id, Ramp(plan, now: clock.now()), of: route, note: "why", mesh: mesh, clock: clock),
      routes: mesh.routes(in: .allNamespaces), traffic: mesh.traffic(in: .allNamespaces, over: RampRun.window),
      journal: journal, claim: claim)
    return id
  }

  /// The ramp once a condition holds.
  @discardableResult private func until(_ condition: (RampProgress) -> Bool) async -> RampProgress? {
    for await case .value(let all) in runs.feed() {
      if let progress = all.last, condition(progress) { return progress }
    }
    return nil
  }

  private func apply() {
    mesh.progress.send(
      .value(
        Propagation(
          applied: Applied(taken: [ProxyID("a.b")], behind: []), appliedAfter: .seconds(1),
          seen: SeenProgress(verdict: .unknown))))
  }

  private func send(_ requests: Int, errors: Int = 0, since: Timestamp) {
    func traffic(_ requests: Int, _ errors: Int) -> DestinationTraffic {
      DestinationTraffic(requests: requests, errors: errors, p99: .milliseconds(9), p99Low: .milliseconds(8))
    }
    mesh.traffic.send(
      .value(
        TrafficSample(
          end: clock.now(), window: RampRun.window,
          routes: [
            route.id: .init(
              source: .accessLogs, isByRule: true, since: since,
              destinations: [v1: traffic(400, 0), v3: traffic(requests, errors)])
          ])))
  }

  private func end(_ progress: RampProgress?) -> Ramp.End? { progress?.ramp.end }

  private func stop(_ progress: RampProgress?) -> Ramp.Stop? {
    if case .stopped(let stop) = progress?.ramp.end { stop } else { nil }
  }

  @Test func everyStepIsAChangeAndTheJournalHasTheEnd() async throws {
    let id = try await begin()
    for step in 1...2 {
      let progress = try #require(await until { $0.changes.count == step })
      #expect(mesh.applied.last?.note == "ramp #\(id), step \(step) of 2, why")
      let written = try #require(progress.changes.last)
      mesh.routes.send(.value([route(plan.split(at: step), version: written.resourceVersion, by: "meshdeck")]))
      apply()
      await until { if case .holding(step, _) = $0.ramp.phase { true } else { false } }
      // What was seen before the step was written says nothing of it: of those all fail.
      send(500, errors: 500, since: written.written - .seconds(1))
      while mesh.applied.count == step, await until({ _ in true })?.ramp.end == nil {
        send(80, since: clock.now())
        await clock.sleep(.seconds(1))
      }
    }
    #expect(end(await until { $0.ramp.end != nil }) == .completed)
    let record = try #require(try journal.ramps(context: "prod").first)
    #expect(record.end == .completed && record.plan == plan && record.note == "why" && record.user == "ada")
  }

  @Test func aBrokenGuardPutsTheStartBack() async throws {
    _ = try await begin()
    await until { $0.changes.count == 1 }
    apply()
    send(100, errors: 40, since: clock.now() + .seconds(1))
    await until { $0.changes.count == 2 }
    #expect(mesh.applied.last?.after == plan.start)
    #expect(mesh.applied.last?.before == plan.split(at: 1))
    apply()
    guard case .reverted(.guarded(let why)) = end(await until { $0.ramp.end != nil }) else {
      Issue.record("it did not go back")
      return
    }
    #expect(why.hasPrefix("v3 fails 40.0% of 100 requests"))
    #expect(try journal.ramps(context: "prod").first?.end == .reverted(.guarded(why)))
  }

  @Test func whoIsNotReachedIsTriedAgain() async throws {
    mesh.refuseWrites(with: .unreachable(Trouble(.unreachable, "the API server does not answer")))
    _ = try await begin()
    #expect(await until { $0.trouble != nil }?.trouble == "not sent: the API server does not answer")
    mesh.refuseWrites(with: nil)
    #expect(await until { $0.changes.count == 1 }?.trouble == nil)
  }

  /// It was made, as the journal found out: it is not written again.
  @Test func aLostAnswerIsFoundOut() async throws {
    mesh.refuseWrites(with: .answerLost(Trouble(.unreachable, "no answer"), now: nil))
    let made = Change(id: 2, route: route.id, resourceVersion: "100", before: plan.start, after: plan.split(at: 1))
    _ = try await begin()
    while mesh.applied.isEmpty { await clock.sleep(.seconds(1)) }
    mesh.answerHistory(with: [
      ChangeRecord(
        change: made, time: clock.now(), context: "prod", user: "ada", outcome: .made(resourceVersion: "101"))
    ])
    #expect(await until { $0.changes.count == 1 }?.changes.first?.change == made)
    #expect(mesh.applied.count == 1)
  }

  @Test func aConflictStopsItAndTellsWho() async throws {
    let theirs = TrafficSplit([v1: 60, v3: 40])
    mesh.refuseWrites(with: .conflict(theirs: theirs))
    // Its time stands still: on a busy machine the watch would come too late to tell who it was.
    let now = clock.now()
    _ = try await begin(by: MeshClock(now: { now }, sleep: clock.sleep))
    while mesh.applied.isEmpty { await Task.yield() }
    mesh.routes.send(.value([route(theirs, version: "101")]))
    let stop = stop(await until { $0.ramp.end != nil })
    #expect(stop == .init(step: 0, why: "kubectl-edit wrote this rule; it now says v1=60 v3=40", isOverwritten: true))
  }

  @Test func aConflictOfWhichNobodyTellsStopsItToo() async throws {
    mesh.refuseWrites(with: .conflict(theirs: nil))
    _ = try await begin()
    let stop = stop(await until { $0.ramp.end != nil })
    #expect(stop?.why == "somebody else wrote this rule; it is gone, or takes other requests")
  }

  /// The watch may be behind our own write; what it says after it has shown that is somebody's.
  @Test func aWatchThatIsBehindIsNoConflict() async throws {
    _ = try await begin()
    await until { $0.changes.count == 1 }
    mesh.routes.send(.value([route(plan.start, version: "100")]))
    apply()
    await until { if case .holding = $0.ramp.phase { true } else { false } }
    mesh.routes.send(.value([route(plan.split(at: 1), version: "101", by: "meshdeck")]))
    mesh.routes.send(.value([route(plan.start, version: "102", by: "argocd-controller")]))
    let stop = stop(await until { $0.ramp.end != nil })
    #expect(stop?.why == "argocd-controller wrote this rule; it now says v1=90 v3=10")
    #expect(mesh.applied.count == 1)
  }

  @Test func whatIsRefusedStopsIt() async throws {
    mesh.refuseWrites(with: .denied("quota"))
    _ = try await begin()
    #expect(stop(await until { $0.ramp.end != nil })?.why == "denied by the server: quota")
    #expect(try journal.ramps(context: "prod").first?.canBeResumed == true)
  }

  @Test func aRuleHasOneRampAtATime() async throws {
    let (id, claim) = try await journal.begin(plan, note: nil, context: "prod", user: "ada")
    func refusal() async -> ChangeFailure? {
      do {
        _ = try await journal.begin(plan, note: nil, context: "prod", user: "bob")
        return nil
      } catch { return error }
    }
    #expect(await refusal() == .refused("ramp #\(id) of reviews #0 is run by another meshdeck"))
    #expect(try journal.ramps(context: "prod").first?.isRun == true)
    await #expect(throws: ChangeFailure.refused("ramp #\(id) is run by another meshdeck")) {
      _ = try await journal.resume(id)
    }
    _ = consume claim
    #expect(
      await refusal()
        == .refused("ramp #\(id) of reviews #0 ended in the middle: resume it, or take it back, first"))
    let record = try #require(try journal.ramps(context: "prod").first)
    #expect(record.isLost && record.canBeResumed)
    #expect(record.loss(in: [route]).hasSuffix("ended in the middle: the rule says what it said before"))
    #expect(record.loss(in: []).hasSuffix("the rule is gone"))
    #expect(try journal.ramps(context: "other").isEmpty)
    #expect(try journal.records(context: "prod").isEmpty, "a ramp is no change")
  }

  @Test(
    "Every end is read back",
    arguments: [
      .completed, .reverted(.asked), .reverted(.guarded("v3 \u{1b}[2J fails")),
      .stopped(.init(step: 2, why: "asked to stop")), .stopped(.init(step: 1, why: "theirs", isOverwritten: true)),
    ] as [Ramp.End])
  func everyEndIsReadBack(_ end: Ramp.End) async throws {
    let (id, claim) = try await journal.begin(plan, note: nil, context: "prod", user: "ada")
    try await journal.end(id, .stopped(.init(step: 1, why: "first")))
    _ = consume claim
    let again = try await journal.resume(id)
    #expect(try journal.ramps(context: "prod").first?.end == nil, "it is on its way again")
    try await journal.end(id, end)
    _ = consume again
    #expect(try journal.ramps(context: "prod").map(\.end) == [end])
    let next = try await journal.begin(plan, note: nil, context: "prod", user: "ada").id
    #expect(next == id + 1)
  }
}
