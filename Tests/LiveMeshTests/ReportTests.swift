import EnvoyAPI
import IstioAPI
import MeshModel
import Testing
import Transport

@testable import LiveMesh

struct ReportTests {
  private func asked(_ split: TrafficSplit) -> Asked {
    var asked = Asked()
    asked.rules = [rule(0, split: split)]
    return asked
  }

  private func reading(_ name: String, _ weights: KeyValuePairs<String, Int>) -> ProxyReading {
    let clusters = weights.map { WeightedCluster(name: "outbound|9080|\($0.key)|\(reviews)", weight: UInt64($0.value)) }
    let route = RouteConfiguration.Route(
      match: .init(path: .prefix("/")), action: .weightedClusters(clusters),
      origin: ResourceOrigin("/apis/networking.istio.io/v1/namespaces/bookinfo/virtual-service/reviews"))
    var reading = ProxyReading(
      id: ProxyID(name), address: "http://127.0.0.1:15000", reach: .answering(state: "LIVE"))
    let made = RuleJoin.made(in: [
      RouteConfiguration(name: "9080", virtualHosts: [.init(name: "reviews", domains: ["*"], routes: [route])])
    ])
    reading.routes = ProxyRoutes(configurations: ["9080": MadeRoutes(made)])
    return reading
  }

