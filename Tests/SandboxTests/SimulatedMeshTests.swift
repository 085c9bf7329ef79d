import CurlTransport
import EnvoyAPI
import SandboxClient
import Testing
import Transport

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
}
