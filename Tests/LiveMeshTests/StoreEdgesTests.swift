import MeshModel
import PrometheusAPI
import Testing
import Transport

@testable import LiveMesh

@Suite struct StoreEdgesTests {
  let edge = EdgeID(from: node("productpage"), to: node("reviews"))

  func sample(_ rows: [ScriptedStore.Row], names: EdgeNames = EdgeNames()) async throws -> EdgeSample {
    try #require(try await ScriptedStore(rows: [.requests: rows]).sample(names: names))
  }

  @Test func whatBothEndsReportCountsOnce() async throws {
    let sample = try await sample([(istio("source"), "99.5"), (istio("destination"), "100.5")])
    #expect(sample.edges.keys.sorted() == [edge])
    let traffic = try #require(sample.edges[edge])
    #expect(traffic.requests == 100.5 && traffic.errors == 0 && traffic.codes == ["200": 100.5])
    #expect(traffic.security == .mutualTLS)
    #expect(sample.source == .store(name: "store") && sample.end == Timestamp(seconds: ScriptedStore.end))
    #expect(sample.window == .seconds(60) && sample.slice == .seconds(5) && sample.remarks == [])
  }

  @Test func whatNeverReachedTheDestinationIsKept() async throws {
    let unknown = node("reviews", nil)
    let sample = try await sample([
      (istio("source"), "90"), (istio("destination"), "90"),
      (istio("source", code: "503", flags: "URX,UF"), "7"),
      (istio("source", version: nil, code: "503", flags: "UH"), "3"),
      (istio("source", version: nil, code: "404", flags: "NR"), "2"),
    ])
    let reached = try #require(sample.edges[edge])
    #expect(reached.requests == 97 && reached.errors == 7)
    #expect(reached.codes == ["200": 90, "503": 7])
    #expect(reached.flags.map { "\($0.key) \($0.value)" }.sorted() == ["UF 7.0", "URX 7.0"])
    #expect(reached.flags.keys.allSatisfy { $0.meaning != nil })
    let lost = try #require(sample.edges[EdgeID(from: edge.source, to: unknown)])
    #expect(lost.requests == 5 && lost.errors == 3 && lost.security == .unknown)
  }

  @Test func whatOnlyTheDestinationReportsHasAnUnknownCaller() async throws {
    let outside = [
      "source_workload": "unknown", "source_workload_namespace": "unknown", "source_canonical_service": "unknown",
      "connection_security_policy": "none",
    ]
    let sample = try await sample([(istio("destination", outside), "4")])
    #expect(sample.edges.keys.sorted() == [EdgeID(from: .unknown, to: edge.destination)])
    #expect(sample.edges.values.first?.security == .plaintext)
  }

  @Test func aWaypointReportsWhereNoSidecarDoes() async throws {
    let sample = try await sample([(istio("source"), "10"), (istio("waypoint", code: "500"), "8")])
    #expect(sample.edges[edge]?.requests == 8 && sample.edges[edge]?.errors == 8)
    #expect(sample.edges[edge]?.security == .mutualTLS)
  }

  @Test func aDestinationThatIsNotScrapedLeavesTheWordToTheCaller() async throws {
    let sample = try await sample([(istio("source"), "10"), (istio("destination"), "0")])
    #expect(sample.edges[edge]?.requests == 10)
  }

  @Test func securityIsWhatTheDestinationSaw() async throws {
    let sample = try await sample([
      (istio("source", security: "none"), "40"), (istio("destination"), "30"),
      (istio("destination", security: "none"), "10"),
    ])
    #expect(sample.edges[edge]?.security == .mixed(mutual: 0.75))
  }

  @Test func gRPCIsJudgedByItsStatus() async throws {
    let sample = try await sample([
      (istio("destination", grpc: "0"), "100"), (istio("destination", grpc: "14"), "5"),
      (istio("destination", grpc: "5"), "3"), (istio("destination", code: "503", grpc: "14"), "2"),
      (istio("destination", code: "0", flags: "DC", grpc: "1"), "1"),
    ])
    let traffic = try #require(sample.edges[EdgeID(from: edge.source, to: edge.destination, .grpc)])
    #expect(traffic.codes == ["grpc 0": 100, "grpc 14": 5, "grpc 5": 3, "503": 2, "-": 1])
    #expect(traffic.errors == 8)
  }

  @Test func noAnswerIsAnError() async throws {
    let sample = try await sample([(istio("destination", code: "0", flags: "DC"), "2"), (istio("destination"), "2")])
    #expect(sample.edges[edge]?.codes == ["-": 2, "200": 2])
    #expect(sample.edges[edge]?.errorRate == 0.5)
  }

