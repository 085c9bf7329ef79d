import EnvoyAPI
import GatewayAPI
import IstioAPI
import JSON
import KubernetesAPI
import MeshModel
import Testing
import Transport

@testable import LiveMesh

struct RuleJoinTests {
  typealias EnvoyRoute = RouteConfiguration.Route

  private func route(
    _ weights: KeyValuePairs<String, Int>, match: EnvoyAPI.RouteMatch = .init(path: .prefix("/")), name: String? = nil,
    port: Int = 9080
  ) -> EnvoyRoute {
    let clusters = weights.map {
      WeightedCluster(name: "outbound|\(port)|\($0.key)|\(reviews)", weight: UInt64($0.value))
    }
    return EnvoyRoute(
      name: name, match: match, action: clusters.count == 1 ? .cluster(clusters[0].name) : .weightedClusters(clusters),
      origin: ResourceOrigin("/apis/networking.istio.io/v1/namespaces/bookinfo/virtual-service/reviews"))
  }

  private let header = EnvoyAPI.RouteMatch(
    path: .prefix("/"), headers: [.init(name: "x-canary", condition: .string(.init(.exact("1"))))])

  private let rules = [
    rule(0, matches: [RuleMatch(headers: ["x-canary=1"])], split: TrafficSplit([v3: 100])),
    rule(1, name: "primary", split: TrafficSplit([v1: 75, v3: 25])),
  ]

  @Test func rulesAreFoundByMatchAndOrder() {
    let made = [[route(["v3": 1], match: header), route(["v1": 75, "v3": 25], name: "primary")]]
    #expect(RuleJoin.join(rules, made) == [ruleID(0): .asAsked, ruleID(1): .asAsked])
    let old = [[route(["v3": 1], match: header), route(["v1": 90, "v3": 10], name: "primary")]]
    #expect(RuleJoin.join(rules, old) == [ruleID(0): .asAsked, ruleID(1): .differs])
  }

  @Test(
    "Weights compare by their ratios",
    arguments: [
      ([("v1", 3), ("v3", 1)], true), ([("v1", 750_000), ("v3", 250_000)], true), ([("v1", 76), ("v3", 25)], false),
      ([("v1", 1)], false), ([("v1", 75), ("v3", 25), ("v2", 1)], false), ([("v1", 75), ("v3", 25), ("v2", 0)], true),
      ([("v1", 4_294_967_295), ("v3", 1_431_655_765)], true),
    ])
  func ratios(weights: [(String, Int)], isSame: Bool) {
    let clusters = weights.map { WeightedCluster(name: "outbound|9080|\($0.0)|\(reviews)", weight: UInt64($0.1)) }
    #expect(TrafficSplit([v1: 75, v3: 25]).isSaid(by: .weightedClusters(clusters)) == isSame)
  }

  @Test func aWeightOfZeroVanishes() {
    let split = TrafficSplit([v1: 100, v3: 0])
    #expect(split.isSaid(by: .cluster("outbound|9080|v1|\(reviews)")))
    #expect(!split.isSaid(by: .cluster("outbound|9080|v3|\(reviews)")))
    #expect(!split.isSaid(by: .cluster("PassthroughCluster")))
    #expect(!split.isSaid(by: .directResponse(status: 503)))
    #expect(TrafficSplit([v1: 0]).isSaid(by: .cluster("outbound|9080|v1|\(reviews)")), "a lone one takes all")
  }

  @Test func copiesMustBeThoseThatAreAsked() {
    var asked = rule(0, split: TrafficSplit([v1: 1]))
    asked.route.mirrors = [.init(destination: v3, percent: 12.5), .init(destination: v2, percent: 0)]
    var there = route(["v1": 1])
    func carried(_ mirrors: [EnvoyRoute.Mirror]) -> RuleJoin.Carried? {
      there.mirrors = mirrors
      return RuleJoin.join([asked], [[there]])[ruleID(0)]
    }
    let cluster = "outbound|9080|v3|\(reviews)"
    #expect(carried([.init(cluster: cluster, percent: 12.5)]) == .asAsked, "copies of nothing vanish")
    #expect(carried([.init(cluster: cluster, percent: 10)]) == .differs)
    #expect(carried([.init(cluster: "outbound|9080|v2|\(reviews)", percent: 12.5)]) == .differs)
    #expect(carried([]) == .differs)
  }

