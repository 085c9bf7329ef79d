import IstioAPI
import JSON
import KubernetesAPI
import MeshModel
import Testing

@testable import LiveMesh

struct AskedTests {
  @Test func rulesAreReadWithWhoeverWroteThem() throws {
    let asked = Asked(
      AskedResources(
        virtualServices: [try resource(Self.reviewsService)], destinationRules: [try resource(Self.reviewsSubsets)],
        services: [try service("reviews"), try service("details")],
        pods: try [
          pod("reviews-v1-a", app: "reviews", version: "v1"),
          pod("reviews-v1-b", app: "reviews", version: "v1", ready: false),
          pod("reviews-v3-a", app: "reviews", version: "v3"), pod("details-v1-a", app: "details", version: "v1"),
          pod("details-v2-a", app: "details", version: "v2"), pod("details-v2-b", app: "details", version: "v2"),
        ]))
    let routes = asked.routes
    #expect(routes.map(\.id.description) == ["details #0", "reviews #0", "reviews #2", "reviews #0"])
    #expect(routes.map(\.id.section) == [.http, .http, .http, .tcp])

    let details = routes[0]
    #expect(details.id.resource.kind == .service)
    #expect(details.hosts == ["details.bookinfo.svc.cluster.local"])
    #expect(
      details.split.shares.map { [$0.destination.subset ?? "", $0.weight.description] } == [["v1", "1"], ["v2", "2"]])
    #expect(details.readiness[Destination(host: details.hosts[0], subset: "v2")] == .init(ready: 2, total: 2))

    let canary = routes[1]
    #expect(canary.match == "x-canary=1")
    #expect(canary.split == TrafficSplit([v3: 100]), "a lone destination takes all")
    #expect(canary.lastWrite == .init(manager: "kubectl-edit", time: Timestamp("2026-11-23T01:06:10Z")!))

    let primary = routes[2]
    #expect(primary.match == "any")
    #expect(primary.name == "primary")
    #expect(primary.split == TrafficSplit([v1: 75, v3: 25, v2: 0]), "an absent weight beside others is 0")
    #expect(primary.readiness == [v1: .init(ready: 1, total: 2), v3: .init(ready: 1, total: 1)], "v2 is no subset")
    #expect(asked.rules.count == 5, "the redirect counts in the order of the rules")
    #expect(asked.proxies(behind: v1).map(\.name) == ["reviews-v1-a.bookinfo", "reviews-v1-b.bookinfo"])
  }

  @Test func whatCannotBeListedHidesNothingElse() throws {
    let routing = [try resource(Self.reviewsService) as VirtualService]
    let withoutPods = Asked(AskedResources(virtualServices: routing, services: [try service("reviews")]))
    #expect(withoutPods.routes.count == 3)
    #expect(withoutPods.routes.filter { !$0.readiness.isEmpty }.isEmpty)
    // Without the routing it is not known which Services are routed.
    #expect(Asked(AskedResources(services: [try service("reviews")])).routes.isEmpty)
    #expect(Asked(AskedResources(virtualServices: [], services: [try service("reviews")])).routes.count == 1)
  }

  @Test func rulesOfTLSAndTCPLeaveAHostItsHTTPRequests() throws {
    let routing: VirtualService = try resource(
      """
      {"apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
       "metadata": {"name": "reviews", "namespace": "bookinfo", "resourceVersion": "1"},
       "spec": {"hosts": ["reviews"], "tcp": [{"route": [{"destination": {"host": "reviews"}}]}]}}
      """)
    let asked = Asked(AskedResources(virtualServices: [routing], services: [try service("reviews")]))
    #expect(asked.routes.map(\.id.resource.kind) == [.service, .virtualService])
    #expect(asked.routes.map(\.id.section) == [.http, .tcp])
  }

  @Test func weightsThatNobodyCheckedDoNotOverflow() throws {
    let huge = String(Int.max)
    let asked = Asked(
      AskedResources(virtualServices: [
        try resource(
          """
          {"apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
           "metadata": {"name": "reviews", "namespace": "bookinfo", "resourceVersion": "7"},
           "spec": {"hosts": ["reviews"], "http": [{"route": [
             {"destination": {"host": "reviews", "subset": "v1"}, "weight": \(huge)},
             {"destination": {"host": "reviews", "subset": "v1"}, "weight": \(huge)},
             {"destination": {"host": "reviews", "subset": "v3"}, "weight": \(huge)}]}]}}
          """)
      ]))
    let split = try #require(asked.routes.first?.split)
    #expect(split.refusal?.hasPrefix("reviews/v1 has weight") == true)
    #expect(split.fraction(of: v3).map { ($0 * 3).rounded() } == 1)
    #expect(split.giving(percent: 10, to: v3).fraction(of: v3).map { ($0 * 10).rounded() } == 1)
  }

  // MARK: - Objects

  private func resource<Resource: KubernetesResource>(_ text: String) throws -> Resource {
    Resource(try #require(KubernetesObject(JSON(parsing: text))))
  }

  private func service(_ name: String) throws -> Service {
    try resource(
      #"{"metadata":{"name":"\#(name)","namespace":"bookinfo","resourceVersion":"1"},"#
        + #""spec":{"selector":{"app":"\#(name)"},"ports":[{"port":9080}]}}"#)
  }

  private func pod(_ name: String, app: String, version: String, ready: Bool = true) throws -> Pod {
    try resource(
      #"{"metadata":{"name":"\#(name)","namespace":"bookinfo","labels":{"app":"\#(app)","version":"\#(version)"}},"#
        + #""spec":{"containers":[{"name":"app"}],"initContainers":[{"name":"istio-proxy","restartPolicy":"Always","#
        + #""image":"docker.io/istio/proxyv2:1.30.3"}]},"#
        + #""status":{"phase":"Running","conditions":[{"type":"Ready","status":"\#(ready ? "True" : "False")"}]}}"#)
  }

  private static let reviewsSubsets = """
    {"metadata":{"name":"reviews","namespace":"bookinfo"},"spec":{"host":"reviews","subsets":[
      {"name":"v1","labels":{"version":"v1"}},{"name":"v3","labels":{"version":"v3"}}]}}
    """

  private static let reviewsService = """
    {"metadata":{"name":"reviews","namespace":"bookinfo","resourceVersion":"7","managedFields":[
      {"manager":"kubectl-client-side-apply","operation":"Update","time":"2026-11-23T01:00:33Z",
       "fieldsV1":{"f:spec":{"f:hosts":{}}}},
      {"manager":"kubectl-edit","operation":"Update","time":"2026-11-23T01:06:10Z",
       "fieldsV1":{"f:spec":{"f:http":{}}}}]},
     "spec":{"hosts":["reviews"],"http":[
      {"match":[{"headers":{"x-canary":{"exact":"1"}}}],"route":[{"destination":{"host":"reviews","subset":"v3"}}]},
      {"match":[{"uri":{"prefix":"/old"}}],"redirect":{"uri":"/new"}},
      {"name":"primary","route":[
        {"destination":{"host":"reviews","subset":"v1"},"weight":75},
        {"destination":{"host":"reviews","subset":"v3"},"weight":25},
        {"destination":{"host":"reviews","subset":"v2"}}]}],
      "tcp":[{"match":[{"port":3306}],"route":[{"destination":{"host":"mysql"},"weight":1}]}]}}
    """
}