  @Test func whatIsNoCountIsNotCounted() async throws {
    let sample = try await sample([
      (istio("destination"), "NaN"), (istio("destination", version: "v2"), "+Inf"),
      (istio("destination", version: "v3"), "-1"), (istio("destination", version: "v4"), "1e308"),
    ])
    #expect(sample.edges.isEmpty)
  }

  @Test func nothingKnownIsNotZero() async throws {
    #expect(try await sample([]).edges.isEmpty)
    // A counter that stands still is known: it is zero.
    #expect(try await sample([(istio("destination"), "0")]).edges[edge]?.requests == 0)
    #expect(try await sample([(istio("destination"), "0")]).edges[edge]?.before == nil)
    #expect(try await sample([(istio("destination"), "0")]).edges[edge]?.p99 == nil)
  }

  @Test func nodesAreNamed() async throws {
    func destination(_ labels: [String: String], names: EdgeNames = EdgeNames()) async throws -> MeshNode? {
      try await sample([(istio("source", to: nil, labels), "1")], names: names).edges.keys.first?.destination
    }
    let passthrough = ["destination_service": "example.org", "destination_service_name": "PassthroughCluster"]
    #expect(try await destination(passthrough) == .passthrough)
    let blackHole = ["destination_service": "BlackHoleCluster", "destination_service_name": "BlackHoleCluster"]
    #expect(try await destination(blackHole) == .blackHole)
    #expect(try await destination(["destination_service": "unknown", "response_flags": "NR"]) == .blackHole)
    #expect(try await destination(["destination_service": "unknown"]) == .unknown)
    let host = ["destination_service": "api.example.org:443", "destination_service_name": "api.example.org"]
    #expect(try await destination(host) == MeshNode(.external, name: "api.example.org"))
    #expect(try await destination(["destination_service": "reviews:9080"]) == node("reviews", nil))
    #expect(try await destination(["destination_service": "10.0.0.7"]) == nil, "an address says nothing")
    let egress = [
      "destination_workload": "istio-egressgateway", "destination_workload_namespace": "istio-system",
      "destination_service": "istio-egressgateway.istio-system.svc.cluster.local",
    ]
    #expect(
      try await destination(egress) == MeshNode(.egress, namespace: "istio-system", name: "istio-egressgateway"))
    let latest = istio("destination", version: "v1", ["destination_canonical_revision": "latest"])
    #expect(try await sample([(latest, "1")]).edges.keys.first?.destination == node("reviews", nil))
  }

  @Test func gatewaysAreKnownByTheirPodsOrTheirName() async throws {
    func source(_ workload: String, names: EdgeNames = EdgeNames()) async throws -> MeshNode? {
      let labels = ["source_workload": workload, "source_workload_namespace": "edge"]
      return try await sample([(istio("source", labels), "1")], names: names).edges.keys.first?.source
    }
    let named = try await source("istio-ingressgateway")
    #expect(named == MeshNode(.ingress, namespace: "edge", name: "istio-ingressgateway"))
    let names = EdgeNames(gateways: [MeshNode(.ingress, namespace: "edge", name: "shop-istio")])
    #expect(try await source("shop-istio", names: names) == MeshNode(.ingress, namespace: "edge", name: "shop-istio"))
    #expect(try await source("shop-istio")?.kind == .service)
  }

  @Test func aCallerIsTheServiceThatItStandsBehind() async throws {
    // The workload's app label is not the name of its Service: what is sent to it tells.
    let called = istio("destination", ["destination_service": "pages.bookinfo.svc.cluster.local"])
      .merging(["destination_workload": "productpage-v1"]) { $1 }
    let sample = try await sample([(istio("destination"), "1"), (called, "1")])
    #expect(sample.edges.keys.contains(EdgeID(from: node("pages"), to: node("reviews"))))
  }

  @Test func aCallerWithANamespaceAndNoNameSaysNothing() async throws {
    #expect(try await sample([(istio("source", ["source_workload": "unknown"]), "1")]).edges.isEmpty)
    #expect(try await sample([(istio("elsewhere"), "1")]).edges.isEmpty)
  }

  @Test(arguments: [
    ("productpage-v1-7498b5bd44-cvwwt", "productpage-v1"),
    ("istio-ingressgateway-6b96cb7b8b-4v5lb", "istio-ingressgateway"),
    ("web-0", "web"), ("agent-x7k2p", "agent"), ("productpage-v1", "productpage-v1"), ("gateway", "gateway"),
    ("a-12345678901", "a-12345678901"), ("", ""), ("-", "-"), ("reviews-v1-bcdfg", "reviews-v1"),
  ])
  func podsOfAWorkload(_ pod: String, _ workload: String) { #expect(workloadName(ofPod: pod) == workload) }
}