  @Test func proxiesAreMergedByIdentityAndCountedByWhatTheyCarry() async throws {
    var board = ProxyBoard.State()
    board.readings[0] = reading("productpage.bookinfo", ["v1": 75, "v3": 25])
    board.readings[1] = reading("ratings.bookinfo", ["v1": 90, "v3": 10])
    board.readings[2] = reading("details.bookinfo", ["v1": 90, "v3": 10])
    board.readings[3] = ProxyReading(
      id: nil, address: "unix:/run/p.sock", reach: .silent(Trouble(.unreachable, "nobody there")))
    let syncz = """
      [{"proxy":"ratings.bookinfo","proxy_type":"sidecar","istio_version":"1.30.3","cluster_sent":"a","cluster_acked":"a",
        "resources":{"type.googleapis.com/envoy.config.route.v3.RouteConfiguration":
          {"sent":"b","acked":"a","sentTime":"2026-11-23T01:12:47Z","lastError":"Sum of weights must be greater than 0."}}},
       {"proxy":"far.away","proxy_type":"router","route_sent":"b","route_acked":"a"}]
      """
    let client = ScriptedClient { _ in .status(200, syncz) }
    board.controlPlanes[0] = .init(
      version: "1.30.3-56df41f6-Clean", proxies: try await IstiodClient(Endpoint(host: "i"), over: client).proxies())

    var builder = ReportBuilder()
    let report = builder.report(asked(TrafficSplit([v1: 75, v3: 25])), board, in: .namespace("bookinfo"))
    #expect(report.controlPlane == "1.30.3")
    #expect(
      report.proxies.map(\.id.name) == [
        "details.bookinfo", "productpage.bookinfo", "ratings.bookinfo", "unix:/run/p.sock",
      ])
    let applied = try #require(report.applied[ruleID(0)])
    #expect(applied.taken.map(\.name) == ["productpage.bookinfo"])
    #expect(applied.behind.map(\.name) == ["details.bookinfo"])
    #expect(
      applied.rejected == [
        .init(proxy: ProxyID("ratings.bookinfo"), reason: "Sum of weights must be greater than 0.")
      ])
    #expect(applied.of == 3)
    let ratings = try #require(report.proxies.first { $0.id.name == "ratings.bookinfo" })
    #expect(ratings.sync[.clusters] == .synced(since: nil))
    #expect(ratings.sync[.endpoints] == .notSubscribed)
    #expect(report.proxies[0].sync[.routes] == .unknown, "no source tells")

    let all = builder.report(asked(TrafficSplit([v1: 75, v3: 25])), board, in: .allNamespaces)
    #expect(all.proxies.contains { $0.id.name == "far.away" && $0.kind == .gateway && $0.reach == .unreached })
    // The proxies did not move, the resource did.
    let moved = builder.report(asked(TrafficSplit([v1: 90, v3: 10])), board, in: .namespace("bookinfo"))
    #expect(moved.applied[ruleID(0)]?.taken.count == 2)
    #expect(moved.applied[ruleID(0)]?.behind.map(\.name) == ["productpage.bookinfo"])
  }

  @Test func theCountersTellWhatWasRefusedLast() {
    var watch = SubscriptionWatch()
    let now = Timestamp(seconds: 5)
    func step(_ taken: UInt64, _ rejected: UInt64) -> SyncState? {
      watch.advance(
        to: [XDSSubscription(subject: .routes(configuration: "9080"), taken: taken, rejected: rejected)], now: now)[
          .routes]
    }
    #expect(step(3, 1) == .synced(since: nil), "an old refusal is over")
    #expect(step(3, 2) == .rejected(reason: SubscriptionWatch.reason, since: now))
    #expect(step(3, 2) == .rejected(reason: SubscriptionWatch.reason, since: now))
    #expect(step(4, 2) == .synced(since: nil))
    #expect(watch.advance(to: [], now: now).isEmpty)
  }

  @Test func theFirstProxiesToAnswerAreNotAll() {
    var board = ProxyBoard.State()
    board.readings[0] = reading("productpage.bookinfo", ["v1": 75, "v3": 25])
    #expect(!board.knowsAll(3), "two have said nothing")
    board.readings[1] = ProxyReading(id: ProxyID("ratings.bookinfo"), address: "http://r", reach: .unreached)
    board.readings[2] = ProxyReading(
      id: nil, address: "unix:/run/p.sock", reach: .silent(Trouble(.unreachable, "nobody there")))
    #expect(!board.knowsAll(3), "one has not told its routes")
    board.readings[1]?.routes = ProxyRoutes()
    #expect(board.knowsAll(3), "one that does not answer holds nobody up")
  }

  @Test func whatWasReadBeforeTheChangeIsNotCountedForIt() {
    let (old, new) = (ProxyID("a.b"), ProxyID("c.b"))
    var applied = Applied(taken: [old, new])
    applied.distrust { $0 == old }
    #expect(applied == Applied(taken: [new], behind: [old]))
    #expect(!applied.isComplete)
  }

  /// A rule as the watch of the resources shows it.
  private func shown(_ split: TrafficSplit, version: String, by manager: String) -> Route {
    Route(
      id: ruleID(0), resourceVersion: version, mesh: "istio", hosts: ["reviews"], split: split,
      lastWrite: Route.LastWrite(manager: manager, time: Timestamp(seconds: 1_000_003)))
  }

  /// `skipsOurs`: the watch tells of the newest version alone, and passes over ours.
  @Test(arguments: [true, false])
  func aChangeThatSomebodyWroteOverIsSuperseded(skipsOurs: Bool) {
    let start = Timestamp(seconds: 1_000_000)
    let (before, after) = (TrafficSplit([v1: 75, v3: 25]), TrafficSplit([v1: 100, v3: 0]))
    let theirs = TrafficSplit([v1: 60, v3: 40])
    let change = Change(id: 13, route: ruleID(0), resourceVersion: "9", before: before, after: after)
    var machine = PropagationMachine(AppliedChange(change: change, resourceVersion: "10", written: start))
    let behind = Applied(behind: [ProxyID("a.b"), ProxyID("c.b")])

    machine.look(at: [shown(before, version: "9", by: "istioctl")], now: start)
    #expect(machine.superseded == nil, "the watch is not as far as the change")
    machine.look(at: [], now: start)
    #expect(machine.superseded == nil, "nor is one that has told nothing")
    if !skipsOurs {
      machine.look(at: [shown(after, version: "10", by: "meshdeck")], now: start)
      #expect(machine.superseded == nil)
      machine.look(at: [shown(after, version: "11", by: "meshdeck")], now: start)
      #expect(machine.superseded == nil, "something else of the resource changed")
    }
    #expect(machine.step(behind, nil, now: start + .seconds(1)).superseded == nil)

    machine.look(at: [shown(theirs, version: "12", by: "kubectl-edit")], now: start + .seconds(3))
    let told = machine.step(Applied(), nil, now: start + .seconds(3))
    #expect(told.superseded == .init(split: theirs, by: "kubectl-edit", after: .seconds(3)))
    #expect(told.applied == behind, "what is known of the change stays")
    #expect(machine.isOver)
  }

  @Test func aChangeWhoseRuleIsGoneIsSuperseded() {
    let start = Timestamp(seconds: 1_000_000)
    let after = TrafficSplit([v1: 100, v3: 0])
    let change = Change(
      id: 13, route: ruleID(0), match: "any", resourceVersion: "a", before: TrafficSplit([v1: 75, v3: 25]),
      after: after)
    var gone = PropagationMachine(AppliedChange(change: change, resourceVersion: "b", written: start))
    var moved = gone
    for deed in [nil, shown(after, version: "c", by: "x")] {
      var machine = gone
      machine.look(at: deed.map { [$0] } ?? [], now: start)
      #expect(machine.superseded == nil, "versions that are no numbers have no order")
    }
    gone.look(at: [shown(after, version: "b", by: "meshdeck")], now: start)
    gone.look(at: [], now: start + .seconds(1))
    #expect(gone.superseded == .init(split: nil, by: nil, after: .seconds(1)))
    moved.look(at: [shown(after, version: "b", by: "meshdeck")], now: start)
    var other = shown(after, version: "c", by: "argocd")
    other.match = "prefix /api"
    moved.look(at: [other], now: start + .seconds(1))
    #expect(moved.superseded == .init(split: nil, by: "argocd", after: .seconds(1)))
  }

  @Test func aChangeIsFollowedFromTheProxiesToTheRequests() {
    let start = Timestamp(seconds: 1_000_000)
    let change = Change(
      id: 13, route: ruleID(0), resourceVersion: "1", before: TrafficSplit([v1: 75, v3: 25]),
      after: TrafficSplit([v1: 100, v3: 0]))
    var machine = PropagationMachine(AppliedChange(change: change, resourceVersion: "2", written: start))
    let partly = Applied(taken: [ProxyID("a.b")], behind: [ProxyID("c.b")])
    let first = machine.step(partly, nil, now: start + .milliseconds(100))
    #expect(first.appliedAfter == nil)
    #expect(first.seen.verdict == .notApplied)
    let all = Applied(taken: [ProxyID("a.b"), ProxyID("c.b")])
    let second = machine.step(all, nil, now: start + .milliseconds(1300))
    #expect(second.appliedAfter == .milliseconds(1300))
    #expect(second.seen.verdict == .gathering)
    #expect(machine.countsFrom == start + .seconds(2))
    let count = TrafficLedger.Count(
      source: .accessLogs, isByRule: true, requests: [v1: 300, v3: 0], last: [:],
      end: Timestamp(seconds: 2_000_000))
    #expect(machine.step(all, count, now: start + .seconds(11)).seen.verdict == .gathering)
    let seen = machine.step(all, count, now: start + .seconds(12)).seen
    #expect(seen.verdict == .arrived(after: .milliseconds(10_700)))
    #expect(seen.shares[v1]?.share == 1)
    // What has arrived has arrived.
    #expect(machine.step(partly, nil, now: start + .seconds(20)).seen == seen)
    #expect(machine.step(all, nil, now: start + .seconds(20)).appliedAfter == .milliseconds(1300))
  }
}
