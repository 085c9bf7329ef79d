import Glibc
@testable import IstioAPI
import JSON
import KubernetesAPI
import Testing

private func virtualService(_ spec: String) throws -> VirtualService {
  let text = #"{"metadata":{"name":"reviews","namespace":"bookinfo","resourceVersion":"7"},"spec":\#(spec)}"#
  return VirtualService(try #require(KubernetesObject(JSON(parsing: text))))
}

@Suite struct VirtualServiceTests {
  @Test func readsRules() throws {
    let service = try virtualService(
      #"""
      {"hosts":["reviews","*.example.com"],"http":[
       {"name":"beta","match":[
         {"uri":{"prefix":"/api"},"method":{"exact":"GET"},"headers":{"end-user":{"exact":"jason"},"x-beta":{}},
          "withoutHeaders":{"x-old":{"regex":".*"}},"queryParams":{"v":{"exact":"2"}},"port":9080},
         {"authority":{"regex":"^a"},"ignoreUriCase":true,"sourceLabels":{"app":"web","v":"1"},"gateways":["mesh"],"scheme":{"exact":"https"}}],
        "route":[{"destination":{"host":"reviews","subset":"v2","port":{"number":9080}},"weight":90},
                 {"destination":{"host":"reviews.other"}}],
        "mirror":{"host":"shadow"},"mirrorPercentage":{"value":12.5},"rewrite":{"authority":"old.example.com"}},
       {"match":[{"uri":{"exact":"/old"}}],"redirect":{"uri":"/new","authority":"x.example.com"}},
       {"match":[{}],"directResponse":{"status":418}},
       {"delegate":{"name":"more"}},
       {"fault":{}}],
       "tls":[{"match":[{"sniHosts":["a.example.com"],"port":443}],"route":[{"destination":{"host":"a"},"weight":1}]}],
       "tcp":[{"route":[{"destination":{"host":"db","port":{"number":3306}}}]}]}
      """#)
    #expect(service.fullHosts == ["reviews.bookinfo.svc.cluster.local", "*.example.com"])
    #expect(service.gateways == ["mesh"])
    #expect(
      service.rules.map(\.id.description) == [
        "http[0]", "http[1]", "http[2]", "http[3]", "http[4]", "tls[0]", "tcp[0]",
      ])
    let beta = try #require(service.rule(RuleID(layer: .http, index: 0)))
    #expect(beta.name == "beta")
    #expect(beta.destinations.map(\.weight) == [90, nil])
    #expect(beta.destinations.map(\.destination.fullHost) == ["reviews.bookinfo.svc.cluster.local", "reviews.other"])
    #expect(beta.destinations[0].destination.subset == "v2" && beta.destinations[0].destination.port == 9080)
    #expect(service.rules.map(\.rewrittenAuthority) == ["old.example.com", nil, nil, nil, nil, nil, nil])
    #expect(beta.mirrors.map(\.percent) == [12.5] && beta.mirrors[0].destination.host == "shadow")
    #expect(
      beta.matchSummary
        == "GET /api*, end-user=jason, x-beta, x-old≠~.*, ?v=2, port 9080 or host ~^a, https://, from app=web+v=1, at mesh"
    )
    #expect(beta.matches[0].uri == .prefix("/api") && beta.matches[1].ignoresCaseOfURI)
    #expect(
      beta.matches[0].headers == [
        .init(name: "end-user", value: .exact("jason"), isInverted: false),
        .init(name: "x-beta", value: .present, isInverted: false),
        .init(name: "x-old", value: .regex(".*"), isInverted: true),
      ])
    #expect(service.rules[1].action == .redirect("301 → x.example.com/new"))
    #expect(service.rules[2].action == .respond(status: 418) && service.rules[2].matchSummary == "all requests")
    #expect(service.rules[3].action == .delegate(ObjectKey(namespace: "bookinfo", name: "more")))
    #expect(service.rules[4].action == .nothing)
    #expect(service.rules[5].matchSummary == "SNI a.example.com, port 443")
    #expect(service.rules[6].destinations.map(\.destination.port) == [3306])
  }

  @Test(arguments: ["{}", "[]", #"{"http":7,"hosts":{}}"#, #"{"http":[7,null,{"route":[7],"match":[7]}]}"#])
  func twistedObjectsAreRead(_ spec: String) throws {
    let service = try virtualService(spec)
    #expect(service.hosts.isEmpty && service.isDelegate)
    #expect(service.rules.allSatisfy { $0.destinations.allSatisfy { $0.weight == nil } })
  }

  @Test func readsTheRecordedResources() throws {
    guard let json = try recording("kube/virtualservice_reviews.json") else { return }
    let reviews = VirtualService(try #require(KubernetesObject(json)))
    let rule = try #require(reviews.rules.first)
    #expect(rule.name == "primary" && rule.destinations.map(\.weight) == [80, 15, 5])
    #expect(rule.destinations.map(\.destination.subset) == ["v1", "v2", "v3"])

    let list = try #require(try recording("kube/virtualservices_v1alpha3.json"))
    let names = list["items"]?.elements.compactMap { KubernetesObject($0).map { VirtualService($0).name } }
    #expect(names == ["bookinfo", "reviews"])

    let rules = try #require(try recording("kube/destinationrules.json"))
    let first = try #require(rules["items"]?.elements.first { _ in true }.flatMap { KubernetesObject($0) })
    let destination = DestinationRule(first)
    #expect(destination.fullHost == "reviews.bookinfo.svc.cluster.local")
    #expect(destination.subsets.map(\.name) == ["v1", "v2", "v3"])
    #expect(destination.subsets.map(\.labels) == [["version": "v1"], ["version": "v2"], ["version": "v3"]])
  }
}
