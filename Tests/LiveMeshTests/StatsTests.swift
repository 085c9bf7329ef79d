import EnvoyAPI
import MeshModel
import ProxyLogs
import Testing
import Transport

@testable import LiveMesh

struct StatCountsTests {
  private let v3Cluster = ClusterName(direction: .outbound, port: 9080, subset: "v3", host: reviews)

  private func stats(_ numbers: [String: UInt64], times: [Double: UInt64] = [:], of owner: String = "") -> Stats {
    let bins = times.map { Histogram.Bin(lowerBound: $0.key, width: 1, count: $0.value) }
    return Stats(
      numbers: numbers, histograms: bins.isEmpty ? [:] : ["\(owner).upstream_rq_time": Histogram(bins: bins)])
  }

  @Test func theGainOfEachClusterIsCounted() {
    let name = "cluster.outbound|9080|v3|\(reviews);"
    var counts = StatCounts()
    let first = counts.advance(to: stats(["\(name).upstream_rq_completed": 5000, "\(name).upstream_rq_5xx": 7]))
    #expect(first.isEmpty)
    #expect(counts.hasClusters)
    let after = stats(
      ["\(name).upstream_rq_completed": 5020, "\(name).upstream_rq_5xx": 11], times: [4: 18, 900: 2], of: name)
    let gained = counts.advance(to: after)
    #expect(gained.map(\.subject) == [.cluster(v3Cluster)])
    #expect(gained.map(\.requests) == [20])
    #expect(gained.map(\.errors) == [4])
    #expect(gained.first?.latencies.percentile(0.5) == .milliseconds(4))
    #expect(gained.first?.latencies.total == 20)
    // An update of the cluster starts its classes of answers anew, and not its requests.
    let reset = counts.advance(to: stats(["\(name).upstream_rq_completed": 5030, "\(name).upstream_rq_5xx": 2]))
    #expect(reset.map(\.errors) == [2])
  }

  @Test func whatWasNeverUsedBeforeIsNew() {
    let v1 = "cluster.outbound|9080|v1|\(reviews);", v3 = "cluster.outbound|9080|v3|\(reviews);"
    var counts = StatCounts()
    _ = counts.advance(to: stats(["\(v1).upstream_rq_completed": 10]))
    let gained = counts.advance(to: stats(["\(v1).upstream_rq_completed": 10, "\(v3).upstream_rq_completed": 3]))
    #expect(gained.map(\.subject) == [.cluster(v3Cluster)])
    #expect(gained.map(\.requests) == [3])
  }

  @Test func countsOfPartsAndOfOthersAreLeftOut() {
    var counts = StatCounts()
    _ = counts.advance(to: Stats())
    let gained = counts.advance(
      to: stats([
        "cluster.outbound|9080|v3|\(reviews);.external.upstream_rq_completed": 9,
        "cluster.outbound|9080|v3|\(reviews).internal.upstream_rq_completed": 9,
        "cluster.inbound|9080||;.upstream_rq_completed": 9,
        "cluster.xds-grpc.upstream_rq_completed": 9,
        "vhost.inbound|http|9080.route.default.upstream_rq_completed": 9,
        "vhost.\(reviews):9080.route.checkout.v2.upstream_rq_completed": 4,
      ]))
    #expect(gained.map(\.subject) == [.route(statPrefix: "checkout.v2")])
    #expect(!counts.hasClusters)
  }

