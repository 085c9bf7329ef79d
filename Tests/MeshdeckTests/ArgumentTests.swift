import MeshModel
import Testing

@testable import meshdeck

/// What a person's words on the command line mean.
@Suite struct ArgumentTests {
  private func route(_ section: RouteID.Section, _ rule: Int, _ weights: [Int]) -> Route {
    let resource = ResourceID(kind: .virtualService, namespace: "shop", name: "cart")
    let shares = weights.enumerated().map { place, weight in
      TrafficSplit.Share(
        destination: Destination(host: "cart.shop.svc.cluster.local", subset: "v\(place + 1)"), weight: Weight(weight))
    }
    return Route(
      id: RouteID(resource: resource, section: section, rule: rule), resourceVersion: "1", mesh: "istio",
      hosts: ["cart.shop.svc.cluster.local"], split: TrafficSplit(shares))
  }

  private func chosen(_ rule: String?, among routes: [Route]) throws -> RouteID {
    try RouteSelector("cart", rule: rule.flatMap { RulePlace($0) }).choose(among: routes).id
  }

  @Test func aRuleIsNamedWithItsSectionWhereSeveralHaveOne() throws {
    let routes = [
      route(.http, 0, [9, 1]), route(.http, 1, [9, 1]), route(.tls, 0, [9, 1]), route(.tcp, 0, [9, 1]),
    ]
    #expect(try chosen("tcp/0", among: routes) == routes[3].id)
    #expect(try chosen("TLS/0", among: routes) == routes[2].id)
    #expect(try chosen("1", among: routes) == routes[1].id)
    #expect { try chosen("0", among: routes) } throws: { error in
      let failure = error as? CommandFailure
      return failure?.status == .usage && failure?.message.contains("http/0 (any), tls/0 (any), tcp/0 (any)") == true
    }
    #expect(throws: CommandFailure.self) { try chosen(nil, among: routes) }
    #expect(throws: CommandFailure.self) { try chosen("tls/1", among: routes) }
    for text in ["udp/0", "-1", "tcp/", "/0", "tcp/0/0", ""] { #expect(RulePlace(text) == nil, "\(text)") }
  }

  @Test(arguments: [
    ([90, 10], ["v3=101"], nil), ([90, 10], ["v2=101"], [90, 101]), ([90, 10], ["v2=25%"], [75, 25]),
    ([1, 1], ["v1=25%"], [25, 75]), ([2, 2], ["v1=25%"], [1, 3]), ([60, 30, 10], ["v3=40%"], [40, 20, 40]),
    ([60, 30, 10], ["v3=40%", "v1=50%"], [50, 10, 40]), ([0, 0, 6], ["v3=0%"], [3, 3, 0]),
    ([60, 30, 10], ["v1=0%", "v2=50%", "v3=50%"], [0, 50, 50]), ([9, 1], ["v1=60%", "v2=50%"], nil),
    ([9, 1], ["v1=60%", "v2=30%"], nil), ([9, 1], ["v1=60%", "v2=3"], nil), ([9, 1], ["v1=101%"], nil),
    ([9, 1], ["v1=-1%"], nil), ([9, 1], ["v1=%"], nil), ([9, 1], ["v1=10%", "v1=20%"], nil),
  ])
  func weightsAndPercentages(before: [Int], words: [String], after: [Int]?) throws {
    let route = route(.http, 0, before)
    let split = try? WeightArguments(words).applied(to: route)
    if let after, let split {
      // Totals may differ where the shares do not.
      let wanted = TrafficSplit(
        zip(route.split.destinations, after).map { TrafficSplit.Share(destination: $0, weight: Weight($1)) })
      #expect(split.sendsSameShares(as: wanted), "\(split.description)")
    } else {
      #expect((split == nil) == (after == nil), "\(split?.description ?? "refused")")
    }
  }
}
