import CurlTransport
import EnvoyAPI
import JSON
import ProxyLogs
import SandboxClient
import Testing
import Transport

@testable import Sandbox

extension RealMeshTests { @Suite(.serialized) struct ScenarioTests {} }

/// Each scenario makes real Envoys do what it says.
extension RealMeshTests.ScenarioTests {
  private var reader: MeshReader { MeshReader() }

  private func start(_ scenario: Scenario, at time: String) throws -> SandboxProcess {
    try SandboxProcess(
      options: ["--rps", "0", "--no-prometheus", "--scenario", scenario.rawValue, "--start-at", time])
  }

  @Test(.timeLimit(.minutes(1))) func ejectionTakesOneOfTwoPodsOut() async throws {
    let sandbox = try start(.ejection, at: "11s")
    defer { sandbox.stop() }
    #expect(sandbox.ready.proxies.count == 8)
    let admin = EnvoyAdmin(
      try #require(Endpoint(try reader.admin(of: "productpage", in: sandbox))), over: reader.client)
    let failing = try #require(Endpoint(try reader.admin(of: Bookinfo.secondDetails, in: sandbox))).host
    try await reader.until("the failing pod is ejected") {
      _ = try await reader.call("details", from: "productpage", in: sandbox)
      let hosts = try await admin.clusters().first { $0.istioName?.host?.hasPrefix("details.") == true }?.hosts ?? []
      return hosts.count == 2 && hosts.allSatisfy { $0.health.isEjected == $0.address.hasPrefix(failing) }
    }
    for _ in 0..<20 { #expect(try await reader.call("details", from: "productpage", in: sandbox) == 200) }
  }

  @Test(.timeLimit(.minutes(1))) func unreadyLeavesASubsetWithoutEndpoints() async throws {
    let sandbox = try start(.unready, at: "11s")
    defer { sandbox.stop() }
    try await reader.until("requests for reviews v3 find no host") {
      _ = try await reader.call("reviews", from: "productpage", in: sandbox)
      let labels = [#"response_code="503""#, #"response_flags="UH""#, #"destination_workload="unknown""#]
      return try await !reader.metrics("istio_requests_total", labels, in: sandbox).isEmpty
    }
    // The others are answered, and between proxies of the mesh only by mutual TLS.
    let security = [#"reporter="destination""#, #"destination_workload="reviews-v1""#]
    let answered = try await reader.metrics("istio_requests_total", security, in: sandbox)
    #expect(answered.count == 1 && answered[0].contains(#"connection_security_policy="mutual_tls""#))
    #expect(
      answered.first?.contains(#"source_principal="spiffe://cluster.local/ns/bookinfo/sa/bookinfo-productpage""#)
        == true)
  }

  @Test(.timeLimit(.minutes(1))) func aCertificateIsAboutToEnd() async throws {
    let sandbox = try start(.expiringCertificate, at: "9s")
    defer { sandbox.stop() }
    /// The seconds that the certificates of a proxy still hold, and whose they are.
    func certificates(_ pod: String) async throws -> [String: Int] {
      let answer = try await reader.json(try reader.admin(of: pod, in: sandbox), "/certs")
      var seconds: [String: Int] = [:]
      for certificate in answer["certificates"]?.value.array ?? [] {
        for link in certificate["cert_chain"]?.array ?? [] {
          let name = link["subject_alt_names"]?.array?.first?["uri"]?.string ?? ""
          let end = link["expiration_time"]?.string.flatMap { WallTime($0) }?.seconds ?? 0
          seconds[name] = end - WallTime.now.seconds
        }
      }
      return seconds
    }
    let name = "spiffe://cluster.local/ns/bookinfo/sa/bookinfo-"
    let day = 24 * 3600
    #expect(try await certificates("details").allSatisfy { $0.key == name + "details" && $0.value > day - 60 })
    try await reader.until("ratings has a certificate of half an hour") {
      let held = try await certificates("ratings")
      return held.count == 1 && (1700...1800).contains(held[name + "ratings"] ?? 0)
    }
    #expect(try await reader.call("ratings", from: "reviews-v3", in: sandbox) == 200)
  }

  @Test(.timeLimit(.minutes(1))) func mutualTLSThatDoesNotMatchBreaksCalls() async throws {
    let sandbox = try start(.mutualTLSMismatch, at: "11s")
    defer { sandbox.stop() }
    try await reader.until("details refuses plaintext") {
      try await reader.call("details", from: "productpage", in: sandbox) == 503
    }
    let labels = [#"destination_service_name="details""#, #"response_flags="UC""#]
    try await reader.until("it is counted") {
      try await !reader.metrics("istio_requests_total", labels, in: sandbox).isEmpty
    }
    // What goes on in mutual TLS is answered; a caller from outside the mesh is not.
    #expect(try await reader.call("reviews", from: "productpage", in: sandbox) == 200)
    var outside = try #require(Endpoint(try reader.admin(of: "reviews-v1", in: sandbox)))
    outside.port = 9080
    await #expect(throws: TransportError.self) {
      try await reader.client.send(HTTPRequest(.get, outside, "/reviews/0"))
    }
  }
}

@Suite struct ScenarioListTests {
  @Test func aModelRefusesWhatOnlyRealProxiesDo() throws {
    for scenario in Scenario.allCases where scenario.needsEnvoys {
      #expect(throws: SandboxFailure.self) {
        try SandboxProcess(options: ["--simulated", "--no-prometheus", "--scenario", scenario.rawValue])
      }
    }
  }

  @Test func anUnreadyPodIsUnreadyEverywhere() async throws {
    let cluster = Cluster()
    let pods = Bookinfo.pods(in: try LoopbackBlock())
    try cluster.add(Bookinfo.kubernetesObjects(pods: pods))
    try Readiness(cluster).fail("reviews-v3")
    let unready = cluster.objects.objects(.pods, in: "bookinfo").objects.filter { pod in
      pod.json.at("status", "conditions")?.array?.contains { $0["type"] == "Ready" && $0["status"] == "False" } == true
    }
    #expect(unready.map(\.name) == ["reviews-v3-6d7944df59-b4fld"])
    #expect(unready.first?.json.at("status", "containerStatuses")?.array?.map { $0["ready"] } == [false])
    let left = ServiceRegistry(cluster.meshObjects).service(hostname: "reviews.bookinfo.svc.cluster.local")?.endpoints
    #expect(left?.map { $0.labels["version"] } == ["v1", "v2"])
    let deployment = cluster.objects.object(.deployments, APIObject.Key("reviews-v3", in: "bookinfo"))
    #expect(deployment?.json.at("status", "unavailableReplicas") == 1)
    #expect(deployment?.generation == 1)
  }
}