  @Test func everyPortAndHostMustHaveIt() {
    let rules = [rule(0, split: TrafficSplit([v1: 75, v3: 25]))]
    let made = [[route(["v1": 75, "v3": 25])], [route(["v1": 90, "v3": 10], port: 80)]]
    #expect(RuleJoin.join(rules, made) == [ruleID(0): .differs])
  }

  @Test func aRuleForOthersIsNoneOfTheProxysBusiness() {
    var scoped = RuleMatch(headers: ["x-canary=1"])
    scoped.isScoped = true
    let rules = [rule(0, matches: [scoped], split: TrafficSplit([v3: 1])), rule(1, split: TrafficSplit([v1: 1]))]
    #expect(RuleJoin.join(rules, [[route(["v1": 1])]]) == [ruleID(0): .notConcerned, ruleID(1): .asAsked])
  }

  @Test func aMissingRuleIsAnOlderResource() {
    #expect(RuleJoin.join(rules, [[route(["v1": 75, "v3": 25])]]) == [ruleID(0): .differs, ruleID(1): .asAsked])
  }

  @Test func whatStandsBehindACatchAllIsNeverThere() {
    let rules = [rule(0, split: TrafficSplit([v1: 1])), rule(1, split: TrafficSplit([v3: 1]))]
    #expect(RuleJoin.join(rules, [[route(["v1": 1])]]) == [ruleID(0): .asAsked, ruleID(1): .notConcerned])
  }

  @Test func aRouteOfNoKnownRuleTellsOfAnotherVersion() {
    let made = [[route(["v3": 1], match: .init(path: .exact("/gone"))), route(["v1": 75, "v3": 25])]]
    #expect(RuleJoin.join([rules[1]], made)[ruleID(1)] == .asAsked)
    #expect(RuleJoin.join(rules, [[route(["v3": 1], match: .init(path: .exact("/gone")))]])[ruleID(1)] == .differs)
  }

  // MARK: - Recordings

  @Test(.enabled(if: Recordings.folder != nil, "MESHDECK_RECORDINGS is not set"))
  func recordedProxiesCarryWhatTheRecordedResourcesAsk() async throws {
    let services = try Recordings.list("kube/virtualservices.json").map { VirtualService($0) }
    let asked = Asked(AskedResources(virtualServices: services))
    let id = ruleID(0)
    #expect(asked.routes.first { $0.id == id }?.split.shares.map(\.weight.value) == [80, 15, 5])

    func carried(_ file: String) async throws -> [ResourceID: [RouteID: RuleJoin.Carried]] {
      let body = try Recordings.text(file)
      let client = ScriptedClient { _ in .status(200, body) }
      let routes = try await EnvoyAdmin(.init(host: "proxy.test"), over: client).routes()
      return RuleJoin.made(in: routes).reduce(into: [:]) { found, made in
        if let rules = asked.byResource[made.key] { found[made.key] = RuleJoin.join(rules, made.value) }
      }
    }
    let sidecar = try await carried("envoy/productpage/config_dump_routes_mask.json")
    #expect(sidecar == [id.resource: [id: .asAsked]])
    let later = try await carried("envoy/productpage/config_dump_routes_after_50_30_20.json")
    #expect(later == [id.resource: [id: .differs]])
    // Of a rule of an HTTPRoute, a backend of weight 0 has vanished.
    let httpRoutes = try Recordings.list("kube/httproutes.json").map { HTTPRoute($0) }
    let mesh = Asked(AskedResources(virtualServices: services, httpRoutes: httpRoutes))
    let body = try Recordings.text("envoy/productpage/config_dump_routes_mask.json")
    let client = ScriptedClient { _ in .status(200, body) }
    let made = RuleJoin.made(in: try await EnvoyAdmin(.init(host: "proxy.test"), over: client).routes())
    let ratings = ResourceID(kind: .httpRoute, namespace: "bookinfo", name: "ratings-mesh")
    let rules = try #require(mesh.byResource[ratings])
    #expect(RuleJoin.join(rules, try #require(made[ratings])) == [RouteID(resource: ratings, rule: 0): .asAsked])
    let gateway = try await carried("envoy/ingress/config_dump_routes_mask.json")
    #expect(gateway == [ruleID(0, of: "bookinfo").resource: [ruleID(0, of: "bookinfo"): .asAsked]])
  }
}
