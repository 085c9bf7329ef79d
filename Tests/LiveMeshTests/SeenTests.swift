import EnvoyAPI
import MeshModel
import Peers
import ProxyLogs
import Testing

@testable import LiveMesh

struct LatencyTests {
  @Test("Classes are in order, and their middle is at most 6 % off", arguments: 0..<3)
  func classes(round: Int) {
    var generator = SeededGenerator(seed: UInt64(20_261 + round))
    for _ in 0..<5000 {
      let value = Int.random(in: 0...3_600_000, using: &generator) >> Int.random(in: 0...18, using: &generator)
      let bin = LatencyCounts.bin(ofMilliseconds: value)
      let middle = LatencyCounts.middle(of: bin)
      #expect(abs(Double(middle - value)) <= 0.06 * Double(value), "\(value) is shown as \(middle)")
      #expect(LatencyCounts.bin(ofMilliseconds: value + 1) >= bin)
      #expect(LatencyCounts.bin(ofMilliseconds: middle) == bin)
    }
  }

  @Test func percentiles() {
    var counts = LatencyCounts()
    #expect(counts.percentile(0.5) == nil)
    for value in 1...100 { counts.add(.milliseconds(value <= 99 ? 4 : 840)) }
    #expect(counts.percentile(0.5) == .milliseconds(4))
    #expect(counts.percentile(0.99) == .milliseconds(4))
    #expect(counts.percentile(0.999)! > .milliseconds(800))
  }

  @Test func oneSlowRequestIsNotTheLowerEnd() {
    var counts = LatencyCounts()
    #expect(counts.lowerEnd(of: 0.99) == nil)
    for value in 1...50 { counts.add(.milliseconds(value <= 48 ? 4 : 840)) }
    #expect(counts.percentile(0.99)! > .milliseconds(800))
    #expect(counts.lowerEnd(of: 0.99) == .milliseconds(4), "two of fifty may be chance")
    for _ in 0..<5 { counts.add(.milliseconds(840)) }
    #expect(counts.lowerEnd(of: 0.99)! > .milliseconds(800))
  }

  @Test func hostileDurations() {
    var counts = LatencyCounts()
    counts.add(.seconds(-5))
    counts.add(.seconds(Int64.max))
    #expect(counts.total == 2)
  }
}

struct TrafficRingTests {
  @Test func aWindowCountsItsSecondsAlone() {
    var ring = TrafficRing()
    for second in Int64(0)..<100 {
      ring.add(seen("v1", at: second, code: second % 10 == 0 ? 503 : 200, flags: second % 10 == 0 ? "URX,UF" : "-"))
    }
    let traffic = ring.traffic(
      from: Timestamp(seconds: 40), to: Timestamp(seconds: 100), slices: 4, of: 5)
    #expect(traffic.requests == 60)
    #expect(traffic.errors == 6)
    #expect(traffic.topFlag?.code == "UF" && traffic.topFlag?.meaning != nil)
    #expect(traffic.p50 == .milliseconds(5))
    #expect(traffic.history.map(\.requests) == [5, 5, 5, 5])
    #expect(traffic.history.map(\.errors) == [1, 0, 1, 0])
  }

  @Test func linesMayComeLate() {
    var ring = TrafficRing()
    for second: Int64 in [10, 12, 11, 10, 12] { ring.add(seen("v1", at: second)) }
    let traffic = ring.traffic(from: Timestamp(seconds: 10), to: Timestamp(seconds: 13), slices: 3, of: 1)
    #expect(traffic.history.map(\.requests) == [2, 1, 2])
    #expect(ring.requests(since: Timestamp(seconds: 11)) == 3)
    #expect(ring.lastRequest == Timestamp(seconds: 13))
  }

  @Test func theOldIsForgotten() {
    var ring = TrafficRing()
    for second in Int64(0)..<2000 { ring.add(seen("v1", at: second)) }
    ring.forget(before: Timestamp(seconds: 2000))
    #expect(ring.requests(since: Timestamp(seconds: 0)) == 900)
    ring.add(seen("v1", at: 5))
    #expect(ring.requests(since: Timestamp(seconds: 0)) == 900, "a line from before the ring is left out")
  }

