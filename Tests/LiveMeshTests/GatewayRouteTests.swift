import EnvoyAPI
import GatewayAPI
import JSON
import KubernetesAPI
import MeshModel
import Peers
import ProxyLogs
import Testing

@testable import LiveMesh

/// HTTPRoutes and GRPCRoutes in the words of the mesh: what they ask for, what proxies have of them, whose requests are
/// theirs, and how they are changed.
struct GatewayRouteTests {
  private static let id = ResourceID(kind: .httpRoute, namespace: "bookinfo", name: "reviews")
  private let first = Destination(host: "reviews-v1.bookinfo.svc.cluster.local", port: 9080)
  private let second = Destination(host: "reviews-v2.bookinfo.svc.cluster.local", port: 9080)

  private func object(rules: String, parents: String = service, hostnames: String = "[]", kind: String = "HTTPRoute")
    throws -> KubernetesObject
  {
    let text = """
      {"apiVersion":"gateway.networking.k8s.io/v1","kind":"\(kind)",
       "metadata":{"name":"reviews","namespace":"bookinfo","uid":"u","resourceVersion":"7","managedFields":[
        {"manager":"kubectl-edit","operation":"Update","time":"2026-11-23T01:06:10Z","fieldsV1":{"f:spec":{"f:rules":{}}}}]},
       "spec":{"parentRefs":[\(parents)],"hostnames":\(hostnames),"rules":\(rules)}}
      """
    return try #require(KubernetesObject(JSON(parsing: text)))
  }

  private static let service = #"{"group":"","kind":"Service","name":"reviews","port":9080}"#
  private static let split = """
    [{"matches":[{"path":{"type":"PathPrefix","value":"/reviews"},"headers":[{"name":"X-Canary","value":"1"}]}],
      "backendRefs":[{"name":"reviews-v2","port":9080}]},
     {"matches":[{"path":{"type":"PathPrefix","value":"/"}}],
      "backendRefs":[{"name":"reviews-v1","port":9080,"weight":99},{"name":"reviews-v2","port":9080}]}]
    """

  private func asked(_ rules: String = split) throws -> Asked {
    Asked(AskedResources(virtualServices: [], httpRoutes: [HTTPRoute(try object(rules: rules))]))
  }

  @Test func rulesAreReadInTheSameWordsAsThoseOfAVirtualService() throws {
    let routes = try asked().routes
    #expect(routes.map(\.id) == [RouteID(resource: Self.id, rule: 0), RouteID(resource: Self.id, rule: 1)])
    #expect(routes.map(\.match) == ["/reviews*, X-Canary=1", "any"])
    #expect(routes[1].hosts == ["reviews.bookinfo.svc.cluster.local"] && routes[1].gateways.isEmpty)
    #expect(routes[1].split == TrafficSplit([first: 99, second: 1]), "an absent weight is 1")
    #expect(routes[1].split.fraction(of: second) == 0.01)
    #expect(routes[1].lastWrite?.manager == "kubectl-edit" && routes[1].uid == "u")
  }

