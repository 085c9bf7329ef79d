import GatewayAPI
import JSON
import KubernetesAPI
import Peers
import Testing

@Suite struct GatewayRouteTests {
  @Test func readsAnHTTPRoute() throws {
    let route: HTTPRoute = try made(
      spec: #"""
        {"parentRefs":[{"group":"","kind":"Service","name":"reviews","port":9080},{"name":"edge","namespace":"infra"}],
         "hostnames":["reviews.example.com"],
         "rules":[
          {"name":"beta","matches":[
            {"path":{"type":"PathPrefix","value":"/api/"},"method":"GET",
             "headers":[{"name":"X-Beta","value":"1"},{"name":"end-user","value":"j.*","type":"RegularExpression"}],
             "queryParams":[{"name":"v","value":"2"}]},
            {"path":{"type":"Exact","value":"/new"}}],
           "backendRefs":[{"name":"reviews-v2","port":9080,"weight":99},{"name":"reviews-v3","namespace":"other","port":80}],
           "filters":[
             {"type":"RequestMirror","requestMirror":{"backendRef":{"name":"shadow","port":80},"percent":12}},
             {"type":"RequestMirror","requestMirror":{"backendRef":{"name":"dark"},"fraction":{"numerator":1,"denominator":8}}},
             {"type":"RequestMirror","requestMirror":{"backendRef":{"name":"all"}}},
             {"type":"URLRewrite","urlRewrite":{"hostname":"old.example.com"}}],
           "timeouts":{"request":"2s"},"retry":{"attempts":3}},
          {"backendRefs":[{"group":"networking.istio.io","kind":"Hostname","name":"api.example.com","port":443}]}]}
        """#)
    #expect(route.parents.map(\.isService) == [true, false])
    #expect(route.parents[0].host == "reviews.bookinfo.svc.cluster.local" && route.parents[0].port == 9080)
    #expect(route.parents[1].kind == "Gateway" && route.parents[1].namespace == "infra")
    #expect(route.hostnames == ["reviews.example.com"])
    let beta = try #require(route.rule(0))
    #expect(beta.name == "beta")
    #expect(beta.matchSummary == "GET /api*, X-Beta=1, end-user=~j.*, ?v=2 or /new")
    #expect(
      beta.backends.map(\.reference.host) == [
        "reviews-v2.bookinfo.svc.cluster.local", "reviews-v3.other.svc.cluster.local",
      ])
    #expect(beta.backends.map(\.weight) == [99, nil] && GatewayRule.Backend.defaultWeight == 1)
    #expect(beta.mirrors.map(\.percent) == [12, 12.5, 100])
    #expect(beta.rewrittenAuthority == "old.example.com" && beta.timeout == "2s" && beta.retryAttempts == 3)
    let plain = try #require(route.rule(1))
    #expect(plain.matchSummary == "all requests" && plain.backends[0].reference.host == "api.example.com")
    #expect(plain.weightPlace(of: 0).description == "/spec/rules/1/backendRefs/0/weight")
  }

  @Test(arguments: [
    (#"{"method":{"service":"shop.Cart","method":"Add"}}"#, "/shop.Cart/Add"),
    (#"{"method":{"service":"shop.Cart"}}"#, "/shop.Cart*"),
    (#"{"method":{"method":"Add"}}"#, "~/[^/]+/Add"),
    (#"{"method":{"type":"RegularExpression","service":"shop.*"}}"#, "~/shop.*/.+"),
    (#"{"headers":[{"name":"x-canary","value":"1"}]}"#, "x-canary=1"), ("{}", "all requests"),
  ])
  func readsWhatAGRPCRouteTakes(match: String, summary: String) throws {
    let route: GRPCRoute = try made(spec: #"{"rules":[{"matches":[\#(match)]}]}"#)
    #expect(route.rules.map(\.matchSummary) == [summary])
  }

  @Test(arguments: [
    "{}", "[]", #"{"rules":7,"parentRefs":{}}"#, #"{"rules":[7,null,{"backendRefs":[7],"matches":[7]}]}"#,
  ])
  func twistedObjectsAreRead(_ spec: String) throws {
    let route: HTTPRoute = try made(spec: spec)
    #expect(route.parents.isEmpty && route.hostnames.isEmpty)
    #expect(route.rules.allSatisfy { $0.backends.allSatisfy { $0.weight == nil } })
  }

  @Test func aGrantIsForAKindOfANamespaceAndPerhapsOneService() throws {
    let grant: ReferenceGrant = try made(
      spec: #"""
        {"from":[{"group":"gateway.networking.k8s.io","kind":"HTTPRoute","namespace":"shop"}],
         "to":[{"group":"","kind":"Service","name":"cart"}]}
        """#)
    #expect(grant.allows("HTTPRoute", of: "shop", toService: "cart"))
    #expect(!grant.allows("GRPCRoute", of: "shop", toService: "cart"))
    #expect(!grant.allows("HTTPRoute", of: "edge", toService: "cart"))
    #expect(!grant.allows("HTTPRoute", of: "shop", toService: "stock"))
    let wide: ReferenceGrant = try made(
      spec: #"""
        {"from":[{"group":"gateway.networking.k8s.io","kind":"HTTPRoute","namespace":"shop"}],
         "to":[{"group":"","kind":"Service"}]}
        """#)
    #expect(wide.allows("HTTPRoute", of: "shop", toService: "stock"))
  }

  @Test func aControllersWordCountsForTheNewestGenerationOnly() throws {
    func complaints(observed: Int) throws -> [Complaint] {
      let route: HTTPRoute = try made(
        spec: "{}",
        status: #"""
          {"parents":[{"conditions":[
            {"type":"ResolvedRefs","status":"False","reason":"BackendNotFound","message":"no reviews-v9",
             "observedGeneration":\#(observed)},
            {"type":"Accepted","status":"True","reason":"Accepted","observedGeneration":\#(observed)}]}]}
          """#)
      return route.complaints
    }
    #expect(try complaints(observed: 3).map(\.reason) == ["BackendNotFound"])
    #expect(try complaints(observed: 2).isEmpty)
  }

  @Test(.enabled(if: Recordings.isThere, "MESHDECK_RECORDINGS is not set"))
  func readsTheRecordedRoutes() throws {
    let list = try JSON(parsing: Recordings.bytes("kube/httproutes.json"))
    let routes = try #require(list["items"]).elements.compactMap { KubernetesObject($0).map { HTTPRoute($0) } }
    #expect(routes.map(\.name) == ["ratings-mesh", "reviews-split"])
    #expect(routes[0].parents.map(\.host) == ["ratings.bookinfo.svc.cluster.local"])
    #expect(routes[0].rules[0].backends.map(\.weight) == [100, 0])
    #expect(routes[0].rules[0].matchSummary == "all requests" && routes[0].complaints.isEmpty)
    #expect(routes[1].hostnames == ["reviews.example.com"] && !routes[1].parents[0].isService)
    #expect(routes[1].rules[0].matchSummary == "/reviews*")
    #expect(routes[1].rules[0].backends.map(\.reference.name) == ["reviews-v1", "reviews-v2"])
  }

  private func made<Resource: KubernetesResource>(spec: String, status: String = "{}") throws -> Resource {
    let text = """
      {"metadata":{"name":"reviews","namespace":"bookinfo","resourceVersion":"7","generation":3},
       "spec":\(spec),"status":\(status)}
      """
    return Resource(try #require(KubernetesObject(JSON(parsing: text))))
  }
}