  @Test func whoGotNoAnswerMetAnError() {
    #expect(seen("v1", code: 0, flags: "DC").isError, "the caller gave up before anything came")
    #expect(!seen("v1", code: 200, flags: "DC").isError, "the caller left in the middle of an answer")
    #expect(seen("v1", code: 0, flags: "UF").isError)
    #expect(seen("v1", code: 503).isError)
    #expect(!seen("v1", code: 499).isError)
  }
}

struct SeenRequestTests {
  private func request(_ head: String) -> SeenRequest? {
    let line =
      #"[2026-11-23T01:12:47.071Z] \#(head) - - "-" 0 0 5000 - "-" "curl" "id" "reviews:9080" "10.0.0.7:9080" "#
      + "outbound|9080|v1|reviews.bookinfo.svc.cluster.local 10.0.0.1:2 10.0.0.2:9080 10.0.0.3:4 - default"
    var clusters = Memo<String, ClusterName?>()
    return SeenRequest(ProxyLogLine(line), isGateway: false, namespace: "bookinfo", clusters: &clusters)
  }

  @Test func aCallerThatGaveUpMetAnError() throws {
    let gaveUp = try #require(request(#""GET /delay/2 HTTP/1.1" 0 DC"#))
    #expect(gaveUp.isError)
    #expect(gaveUp.duration == .seconds(5))
    #expect(gaveUp.namespace == "bookinfo")
  }

  @Test func aTCPConnectionIsNoRequest() { #expect(request(#""- - -" 0 -"#) == nil) }
}

struct RuleFinderTests {
  private let canary = rule(
    0, name: "canary", matches: [RuleMatch(headers: ["x-canary=1"])], split: TrafficSplit([v3: 100]))
  private let primary = rule(1, name: "primary", split: TrafficSplit([v1: 75, v3: 25]))

  @Test func theNameTellsRulesApart() {
    let finder = RuleFinder([canary, primary])
    #expect(finder.find(seen("v3", routeName: "canary")).rules.map(\.route) == [ruleID(0)])
    #expect(finder.find(seen("v3", routeName: "canary.header")).rules.map(\.route) == [ruleID(0)])
    #expect(finder.find(seen("v3", routeName: "primary")).rules.map(\.route) == [ruleID(1)])
    #expect(finder.find(seen("v1", routeName: "primary")).isCertain)
  }

  @Test func withoutNamesADestinationOfSeveralRulesIsDoubtful() {
    var (canary, primary) = (canary, primary)
    canary.route.name = nil
    primary.route.name = nil
    let finder = RuleFinder([canary, primary])
    let finding = finder.find(seen("v3"))
    #expect(finding.rules.map(\.route) == [ruleID(0), ruleID(1)])
    #expect(!finding.isCertain)
    #expect(finder.find(seen("v1")).isCertain)
  }

  @Test func thePathTellsRulesApartWhereOnlyThePathDecides() {
    let api = rule(0, matches: [RuleMatch(path: .prefix("/api"))], split: TrafficSplit([v3: 1]))
    let rest = rule(1, split: TrafficSplit([v1: 1, v3: 1]))
    let finder = RuleFinder([api, rest])
    #expect(finder.find(seen("v3", path: "/api/x?y=1")).rules.map(\.route) == [ruleID(0)])
    #expect(finder.find(seen("v3", path: "/reviews/0")).rules.map(\.route) == [ruleID(1)])
  }

  @Test func gatewaysFollowTheirOwnRules() {
    let outside = rule(
      0, of: "outside", hosts: ["*"], split: TrafficSplit([v1: 1]), sidecars: false, gateways: true)
    let inside = rule(0, split: TrafficSplit([v1: 1]))
    let finder = RuleFinder([outside, inside])
    #expect(finder.find(seen("v1", isGateway: true)).rules.map(\.route) == [ruleID(0, of: "outside")])
    #expect(finder.find(seen("v1")).rules.map(\.route) == [ruleID(0)])
  }