  @Test func aRouteOfAGatewayIsForItsHostnames() throws {
    let gateway = #"{"name":"edge"},{"name":"edge","namespace":"infra"}"#
    let named = Asked(
      AskedResources(
        virtualServices: [],
        httpRoutes: [HTTPRoute(try object(rules: Self.split, parents: gateway, hostnames: #"["a.example.com"]"#))]))
    #expect(named.rules.allSatisfy { $0.isForGateways && !$0.isForSidecars })
    #expect(named.routes[0].hosts == ["a.example.com"] && named.routes[0].gateways == ["edge", "infra/edge"])
    let all = Asked(
      AskedResources(virtualServices: [], httpRoutes: [HTTPRoute(try object(rules: Self.split, parents: gateway))]))
    #expect(all.routes[0].hosts == ["*"])
  }

  @Test func aServiceThatOneRoutesIsNotByReplicasAnyMore() throws {
    let service = Service(
      try #require(
        KubernetesObject(
          JSON(
            parsing: #"{"metadata":{"name":"reviews","namespace":"bookinfo"},"spec":{"selector":{"app":"reviews"},"#
              + #""ports":[{"port":9080}]}}"#))))
    let routed = Asked(
      AskedResources(
        virtualServices: [], httpRoutes: [HTTPRoute(try object(rules: Self.split))], services: [service]))
    #expect(routed.routes.allSatisfy { $0.id.resource.kind == .httpRoute })
  }

  // MARK: Applied

  private func route(
    _ rule: Int, _ weights: KeyValuePairs<String, Int>, match: EnvoyAPI.RouteMatch = .init(path: .prefix("/")),
    of name: String = "bookinfo.reviews"
  ) -> RouteConfiguration.Route {
    let clusters = weights.map {
      WeightedCluster(name: "outbound|9080||\($0.key).bookinfo.svc.cluster.local", weight: UInt64($0.value))
    }
    return RouteConfiguration.Route(
      name: "\(name).\(rule)", match: match,
      action: clusters.count == 1 ? .cluster(clusters[0].name) : .weightedClusters(clusters),
      origin: ResourceOrigin(
        "/apis/networking.istio.io/v1/namespaces/bookinfo/virtual-service/bookinfo~9080~reviews.bookinfo.svc.cluster.local"
      ))
  }

  private let canary = EnvoyAPI.RouteMatch(
    path: .separatedPrefix("/reviews"), headers: [.init(name: "X-Canary", condition: .string(.init(.exact("1"))))])

  private func carried(_ routes: [RouteConfiguration.Route]) throws -> [RuleJoin.Carried?] {
    let host = RouteConfiguration.VirtualHost(name: "reviews", domains: ["reviews"], routes: routes)
    let made = RuleJoin.made(in: [RouteConfiguration(name: "9080", virtualHosts: [host])])
    let rules = try #require(asked().byResource[Self.id])
    let found = RuleJoin.join(rules, made[Self.id] ?? [])
    return rules.map { found[$0.route.id] }
  }

  @Test func rulesAreFoundByTheNamesThatIstiodGivesThem() throws {
    let whole = [route(0, ["reviews-v2": 1], match: canary), route(1, ["reviews-v1": 99, "reviews-v2": 1])]
    #expect(try carried(whole) == [.asAsked, .asAsked])
    // The order is that of what they ask for, not that of the rules.
    #expect(try carried(whole.reversed()) == [.asAsked, .asAsked])
    #expect(try carried([whole[0], route(1, ["reviews-v1": 1, "reviews-v2": 1])]) == [.asAsked, .differs])
    #expect(try carried([whole[1]]) == [.differs, .asAsked], "the proxy has an older state of the resource")
    #expect(
      try carried([route(0, ["reviews-v2": 1], match: .init(path: .exact("/old"))), whole[1]]) == [.differs, .asAsked])
  }

  @Test func routesOfAnotherResourceAreNotItsOwn() throws {
    let others = [
      route(0, ["reviews-v2": 1], of: "bookinfo.reviews-other"), route(0, ["reviews-v2": 1], of: "other.reviews"),
    ]
    let host = RouteConfiguration.VirtualHost(name: "reviews", domains: ["reviews"], routes: others)
    let made = RuleJoin.made(in: [RouteConfiguration(name: "9080", virtualHosts: [host])])
    #expect(made[Self.id] == nil)
    #expect(made.keys.contains(ResourceID(kind: .httpRoute, namespace: "bookinfo", name: "reviews-other")))
    #expect(made.keys.contains(ResourceID(kind: .grpcRoute, namespace: "other", name: "reviews")))
  }

  // MARK: Seen

  @Test func aRequestIsFoundByTheRouteItWentBy() throws {
    let finder = RuleFinder(try asked().rules)
    func found(_ routeName: String, to host: String) -> [RouteID] {
      var request = seen(nil, routeName: routeName, host: host)
      request.cluster = ClusterName(direction: .outbound, port: 9080, host: host)
      return finder.find(request).rules.map(\.route)
    }
    #expect(found("bookinfo.reviews.1", to: first.host) == [RouteID(resource: Self.id, rule: 1)])
    #expect(found("bookinfo.reviews.1", to: second.host) == [RouteID(resource: Self.id, rule: 1)])
    #expect(found("bookinfo.reviews.0", to: second.host) == [RouteID(resource: Self.id, rule: 0)])
  }

  @Test(arguments: [("/a", true), ("/a/b", true), ("/a?x=1", true), ("/ab", false)])
  func aPrefixTakesWholeSegments(path: String, isTaken: Bool) {
    #expect(RuleMatch(path: .segments("/a")).takes(path: path) == isTaken)
  }

  // MARK: Edits

  @Test func aPatchWritesWeightsAndNothingElse() throws {
    let before = RoutingObject(try object(rules: Self.split))
    let rule = try #require(before.rule(RouteID(resource: Self.id, rule: 1)))
    let fields = try #require(rule.weightEdits(to: TrafficSplit([first: 90, second: 10])))
    #expect(
      JSONPatch.setting(fields, resourceVersion: "7").json.text() == #"""
        [{"op":"test","path":"/metadata/resourceVersion","value":"7"},{"op":"test","path":"/spec/rules/1/backendRefs/0/weight","value":99},{"op":"replace","path":"/spec/rules/1/backendRefs/0/weight","value":90},{"op":"add","path":"/spec/rules/1/backendRefs/1/weight","value":10}]
        """#)
    // What an absent weight says already is not written.
    let same = try #require(rule.weightEdits(to: TrafficSplit([first: 1, second: 1])))
    #expect(same.map(\.after) == [1, nil])
    #expect(before.rule(RouteID(resource: Self.id, rule: 0))?.obstacle != nil, "a lone backend takes all")
  }

  private static let unknown: JSONValue = ["kept": true, "list": [1, ["deep": "x"]]]

  private func randomRules(_ random: inout SeededGenerator) -> JSONValue {
    let rules = (0..<Int.random(in: 1...4, using: &random)).map { _ -> JSONValue in
      let backends = (1...Int.random(in: 1...4, using: &random)).map { number -> JSONValue in
        var backend: JSONValue = ["name": .string("reviews-v\(number)"), "port": 9080]
        if Bool.random(using: &random) { backend["weight"] = .int(.random(in: 0...1000, using: &random)) }
        if Bool.random(using: &random) { backend["filters"] = [Self.unknown] }
        return backend
      }
      var rule: JSONValue = ["backendRefs": .array(backends), "future": Self.unknown]
      if Bool.random(using: &random) { rule["name"] = "named" }
      if Bool.random(using: &random) {
        rule["matches"] = [["path": ["type": "PathPrefix", "value": "/a"], "x": Self.unknown], ["method": "GET"]]
      }
      if Bool.random(using: &random) {
        var mirror: JSONValue = ["backendRef": ["name": "shadow", "port": 80]]
        switch Int.random(in: 0...2, using: &random) {
        case 0: mirror["percent"] = 25
        case 1: mirror["fraction"] = ["numerator": 1, "denominator": 3]
        default: break
        }
        rule["filters"] = [["type": "X", "x": Self.unknown], ["type": "RequestMirror", "requestMirror": mirror]]
      }
      return rule
    }
    return .array(rules)
  }

  private func patched(_ object: RoutingObject, _ patch: JSONPatch) throws -> RoutingObject {
    RoutingObject(
      try #require(KubernetesObject(JSON(parsing: try patch.applied(to: object.json).bytes()))))
  }

  /// The object without what stands at these places.
  private func rest(_ object: RoutingObject, without places: [JSONPointer]) throws -> JSONValue {
    try JSONPatch(places.filter { object.json[$0] != nil }.map { .remove($0) }).applied(to: object.json)
  }

  @Test(arguments: 0..<300) func whatIsNotNamedIsNotTouched(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let before = RoutingObject(try object(rules: randomRules(&random).text()))
    let rules = (0..<4).compactMap { before.rule(RouteID(resource: Self.id, rule: $0)) }
    for rule in rules where rule.obstacle == nil {
      var split = rule.split
      for place in split.shares.indices { split.shares[place].weight = Weight(.random(in: 0...1000, using: &random)) }
      let fields = try #require(rule.weightEdits(to: split))
      let after = try patched(before, .setting(fields, resourceVersion: "7"))
      #expect(after.rule(rule.id)?.split == split, "seed \(seed)")
      let places = fields.map(\.place)
      #expect(try rest(after, without: places) == rest(before, without: places), "seed \(seed)")
    }
    for rule in rules {
      for mirror in rule.mirrors {
        let percent = Bool.random(using: &random) ? Double(Int.random(in: 0...100, using: &random)) : 0.5
        let fields = try #require(before.mirrorEdits(of: rule, to: mirror.destination, percent: percent))
        let after = try patched(before, .setting(fields, resourceVersion: "7"))
        #expect(after.rule(rule.id)?.mirrors.map(\.percent) == [percent], "seed \(seed)")
        let places = fields.map(\.place)
        #expect(try rest(after, without: places) == rest(before, without: places), "seed \(seed)")
      }
      let canary = CanaryRule(header: "x-canary", value: "1", destination: rule.split.destinations[0])
      let made = try #require(before.canaryRule(canary, from: rule))
      let after = try patched(before, JSONPatch([.add(rule.place, made)]))
      let there = try #require(after.rule(rule.id))
      #expect(there.split.sendsSameShares(as: canary.split) && there.match.contains("x-canary=1"), "seed \(seed)")
      #expect(try patched(after, JSONPatch([.remove(rule.place)])).json == before.json, "seed \(seed)")
    }
  }
}
