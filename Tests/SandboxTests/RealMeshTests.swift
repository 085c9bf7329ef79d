import CurlTransport
import EnvoyAPI
import Glibc
import JSON
import SandboxClient
import Testing
import Transport

/// The built sandbox with real Envoys, each test with one of its own.
@Suite(.serialized) struct RealMeshTests {
  private let reader = MeshReader()
  private var client: CurlClient { reader.client }

  private func start(_ options: String...) throws -> SandboxProcess {
    try SandboxProcess(options: ["--rps", "0", "--no-prometheus"] + options)
  }

  /// Changes the weights of `reviews` as the editor: through TLS, with a token.
  private func split(_ sandbox: SandboxProcess, v1: Int, v3: Int) async throws -> Int {
    let lines = String(decoding: try #require(contents(sandbox.ready.kubeconfig)), as: UTF8.self)
      .split(separator: "\n").map { $0.drop { $0 == " " } }
    let server = try #require(lines.first { $0.hasPrefix("server: ") }?.dropFirst("server: ".count))
    let token = try #require(lines.first { $0.hasPrefix("token: ") }?.dropFirst("token: ".count))
    let endpoint = try #require(Endpoint(String(server), tls: TLSSettings(trust: .anyone)))
    let patch: JSONValue = [
      ["op": "replace", "path": "/spec/http/0/route/0/weight", "value": .int(v1)],
      ["op": "replace", "path": "/spec/http/0/route/1/weight", "value": .int(v3)],
    ]
    return try await client.send(
      HTTPRequest(
        .patch, endpoint, "/apis/networking.istio.io/v1/namespaces/bookinfo/virtualservices/reviews",
        headers: ["Authorization": "Bearer \(token)", "Content-Type": "application/json-patch+json"],
        body: patch.bytes())
    ).status
  }

  private func contents(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&buffer, 1, buffer.count, file)
    return Array(buffer.prefix(count))
  }

  /// The weights that a proxy has for `reviews` on port 9080.
  private func weights(_ proxy: SandboxReady.Proxy) async throws -> [String] {
    let dump = try await reader.json(proxy.admin, "/config_dump?resource=dynamic_route_configs")
    var found: [String] = []
    for entry in dump["configs"]?.value.array ?? [] where entry["route_config"]?["name"] == "9080" {
      for host in entry["route_config"]?["virtual_hosts"]?.array ?? [] {
        for cluster in host["routes"]?.array?.first?["route"]?["weighted_clusters"]?["clusters"]?.array ?? [] {
          found.append("\(cluster["name"]?.string?.split(separator: "|")[2] ?? "")=\(cluster["weight"]?.int ?? -1)")
        }
      }
    }
    return found
  }

  @Test(.timeLimit(.minutes(1))) func aNewSplitReachesAllSixSidecarsAndTheTraffic() async throws {
    let sandbox = try start("--scenario", "calm")
    defer { sandbox.stop() }
    #expect(sandbox.ready.proxies.count == 7)
    #expect(try await split(sandbox, v1: 25, v3: 75) == 200)
    let sidecars = sandbox.ready.proxies.filter { !$0.name.hasPrefix("istio-ingressgateway") }
    for sidecar in sidecars {
      try await reader.until("\(sidecar.name) has the weights") { try await weights(sidecar) == ["v1=25", "v3=75"] }
    }
    let gateway = try #require(sandbox.ready.proxies.first { $0.name.hasPrefix("istio-ingressgateway") })
    #expect(try await weights(gateway).isEmpty)
    try await reader.until("istiod says that all have taken it") {
      let entries = try await reader.json(sandbox.ready.istiod, "/debug/syncz").value.array ?? []
      return entries.count == 7 && entries.allSatisfy { $0["route_sent"] == $0["route_acked"] }
    }

    // Counted by a client that knows nothing of weights: who answered?
    let productpage = try #require(sidecars.first { $0.name.hasPrefix("productpage") })
    var outbound = try #require(Endpoint(productpage.admin))
    outbound.port = 15001
    var fromV3 = 0
    let total = 600
    for _ in 0..<total {
      let answer = try await client.send(HTTPRequest(.get, outbound, "/reviews/0", headers: ["Host": "reviews:9080"]))
      #expect(answer.status == 200)
      let pod = try JSON(parsing: try await answer.body.collect())["podname"]?.string ?? ""
      if pod.hasPrefix("reviews-v3-") { fromV3 += 1 }
    }
    // Six standard deviations of a binomial share of 0.75 are 64 of 600.
    #expect(abs(fromV3 - 450) < 64, "\(fromV3) of \(total)")
  }

  @Test(.timeLimit(.minutes(1))) func aRefusedConfigurationKeepsTheOldOneAndSaysWhy() async throws {
    let sandbox = try start("--scenario", "stale-proxy", "--start-at", "11s")
    defer { sandbox.stop() }
    try await reader.until("details says why it refuses") {
      let entries = try await reader.json(sandbox.ready.istiod, "/debug/syncz").value.array ?? []
      let refusing = entries.filter { $0["route_sent"] != $0["route_acked"] }
      return refusing.count == 1 && refusing[0]["proxy"]?.string?.hasPrefix("details-v1-") == true
        && refusing[0]["resources"]?["type.googleapis.com/envoy.config.route.v3.RouteConfiguration"]?["lastError"]
          == "Sum of weights in the weighted_cluster must be greater than 0."
    }
    let details = try #require(sandbox.ready.proxies.first { $0.name.hasPrefix("details-") })
    let ratings = try #require(sandbox.ready.proxies.first { $0.name.hasPrefix("ratings-") })
    #expect(try await weights(details) == ["v1=90", "v3=10"])
    #expect(try await weights(ratings) == ["v1=75", "v3=25"])
  }

  @Test(.timeLimit(.minutes(1))) func theBadCanaryReallyFailsToConnect() async throws {
    let sandbox = try start("--scenario", "bad-canary", "--start-at", "30s")
    defer { sandbox.stop() }
    let proxy = try #require(sandbox.ready.proxies.first { $0.name.hasPrefix("reviews-v3-") })
    var application = try #require(Endpoint(proxy.admin))
    application.port = 9080
    var failed = 0
    for _ in 0..<90 {
      let answer = try await client.send(HTTPRequest(.get, application, "/reviews/0"))
      if answer.status == 503 { failed += 1 } else { #expect(answer.status == 200) }
    }
    // Five standard deviations around a third of 90.
    #expect((8...52).contains(failed), "\(failed) of 90")
    let clusters = try await reader.json(proxy.admin, "/clusters?format=json")["cluster_statuses"]?.value.array ?? []
    let retired = clusters.first { $0["name"] == "outbound|9081||ratings.bookinfo.svc.cluster.local" }
    let stats = retired?["host_statuses"]?.array?.first?["stats"]?.array ?? []
    #expect(stats.contains { $0["name"] == "cx_connect_fail" && $0["value"] != nil })
  }

  @Test(.timeLimit(.minutes(1))) func twoRunAtOnceAndAreGoneWhenTheyStop() async throws {
    let one = try start("--scenario", "calm")
    let other = try start("--scenario", "calm")
    #expect(one.ready.gateway != other.ready.gateway)
    for sandbox in [one, other] {
      let gateway = try #require(Endpoint(sandbox.ready.gateway))
      #expect(try await client.send(HTTPRequest(.get, gateway, "/productpage")).status == 200)
      sandbox.stop()
      #expect(contents(sandbox.ready.kubeconfig) == nil)
      await #expect(throws: TransportError.self) { try await client.send(HTTPRequest(.get, gateway, "/productpage")) }
    }
  }
}