  @Test func theAuthorityTellsResourcesApart() {
    let other = rule(0, of: "mirror", hosts: ["shadow.bookinfo.svc.cluster.local"], split: TrafficSplit([v1: 1]))
    let finder = RuleFinder([other, rule(0, split: TrafficSplit([v1: 1]))])
    #expect(finder.find(seen("v1", authority: "shadow:9080")).rules.map(\.route) == [ruleID(0, of: "mirror")])
    #expect(finder.find(seen("v1", authority: "reviews.bookinfo")).rules.map(\.route) == [ruleID(0)])
  }

  @Test func requestsToElsewhereAreOfNoRule() {
    #expect(RuleFinder([primary]).find(seen("v2")).rules.isEmpty)
    #expect(RuleFinder([primary]).find(seen("v1", host: "details.bookinfo.svc.cluster.local")).rules.isEmpty)
  }
}

struct TrafficLedgerTests {
  private let now = Timestamp(seconds: 1_000_060)

  @Test func accessLogsGoBeforeHostCounters() throws {
    var ledger = TrafficLedger()
    ledger.setRules([rule(0, split: TrafficSplit([v1: 75, v3: 25]))], at: now)
    for second in Int64(1_000_000)..<1_000_060 {
      ledger.add(seen(second % 4 == 0 ? "v3" : "v1", at: second))
    }
    let cluster = ClusterName(direction: .outbound, port: 9080, subset: "v1", host: reviews)
    ledger.add([HostCounts.Delta(cluster: cluster, requests: 999, errors: 0)], at: Timestamp(seconds: 1_000_030))
    let traffic = try #require(ledger.sample(now: now, over: .seconds(60)).routes[ruleID(0)])
    #expect(traffic.source == .accessLogs)
    #expect(traffic.isByRule)
    #expect(traffic.destinations[v1]?.requests == 45)
    #expect(traffic.seen(v3)?.share == 0.25)
  }

  @Test func hostCountersSayWhatTheyCannotTell() throws {
    var ledger = TrafficLedger()
    let first = rule(0, matches: [RuleMatch(headers: ["x"])], split: TrafficSplit([v3: 1]))
    let second = rule(1, split: TrafficSplit([v1: 75, v3: 25]))
    let third = rule(0, of: "alone", split: TrafficSplit([v2: 1]))
    ledger.setRules([first, second, third], at: now)
    for (subset, requests) in [("v1", 30), ("v2", 7), ("v3", 10)] {
      let cluster = ClusterName(direction: .outbound, port: 9080, subset: subset, host: reviews)
      ledger.add([.init(cluster: cluster, requests: requests, errors: 1)], at: Timestamp(seconds: 1_000_030))
    }
    let routes = ledger.sample(now: now, over: .seconds(60)).routes
    #expect(routes[ruleID(1)]?.source == .hostCounters)
    #expect(routes[ruleID(1)]?.isByRule == false)
    #expect(routes[ruleID(1)]?.seen(v1)?.share == 0.75)
    #expect(routes[ruleID(1)]?.destinations[v1]?.p50 == nil, "host counters know no latency")
    #expect(routes[ruleID(1)]?.destinations[v1]?.errors == 1)
    #expect(routes[ruleID(0, of: "alone")]?.isByRule == true)
  }

  @Test func nothingSeenIsNothing() {
    var ledger = TrafficLedger()
    ledger.setRules([rule(0, split: TrafficSplit([v1: 1]))], at: now)
    #expect(ledger.sample(now: now, over: .seconds(60)).routes.isEmpty)
    #expect(ledger.sample(now: now, over: .seconds(60)).window == .zero)
    #expect(ledger.count(ruleID(0), since: now, now: now) == nil)
  }

