import GatewayAPI
import IstioAPI
import JSON
import KubernetesAPI
import MeshModel
import Testing

@testable import LiveMesh

/// The checks of changes to HTTPRoutes, each provoked.
@Suite struct GatewayCheckTests {
  private let first = Destination(host: "reviews-v1.bookinfo.svc.cluster.local", port: 9080)
  private let second = Destination(host: "reviews-v2.bookinfo.svc.cluster.local", port: 9080)
  private let foreign = Destination(host: "reviews.other.svc.cluster.local", port: 9080)
  private let route = RouteID(resource: ResourceID(kind: .httpRoute, namespace: "bookinfo", name: "reviews"), rule: 0)

  private func made<Resource: KubernetesResource>(_ name: String, in namespace: String = "bookinfo", _ spec: String)
    throws -> Resource
  {
    let text = #"{"metadata":{"name":"\#(name)","namespace":"\#(namespace)","resourceVersion":"1"},"spec":\#(spec)}"#
    return Resource(try #require(KubernetesObject(JSON(parsing: text))))
  }

  private func attached(to parent: String) throws -> AttachedRoute {
    AttachedRoute(try made("reviews", #"{"parentRefs":[\#(parent)]}"#) as HTTPRoute, kind: .httpRoute)
  }

  private static let service = #"{"group":"","kind":"Service","name":"reviews"}"#
  private static let gateway = #"{"name":"edge"}"#

  private func pod(_ name: String, version: String) throws -> Pod {
    let text = #"""
      {"metadata":{"name":"\#(name)","namespace":"bookinfo","labels":{"app":"reviews","version":"\#(version)"}},
       "spec":{"containers":[{"name":"app"},{"name":"istio-proxy"}]},
       "status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}
      """#
    return Pod(try #require(KubernetesObject(JSON(parsing: text))))
  }

  private func checks(
    to after: KeyValuePairs<Destination, Int>, parent: String = service,
    _ change: (inout ChangeEvidence) throws -> Void = { _ in }
  ) throws -> [ChangeCheck] {
    var evidence = ChangeEvidence(now: Timestamp(seconds: 0))
    evidence.permission = .success(.allowed)
    evidence.services = .success(
      try ["v1", "v2"].map { try made("reviews-\($0)", #"{"selector":{"app":"reviews","version":"\#($0)"}}"#) }
        + [try made("reviews", in: "other", "{}")])
    evidence.destinationRules = .success([])
    evidence.virtualServices = .success([])
    evidence.gatewayRoutes = .success([try attached(to: parent)])
    evidence.pods = .success([try pod("a", version: "v1"), try pod("b", version: "v2")])
    evidence.namespaceLabels = .success([:])
    evidence.serviceProfiles = .success([])
    try change(&evidence)
    let split = TrafficSplit(after)
    let before = TrafficSplit(
      split.shares.enumerated().map { .init(destination: $1.destination, weight: $0 == 0 ? 1 : 0) })
    let draft = ChangeDraft(route: route, resourceVersion: "1", before: before, after: split)
    return ChangeChecks(draft, evidence, type: .httpRoute).all
  }

  @Test func aBackendIsAServiceWithPods() throws {
    let good = try checks(to: [first: 1, second: 1])
    #expect(good.refusal == nil)
    #expect(good.contains(ChangeCheck(.subset, .ok, "reviews-v2 has 1 of 1 pods ready")), "\(good)")
    let nowhere = Destination(host: "reviews-v9.bookinfo.svc.cluster.local", port: 9080)
    #expect(
      try checks(to: [first: 1, nowhere: 1]).refusal
        == "there is no Service bookinfo/reviews-v9: requests that go there are answered with an error")
  }

  @Test func nothingAtAllIsRefused() throws {
    #expect(try checks(to: [first: 0, second: 0]).refusal?.hasPrefix("all weights are 0") == true)
  }

  @Test func anotherNamespaceMustGrantIt() throws {
    func verdicts(parent: String, _ grants: [ReferenceGrant]) throws -> [ChangeCheck] {
      try checks(to: [first: 1, foreign: 1], parent: parent) { $0.referenceGrants = .success(grants) }
        .filter { $0.evidence.contains("ReferenceGrant") }
    }
    #expect(
      try verdicts(parent: Self.gateway, []) == [
        ChangeCheck(
          .destination, .refusal,
          "no ReferenceGrant of other lets HTTPRoutes of bookinfo send to other/reviews: gateways answer its requests "
            + "with 500")
      ])
    #expect(try verdicts(parent: Self.service, []).map(\.verdict) == [.warning])
    let grant: ReferenceGrant = try made(
      "reviews", in: "other",
      #"""
      {"from":[{"group":"gateway.networking.k8s.io","kind":"HTTPRoute","namespace":"bookinfo"}],
       "to":[{"group":"","kind":"Service","name":"reviews"}]}
      """#)
    #expect(try verdicts(parent: Self.gateway, [grant]).map(\.verdict) == [.ok])
    let elsewhere: ReferenceGrant = try made("reviews", in: "third", grant.json["spec"]?.text() ?? "")
    #expect(try verdicts(parent: Self.gateway, [elsewhere]).map(\.verdict) == [.refusal])
  }

  @Test func aVirtualServiceOfTheSameHostIsSaid() throws {
    func overrides(_ spec: String, parent: String = Self.service) throws -> [ChangeCheck] {
      try checks(to: [first: 1, second: 1], parent: parent) { $0.virtualServices = .success([try made("old", spec)]) }
        .filter { $0.subject == .override }
    }
    let said = try overrides(#"{"hosts":["reviews"]}"#)
    #expect(said.map(\.verdict) == [.warning])
    #expect(said[0].evidence.hasPrefix("VirtualService bookinfo/old is of reviews.bookinfo.svc.cluster.local too"))
    #expect(try overrides(#"{"hosts":["ratings"]}"#).map(\.verdict) == [.ok])
    #expect(try overrides(#"{"hosts":["reviews"],"gateways":["edge"]}"#).map(\.verdict) == [.ok])
    #expect(try overrides(#"{"hosts":["reviews"]}"#, parent: Self.gateway).map(\.verdict) == [.ok])
  }
}
