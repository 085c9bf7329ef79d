import GatewayAPI
import IstioAPI
import JSON
import KubernetesAPI
import MeshModel
import Testing

@testable import LiveMesh

@Suite struct ChangeCheckTests {
  private static let now = Timestamp("2026-11-23T02:17:00Z") ?? Timestamp(seconds: 0)

  private static func object(
    _ kind: String, _ name: String, namespace: String = "bookinfo", created: String = "2026-11-20T00:00:00Z",
    labels: JSONValue = [:], annotations: JSONValue = [:], spec: JSONValue = [:], status: JSONValue = [:]
  ) throws -> KubernetesObject {
    let json: JSONValue = [
      "kind": .string(kind),
      "metadata": [
        "name": .string(name), "namespace": .string(namespace), "creationTimestamp": .string(created),
        "labels": labels, "annotations": annotations, "resourceVersion": "1",
      ],
      "spec": spec, "status": status,
    ]
    return try #require(KubernetesObject(JSON(parsing: json.bytes())))
  }

  private static func pod(
    _ name: String, version: String, isReady: Bool = true, hasSidecar: Bool = true, annotations: JSONValue = [:]
  ) throws -> Pod {
    var containers: [JSONValue] = [["name": "app", "image": "app"]]
    if hasSidecar { containers.append(["name": "istio-proxy", "image": "istio/proxyv2:1.30.3"]) }
    return Pod(
      try object(
        "Pod", name, labels: ["app": "reviews", "version": .string(version)], annotations: annotations,
        spec: ["containers": .array(containers)],
        status: ["phase": "Running", "conditions": [["type": "Ready", "status": isReady ? "True" : "False"]]]))
  }

  private static func virtualService(_ name: String, created: String, gateways: [JSONValue] = []) throws
    -> VirtualService
  {
    VirtualService(
      try object(
        "VirtualService", name, created: created, spec: ["hosts": ["reviews"], "gateways": .array(gateways)]))
  }

  /// In which everything is as it should be: v1 has three ready pods, v3 one.
  private func good() throws -> ChangeEvidence {
    var evidence = ChangeEvidence(scope: .namespace("bookinfo"), now: Self.now)
    evidence.permission = .success(.allowed)
    evidence.services = .success([
      Service(try Self.object("Service", "reviews", spec: ["selector": ["app": "reviews"]]))
    ])
    let subsets: [JSONValue] = ["v1", "v3"].map { ["name": .string($0), "labels": ["version": .string($0)]] }
    evidence.destinationRules = .success([
      DestinationRule(
        try Self.object("DestinationRule", "reviews", spec: ["host": "reviews", "subsets": .array(subsets)]))
    ])
    evidence.virtualServices = .success([try Self.virtualService("reviews", created: "2026-11-20T00:00:00Z")])
    evidence.pods = .success(
      try [("a", "v1"), ("b", "v1"), ("c", "v1"), ("d", "v3")].map { try Self.pod($0, version: $1) })
    evidence.namespaceLabels = .success(["bookinfo": ["istio-injection": "enabled"]])
    evidence.serviceProfiles = .success([])
    evidence.gatewayRoutes = .success([])
    evidence.traffic = traffic(v1: 5400, v3: 600)
    return evidence
  }

  private func traffic(v1 first: Int, v3 third: Int) -> TrafficSample {
    TrafficSample(
      end: Self.now, window: .seconds(60),
      routes: [
        ruleID(0): .init(
          source: .accessLogs, isByRule: true,
          destinations: [v1: DestinationTraffic(requests: first), v3: DestinationTraffic(requests: third)])
      ])
  }

  private func checks(
    _ before: TrafficSplit = TrafficSplit([v1: 90, v3: 10]), _ after: TrafficSplit = TrafficSplit([v1: 88, v3: 12]),
    _ change: (inout ChangeEvidence) throws -> Void = { _ in }
  ) throws -> [ChangeCheck] {
    var evidence = try good()
    try change(&evidence)
    let draft = ChangeDraft(route: ruleID(0), resourceVersion: "1", before: before, after: after)
    return ChangeChecks(draft, evidence, type: .virtualService).all
  }