  @Test func aRuleThatBecameAnotherOneStartsAnew() {
    var ledger = TrafficLedger()
    ledger.setRules([rule(0, split: TrafficSplit([v1: 1, v3: 1]))], at: now)
    ledger.add(seen("v1", at: 1_000_030))
    ledger.setRules([rule(0, matches: [RuleMatch(path: .exact("/x"))], split: TrafficSplit([v1: 9, v3: 1]))], at: now)
    #expect(ledger.sample(now: now, over: .seconds(60)).routes.isEmpty)
  }
}

extension TrafficLedgerTests {
  @Test func onlyRequestsSinceTheWeightsChangedSpeakOfThem() throws {
    var ledger = TrafficLedger()
    ledger.setRules([rule(0, split: TrafficSplit([v1: 75, v3: 25]))], at: Timestamp(seconds: 1_000_000))
    for second in Int64(1_000_000)..<1_000_030 { ledger.add(seen("v3", at: second)) }
    ledger.setRules([rule(0, split: TrafficSplit([v1: 100, v3: 0]))], at: Timestamp(seconds: 1_000_030))
    // The second in which the proxies take the change counts for neither.
    ledger.add(seen("v3", at: 1_000_030))
    for second in Int64(1_000_031)..<1_000_041 { ledger.add(seen("v1", at: second)) }

    let sample = ledger.sample(now: Timestamp(seconds: 1_000_041), over: .seconds(60))
    let traffic = try #require(sample.routes[ruleID(0)])
    #expect(traffic.seen(v3)?.share == 0)
    #expect(traffic.seen(v1)?.requests == 10)
    #expect(sample.window(of: ruleID(0)) == .seconds(10))
    #expect(traffic.destinations[v3]?.history.reduce(0) { $0 + $1.requests } == 31, "the history goes on")

    let later = ledger.sample(now: Timestamp(seconds: 1_000_100), over: .seconds(60))
    #expect(later.routes[ruleID(0)]?.since == nil, "the change is older than the window")
  }
}

struct HostCountsTests {
  private func clusters(_ successes: UInt64, _ errors: UInt64) -> [ClusterStatus] {
    [
      ClusterStatus(
        name: "outbound|9080|v1|\(reviews)", isDynamic: true,
        hosts: [.init(address: "10.0.0.1:9080", stats: ["rq_success": successes, "rq_error": errors])]),
      ClusterStatus(
        name: "inbound|9080||", isDynamic: true,
        hosts: [.init(address: "10.0.0.9:9080", stats: ["rq_success": successes])]),
    ]
  }

  @Test func everyCounterMayStartAnewAlone() {
    var counts = HostCounts()
    #expect(counts.advance(to: clusters(950, 50)).isEmpty)
    #expect(counts.advance(to: clusters(958, 52)).map { [$0.requests, $0.errors] } == [[10, 2]])
    // The errors were reset, the successes were not.
    #expect(counts.advance(to: clusters(963, 1)).map { [$0.requests, $0.errors] } == [[6, 1]])
    #expect(counts.advance(to: clusters(3, 1)).map { [$0.requests, $0.errors] } == [[3, 0]])
    counts.forget()
    #expect(counts.advance(to: clusters(9000, 1)).isEmpty)
  }

  /// Envoy counts no request to a host that refuses connections, only its failure.
  @Test func aHostThatIsGoneFailsEveryRequest() {
    var counts = HostCounts()
    _ = counts.advance(to: clusters(100, 0))
    #expect(counts.advance(to: clusters(100, 30)).map { [$0.requests, $0.errors] } == [[30, 30]])
  }
}

struct SeenGoalTests {
  private let start = Timestamp(nanoseconds: 1_000_000_400_000_000)

  private func count(_ requests: [Destination: Int], last: [Destination: Timestamp] = [:]) -> TrafficLedger.Count {
    TrafficLedger.Count(
      source: .accessLogs, isByRule: true, requests: requests, last: last, end: start + .seconds(1000))
  }