  @Test func aProxyWithoutSuchStatsIsAskedForThemOnceAMinute() async {
    let client = ScriptedClient { request in
      .status(200, request.target.hasPrefix("/stats") ? #"{"stats":[]}"# : #"{"cluster_statuses":[]}"#)
    }
    var counters = ProxyCounters(EnvoyAdmin(Endpoint(host: "proxy.test"), over: client))
    for second: Int64 in stride(from: 0, to: 120, by: 2) { _ = await counters.read(now: Timestamp(seconds: second)) }
    let stats = client.requests.filter { $0.target.hasPrefix("/stats") }
    #expect(stats.count == 2)
    #expect(stats.allSatisfy { $0.target.contains("usedonly") && $0.target.contains("filter=") })
    #expect(client.requests.count == 62)
  }

  @Test func aProxyWithStatsOfClustersIsNotAskedForItsHosts() async {
    let client = ScriptedClient { request in
      let name = "cluster.outbound|9080|v3|\(reviews);.upstream_rq_completed"
      return .status(200, #"{"stats":[{"name":"\#(name)","value":5}]}"#)
    }
    var counters = ProxyCounters(EnvoyAdmin(Endpoint(host: "proxy.test"), over: client))
    for second: Int64 in 0..<3 {
      let gained = await counters.read(now: Timestamp(seconds: second))
      #expect(gained == .init())
    }
    #expect(client.requests.allSatisfy { $0.target.hasPrefix("/stats") })
  }
}

struct StatSourceTests {
  private let now = Timestamp(seconds: 1_000_060)

  private func delta(_ subject: StatCounts.Subject, _ requests: Int) -> StatCounts.Delta {
    var latencies = LatencyCounts()
    latencies.add(.milliseconds(8), count: requests)
    return StatCounts.Delta(subject: subject, requests: requests, errors: 1, latencies: latencies)
  }

  private func cluster(_ subset: String) -> StatCounts.Subject {
    .cluster(ClusterName(direction: .outbound, port: 9080, subset: subset, host: reviews))
  }

  @Test func statsOfClustersTellSharesAndLatency() throws {
    var ledger = TrafficLedger()
    ledger.setRules([rule(0, split: TrafficSplit([v1: 75, v3: 25]))], at: Timestamp(seconds: 1_000_000))
    ledger.add([delta(cluster("v1"), 30), delta(cluster("v3"), 10)], at: Timestamp(seconds: 1_000_030))
    let hosts = HostCounts.Delta(
      cluster: ClusterName(direction: .outbound, port: 9080, subset: "v1", host: reviews), requests: 999, errors: 0)
    ledger.add([hosts], at: Timestamp(seconds: 1_000_030))
    let traffic = try #require(ledger.sample(now: now, over: .seconds(60)).routes[ruleID(0)])
    #expect(traffic.source == .clusterStats)
    #expect(traffic.isByRule)
    #expect(traffic.seen(v3)?.share == 0.25)
    #expect(traffic.destinations[v3]?.p99 == .milliseconds(8))
    let count = try #require(ledger.count(ruleID(0), since: Timestamp(seconds: 1_000_001), now: now))
    #expect(count.source == .clusterStats)
    #expect(count.requests == [v1: 30, v3: 10])
  }

  @Test func statsOfARouteAreOfItsRuleAloneWhereItHasOneDestination() throws {
    var canary = RuleMatch(headers: ["x-canary=1"])
    canary.statPrefix = "canary"
    var all = RuleMatch()
    all.statPrefix = "primary"
    var ledger = TrafficLedger()
    ledger.setRules(
      [
        rule(0, matches: [canary], split: TrafficSplit([v3: 100])),
        rule(1, matches: [all], split: TrafficSplit([v1: 75, v3: 25])),
      ], at: Timestamp(seconds: 1_000_000))
    let time = Timestamp(seconds: 1_000_030)
    ledger.add([delta(.route(statPrefix: "canary"), 5), delta(.route(statPrefix: "primary"), 40)], at: time)
    ledger.add([delta(cluster("v1"), 30), delta(cluster("v3"), 15)], at: time)
    let routes = ledger.sample(now: now, over: .seconds(60)).routes
    #expect(routes[ruleID(0)]?.source == .routeStats)
    #expect(routes[ruleID(0)]?.isByRule == true)
    #expect(routes[ruleID(0)]?.destinations[v3]?.requests == 5)
    // Where a rule's requests went, its own counters do not say; those of the clusters are not its own.
    #expect(routes[ruleID(1)]?.source == .clusterStats)
    #expect(routes[ruleID(1)]?.isByRule == false)
  }

  @Test func aPrefixOfSeveralRulesIsOfNone() {
    var match = RuleMatch()
    match.statPrefix = "same"
    var ledger = TrafficLedger()
    ledger.setRules(
      [
        rule(0, matches: [match], split: TrafficSplit([v3: 1])),
        rule(0, of: "other", matches: [match], split: TrafficSplit([v3: 1])),
      ], at: now)
    ledger.add([delta(.route(statPrefix: "same"), 5)], at: Timestamp(seconds: 1_000_030))
    #expect(ledger.sample(now: now, over: .seconds(60)).routes.isEmpty)
  }
}