  private func verdicts(_ checks: [ChangeCheck], _ subject: ChangeCheck.Subject) -> [ChangeCheck.Verdict] {
    checks.filter { $0.subject == subject }.map(\.verdict)
  }

  @Test func whereNothingIsWrongAllAreGood() throws {
    let checks = try checks()
    #expect(checks.allSatisfy { $0.verdict == .ok }, "\(checks)")
    #expect(Set(checks.map(\.subject)) == Set(ChangeCheck.Subject.allCases))
    #expect(checks.refusal == nil)
    #expect(
      checks.contains(
        ChangeCheck(.subset, .ok, "reviews/v3, a subset of DestinationRule reviews, has 1 of 1 pods ready")))
  }

  @Test func anHTTPRouteOfTheSameHostIsSaid() throws {
    let text = #"""
      {"metadata":{"name":"reviews","namespace":"bookinfo"},
       "spec":{"parentRefs":[{"group":"","kind":"Service","name":"reviews"}]}}
      """#
    let route = HTTPRoute(try #require(KubernetesObject(JSON(parsing: text))))
    let checks = try checks { $0.gatewayRoutes = .success([AttachedRoute(route, kind: .httpRoute)]) }
    #expect(verdicts(checks, .override) == [.warning])
    #expect(checks.contains { $0.evidence.hasPrefix("HTTPRoute bookinfo/reviews is of \(reviews) too") })
  }

  @Test func whoMayNotPatchIsRefused() throws {
    let checks = try checks { $0.permission = .success(.denied(reason: "no RBAC policy matched")) }
    #expect(
      checks.refusal == "you may not patch virtualservices.networking.istio.io in bookinfo: no RBAC policy matched")
  }

  @Test func aDestinationThatIsNotThereIsRefused() throws {
    let nowhere = Destination(host: "nowhere.bookinfo.svc.cluster.local")
    let checks = try checks(TrafficSplit([v1: 100, nowhere: 0]), TrafficSplit([v1: 90, nowhere: 10]))
    #expect(verdicts(checks, .destination).contains(.refusal))
    #expect(checks.refusal?.hasPrefix("there is no Service bookinfo/nowhere") == true)
  }

  /// Requests can always be taken away from what is broken.
  @Test func takingAwayIsNeverRefused() throws {
    let nowhere = Destination(host: "nowhere.bookinfo.svc.cluster.local")
    let away = try checks(TrafficSplit([v1: 50, nowhere: 50]), TrafficSplit([v1: 90, nowhere: 10]))
    #expect(away.refusal == nil)
    #expect(verdicts(away, .destination).contains(.warning))
    let gone = try checks(TrafficSplit([v1: 50, nowhere: 50]), TrafficSplit([v1: 100, nowhere: 0]))
    #expect(!verdicts(gone, .destination).contains(.warning))
  }

  @Test func aSubsetThatNothingDefinesIsRefused() throws {
    let v9 = Destination(host: reviews, subset: "v9")
    let checks = try checks(TrafficSplit([v1: 100, v9: 0]), TrafficSplit([v1: 90, v9: 10]))
    #expect(
      checks.refusal == "DestinationRule bookinfo/reviews has no subset v9: proxies answer its requests with 503")
    let none = try self.checks { $0.destinationRules = .success([]) }
    #expect(none.refusal?.hasPrefix("no DestinationRule is of reviews.bookinfo.svc.cluster.local") == true)
  }

  @Test func whereNotAllRulesAreSeenAMissingSubsetIsUnknown() throws {
    let checks = try checks { evidence in
      evidence.destinationRules = .success([])
      evidence.hasAllDestinationRules = false
    }
    #expect(checks.refusal == nil)
    #expect(verdicts(checks, .subset) == [.unknown, .unknown])
  }

  @Test func aSubsetWithoutReadyPodsIsRefused() throws {
    let unready = try checks { evidence in
      evidence.pods = .success([try Self.pod("a", version: "v1"), try Self.pod("d", version: "v3", isReady: false)])
    }
    #expect(
      unready.refusal
        == "reviews/v3, a subset of DestinationRule reviews, has none of its 1 pod ready: its requests are answered with 503"
    )
    let none = try checks { $0.pods = .success([try Self.pod("a", version: "v1")]) }
    #expect(none.refusal?.contains("matches no pod") == true)
  }

  @Test func aSubsetThatIsBrandNewIsWarnedOf() throws {
    let checks = try checks { evidence in
      evidence.now = try #require(Timestamp("2026-11-20T00:00:03Z"))
    }
    let order = try #require(checks.first { $0.subject == .order })
    #expect(order.verdict == .warning)
    #expect(order.evidence.hasPrefix("DestinationRule reviews was written 3s ago: proxies may not know the subset v3"))
  }

  @Test func aTotalOfNothingIsRefused() throws {
    let checks = try checks(TrafficSplit([v1: 90, v3: 10]), TrafficSplit([v1: 0, v3: 0]))
    #expect(checks.refusal?.contains("all weights are 0") == true)
  }

  @Test func callersWithoutASidecarAreNamed() throws {
    let checks = try checks { evidence in
      evidence.pods = .success(try evidence.pods.get() + [Self.pod("curl", version: "x", hasSidecar: false)])
    }
    #expect(
      checks.contains(
        ChangeCheck(.callers, .warning, "curl of bookinfo has no sidecar: what it sends follows no route")))
  }

  @Test func anAmbientServiceWithoutAWaypointIsWarnedOf() throws {
    func ambient(_ labels: [String: String]) throws -> [ChangeCheck] {
      try checks { evidence in
        evidence.namespaceLabels = .success(
          ["bookinfo": labels.merging(["istio.io/dataplane-mode": "ambient"]) { $1 }])
      }
    }
    #expect(verdicts(try ambient([:]), .waypoint) == [.warning])
    #expect(verdicts(try ambient(["istio.io/use-waypoint": "none"]), .waypoint) == [.warning])
    #expect(verdicts(try ambient(["istio.io/use-waypoint": "waypoint"]), .waypoint) == [.ok])
  }

  @Test func anotherVirtualServiceOfTheHostIsNamed() throws {
    func other(created: String, gateways: [JSONValue] = []) throws -> [ChangeCheck] {
      try checks { evidence in
        evidence.virtualServices = .success(
          try evidence.virtualServices.get() + [Self.virtualService("old", created: created, gateways: gateways)])
      }.filter { $0.subject == .override }
    }
    #expect(
      try other(created: "2026-11-19T00:00:00Z").map(\.evidence) == [
        "VirtualService bookinfo/old is of reviews.bookinfo.svc.cluster.local too: it is older, so sidecars follow it and not this one"
      ])
    #expect(try other(created: "2026-11-21T00:00:00Z").first?.evidence.contains("it is younger") == true)
    #expect(try other(created: "2026-11-19T00:00:00Z", gateways: ["edge"]).map(\.verdict) == [.ok])
  }

  @Test func aServiceProfileIsNamed() throws {
    let checks = try checks { evidence in
      evidence.serviceProfiles = .success([
        ServiceProfile(
          try Self.object("ServiceProfile", reviews, spec: ["dstOverrides": [["authority": "x", "weight": 1]]]))
      ])
    }
    let override = try #require(checks.first { $0.subject == .override })
    #expect(override.verdict == .warning)
    #expect(override.evidence.contains("sends its requests elsewhere (dstOverrides)"))
  }

  @Test func aShareThatPodsMayNotBearIsWarnedOfWithFigures() throws {
    let checks = try checks(TrafficSplit([v1: 90, v3: 10]), TrafficSplit([v1: 0, v3: 100]))
    #expect(
      checks.contains(
        ChangeCheck(
          .capacity, .warning,
          "reviews/v3 would get 100 requests/s on each of 1 ready pod; no pod of the rule gets more than 30 now")))
    let unknown = try self.checks { $0.traffic = nil }
    #expect(verdicts(unknown, .capacity) == [.unknown])
  }

  /// The figures of a rule begin anew when it is changed: right after that it has got nothing, which is not what it gets.
  @Test func aRuleThatWasJustChangedKeepsItsRate() throws {
    var evidence = try good()
    var traffic = traffic(v1: 0, v3: 0)
    let slices = Array(repeating: DestinationTraffic.Slice(requests: 100, errors: 0), count: 12)
    traffic.routes[ruleID(0)]?.since = Self.now - .seconds(1)
    traffic.routes[ruleID(0)]?.destinations[v1]?.history = slices
    traffic.observedSince = Self.now - .seconds(30)
    evidence.traffic = traffic
    #expect(evidence.rates(of: ruleID(0)) == [v1: 20, v3: 0])
    // The oldest slice holds what was observed of it.
    traffic.observedSince = Self.now - .seconds(4)
    evidence.traffic = traffic
    #expect(evidence.rates(of: ruleID(0)) == [v1: 25, v3: 0])
    // Nothing, in a moment or in some of the logs, is not nothing.
    traffic.routes[ruleID(0)]?.destinations[v1]?.history = [.init(requests: 0, errors: 0)]
    evidence.traffic = traffic
    #expect(evidence.rates(of: ruleID(0)) == nil)
    traffic.observedSince = Self.now - .seconds(20)
    evidence.traffic = traffic
    #expect(evidence.rates(of: ruleID(0)) == [v1: 0, v3: 0])
    evidence.areLogsRead = false
    #expect(evidence.rates(of: ruleID(0)) == nil)
  }

  /// A check that cannot be made says why, holds nothing back, and never claims to be good.
  @Test func whatCannotBeSeenIsUnknown() throws {
    let trouble = Trouble(.forbidden, "not allowed to list")
    let checks = try checks { evidence in
      evidence.permission = .failure(trouble)
      evidence.services = .failure(trouble)
      evidence.destinationRules = .failure(trouble)
      evidence.virtualServices = .failure(trouble)
      evidence.pods = .failure(trouble)
      evidence.namespaceLabels = .failure(trouble)
      evidence.serviceProfiles = .failure(trouble)
      evidence.traffic = nil
    }
    #expect(checks.refusal == nil)
    let rest = checks.filter { $0.subject != .weights }
    #expect(rest.allSatisfy { $0.verdict == .unknown }, "\(rest)")
    #expect(rest.filter { $0.subject != .capacity }.allSatisfy { $0.evidence.hasSuffix("not allowed to list") })
  }

  @Test func theRadiusIsWhoCallsAndHowMuchMoves() throws {
    var evidence = try good()
    evidence.edges = EdgeSample(
      end: Self.now, window: .seconds(60), source: .accessLogs,
      edges: [
        EdgeID(
          from: MeshNode(namespace: "bookinfo", name: "productpage", version: "v1"),
          to: MeshNode(namespace: "bookinfo", name: "reviews", version: "v1")): EdgeTraffic(requests: 60),
        EdgeID(
          from: MeshNode(namespace: "bookinfo", name: "reviews", version: "v1"),
          to: MeshNode(namespace: "bookinfo", name: "ratings", version: "v1")): EdgeTraffic(requests: 60),
      ])
    let draft = ChangeDraft(
      route: ruleID(0), resourceVersion: "1", before: TrafficSplit([v1: 90, v3: 10]),
      after: TrafficSplit([v1: 65, v3: 35]))
    let radius = evidence.radius(of: draft)
    #expect("\(radius)" == "moves 25 % of 100 requests/s, called by productpage v1")
    #expect(Confirmation(of: draft.route, radius, in: Protection()) == .key)
    #expect(Confirmation(of: draft.route, radius, in: Protection(share: 0.5)) == .key)
    #expect(
      Confirmation(of: draft.route, radius, in: Protection(share: 0.25))
        == .name("reviews", because: "it moves 25 % of the requests or more"))
    #expect(
      Confirmation(of: draft.route, radius, in: Protection(requestsPerSecond: 20))
        == .name("reviews", because: "it moves 20 requests/s or more"))
    #expect(
      Confirmation(of: draft.route, nil, in: Protection(requestsPerSecond: 20))
        == .name("reviews", because: "nothing tells how many requests it moves"))
    let production = Confirmation(of: draft.route, radius, in: Protection(isProduction: true))
    #expect(production == .name("reviews", because: "this context is production"))
    #expect(production.isGiven(by: "reviews"))
    #expect(!production.isGiven(by: "review"))
  }
}