  @Test func aShareArrivesWithEnoughRequestsAndANarrowInterval() {
    let goal = SeenGoal(asked: TrafficSplit([v1: 90, v3: 10]), appliedAt: start)
    let soon = start + .seconds(30)
    #expect(goal.progress(count([v1: 170, v3: 19]), now: soon).verdict == .gathering, "189 requests")
    #expect(goal.progress(count([v1: 180, v3: 20]), now: soon).verdict == .gathering, "200, but ±4")
    #expect(goal.progress(count([v1: 900, v3: 100]), now: soon).verdict == .arrived(after: .seconds(30)))
    #expect(goal.progress(count([v1: 750, v3: 250]), now: soon).verdict == .gathering, "still the old share")
  }

  @Test func nothingGoesAstrayForTenSeconds() {
    let goal = SeenGoal(asked: TrafficSplit([v1: 100, v3: 0]), appliedAt: start)
    let counted = count([v1: 40], last: [v3: start - .seconds(3)])
    #expect(goal.progress(counted, now: goal.start + .seconds(9)).verdict == .gathering)
    #expect(
      goal.progress(counted, now: goal.start + .seconds(10)).verdict
        == .arrived(after: goal.start + .seconds(10) - start))
    let astray = count([v1: 40, v3: 1], last: [v3: goal.start + .seconds(6)])
    #expect(goal.progress(astray, now: goal.start + .seconds(12)).verdict == .gathering)
    #expect(goal.progress(count([:]), now: goal.start + .seconds(60)).verdict == .gathering, "no requests at all")
  }

  /// The caller whose log is broken may be the one that still sends there.
  @Test func nothingIsKnownToBeQuietWhileALogIsBroken() {
    let goal = SeenGoal(asked: TrafficSplit([v1: 100, v3: 0]), appliedAt: start)
    var counted = count([v1: 4000])
    counted.isWhole = false
    let soon = goal.start + .seconds(30)
    #expect(goal.progress(counted, now: soon).verdict == .gathering)
    counted.isWhole = true
    #expect(goal.progress(counted, now: soon).verdict == .arrived(after: soon - start))

    let shares = SeenGoal(asked: TrafficSplit([v1: 90, v3: 10]), appliedAt: start)
    var sampled = count([v1: 900, v3: 100])
    sampled.isWhole = false
    #expect(shares.progress(sampled, now: soon).verdict == .arrived(after: soon - start), "a share can be sampled")
  }

  @Test func theLogsOfTheCarriersAreWholeWhileAllAreInSight() {
    let (good, broken, stranger) = (ProxyID("a.b"), ProxyID("c.d"), ProxyID("e.f"))
    var sight = LogSight()
    sight.begin(good, at: start)
    sight.begin(broken, at: start)
    #expect(sight.isWhole(of: [good, broken], at: start))
    sight.broke(broken)
    #expect(!sight.isWhole(of: [good, broken], at: start))
    #expect(sight.isWhole(of: [good, stranger], at: start), "of others nothing is asked")
    sight.reopened(broken)
    #expect(sight.isWhole(of: [good, broken], at: start))
    let later = start + LogSight.lostAfter
    sight.read(good, newestLine: nil, at: later)
    #expect(!sight.isWhole(of: [good, broken], at: later), "one has not been known for long")
  }

  @Test func aZeroAmongSharesWaitsForBoth() {
    let goal = SeenGoal(asked: TrafficSplit([v1: 90, v2: 10, v3: 0]), appliedAt: start)
    let counted = count([v1: 900, v2: 100, v3: 0])
    #expect(goal.progress(counted, now: goal.start + .seconds(4)).verdict == .gathering)
    #expect(goal.progress(counted, now: goal.start + .seconds(11)).verdict != .gathering)
  }

  @Test func whatCannotTellSaysSo() {
    let goal = SeenGoal(asked: TrafficSplit([v1: 1, v3: 1]), appliedAt: start)
    #expect(goal.progress(nil, now: start).verdict == .gathering)
    var doubtful = count([v1: 5000, v3: 5000])
    doubtful.isByRule = false
    #expect(goal.progress(doubtful, now: start + .seconds(60)).verdict == .unknown)
  }
}
