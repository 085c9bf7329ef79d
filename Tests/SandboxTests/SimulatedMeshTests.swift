import CurlTransport
import EnvoyAPI
import ProxyLogs
import SandboxClient
import Testing
import Transport

@testable import Sandbox

/// The model, read by the clients that read real proxies.
struct SimulatedMeshTests {
  private let client = CurlClient()

  @Test(.timeLimit(.minutes(1))) func theModelSpeaksAsEnvoysAdminAPIDoes() async throws {
    let sandbox = try SandboxProcess(options: ["--simulated", "--scenario", "calm", "--rps", "200"])
    defer { sandbox.stop() }
    #expect(sandbox.ready.isSimulated)
    let proxy = try #require(sandbox.ready.proxies.first { $0.name.hasPrefix("productpage-v1-") })
    let admin = EnvoyAdmin(try #require(Endpoint(proxy.admin)), over: client)
    #expect(try await admin.state() == .live)
    #expect(try await admin.server().istioNode?.proxyID == proxy.name)

    let routes = try await admin.routes()
    #expect(routes.map(\.name) == ["9080", "9081"])
    #expect(routes.allSatisfy { $0.version?.hasSuffix("/1") == true })
    let subscriptions = try await admin.subscriptions()
    #expect(subscriptions.map(\.subject) == [.clusters, .listeners])

    // As many requests as it takes: both versions of reviews are counted, at one host each.
    let limit = ContinuousClock.now + .seconds(20)
    var counted: [String: UInt64] = [:]
    while counted["v1", default: 0] + counted["v3", default: 0] < 200, ContinuousClock.now < limit {
      for cluster in try await admin.clusters() {
        guard let name = cluster.istioName, name.host?.hasPrefix("reviews.") == true, let subset = name.subset else {
          continue
        }
        counted[subset] = cluster.hosts.first?.requests ?? 0
      }
      await Task.yield()
    }
    let (v1, v3) = (counted["v1", default: 0], counted["v3", default: 0])
    #expect(v1 + v3 >= 200)
    // Six standard deviations around 10 %.
    #expect(abs(Double(v3) / Double(v1 + v3) - 0.1) < 0.13, "\(v3) of \(v1 + v3)")
  }

  @Test(.timeLimit(.minutes(1))) func aPodThatIsNotReadyGetsNoRequests() async throws {
    let sandbox = try SandboxProcess(
      options: ["--simulated", "--scenario", "unready", "--start-at", "11s", "--rps", "300", "--no-prometheus"])
    defer { sandbox.stop() }
    let reader = MeshReader()
    try await reader.until("requests find no host") {
      let labels = [
        #"response_flags="UH""#, #"destination_service_name="reviews""#, #"destination_workload="unknown""#,
      ]
      return try await !reader.metrics("istio_requests_total", labels, in: sandbox).isEmpty
    }
  }

  @Test(arguments: [1, 2, 7, 40, 1000]) func everyServiceIsReachedFromTheFront(count: Int) {
    let calls = ServiceLayers(count: count).calls
    var (reached, waiting) = (Set(["service-0"]), ["service-0"])
    while let service = waiting.popLast() {
      for next in calls.callees[service] ?? [] where reached.insert(next).inserted { waiting.append(next) }
    }
    #expect(reached.count == count)
    let edges = calls.callees.values.map(\.count).reduce(0, +)
    #expect((count - 1...2 * count).contains(edges), "\(edges) edges")
    #expect(calls.callees.values.allSatisfy { Set($0).count == $0.count })
    #expect(ServiceLayers(count: count).calls.callees == calls.callees)
    // And no longer way than is gone with one request.
    var depth = 0
    var layer = Set(["service-0"])
    while !layer.isEmpty {
      layer = Set(layer.flatMap { calls.callees[$0] ?? [] })
      depth += 1
    }
    #expect(depth <= calls.perRequest.count + 1)
  }

  @Test(.timeLimit(.minutes(1))) func aLargeMeshTellsOfAllItsServices() async throws {
    let sandbox = try SandboxProcess(
      options: ["--simulated", "--services", "60", "--scenario", "calm", "--rps", "100"])
    defer { sandbox.stop() }
    let reader = MeshReader()
    try await reader.until("every service is called") {
      let lines = try await reader.metrics("istio_requests_total", [#"reporter="source""#], in: sandbox)
      let called = lines.compactMap { line in
        line.split(separator: #"destination_service_name=""#).last?.prefix { $0 != "\"" }
      }
      return Set(called).count == 60
    }
    // In few buckets, and by the callers alone.
    let name = "istio_request_duration_milliseconds_bucket"
    #expect(try await reader.metrics(name, [#"reporter="destination""#], in: sandbox).isEmpty)
    let front = [#"source_workload="istio-ingressgateway""#, #"destination_workload="service-0-v1""#]
    let bounds = try await reader.metrics(name, front, in: sandbox).compactMap { line in
      line.split(separator: #"le=""#).last?.prefix { $0 != "\"" }
    }
    #expect(bounds == ["5", "10", "25", "50", "100", "250", "500", "1000", "+Inf"])
    #expect(sandbox.ready.prometheus != nil)
  }
}
