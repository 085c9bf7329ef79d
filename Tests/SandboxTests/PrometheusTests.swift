import CurlTransport
import EnvoyAPI
import JSON
import ProxyLogs
import SandboxClient
import Testing
import Transport

@testable import Sandbox

extension RealMeshTests { @Suite(.serialized) struct PrometheusTests {} }

/// The built sandbox with real Envoys and a real Prometheus: what is counted is what the access logs say.
extension RealMeshTests.PrometheusTests {
  private var reader: MeshReader { MeshReader() }

  private struct Edge: Hashable {
    let reporter: String
    let service: String
    let code: String
  }

  /// The metrics' counts of requests, by the store's own answer.
  private func counted(_ prometheus: Endpoint) async throws -> [Edge: Int] {
    let result = try await query(
      prometheus, "sum by(reporter,destination_service_name,response_code)(istio_requests_total)")
    var counts: [Edge: Int] = [:]
    for series in result {
      let labels = series["metric"]?.strings ?? [:]
      let edge = Edge(
        reporter: labels["reporter"] ?? "", service: labels["destination_service_name"] ?? "",
        code: labels["response_code"] ?? "")
      counts[edge] = series["value"]?.array?.last?.string.flatMap { Int($0) }
    }
    return counts
  }

  /// The same, by the lines of every proxy's log.
  private func logged(_ sandbox: SandboxProcess, in folder: String) -> [Edge: Int] {
    var counts: [Edge: Int] = [:]
    for proxy in sandbox.ready.proxies {
      var reader = ProxyLogReader()
      reader.read(FileText.read("\(folder)/\(proxy.name)/istio-proxy.log")) { line in
        guard let request = line.access, let cluster = request.upstreamCluster, let code = request.responseCode else {
          return
        }
        let own = proxy.name.prefix { $0 != "-" }
        let edge = Edge(
          reporter: cluster.direction == .outbound ? "source" : "destination",
          service: String(cluster.host?.prefix { $0 != "." } ?? own), code: String(code))
        counts[edge, default: 0] += 1
      }
    }
    return counts
  }

  @Test(.timeLimit(.minutes(1))) func prometheusCountsWhatTheAccessLogsSay() async throws {
    let folder = try TestFolder()
    let sandbox = try SandboxProcess(
      options: ["--rps", "0", "--scenario", "bad-canary", "--start-at", "30s", "--dir", folder.path])
    defer { sandbox.stop() }
    let gateway = try #require(Endpoint(sandbox.ready.gateway))
    let prometheus = try #require(sandbox.ready.prometheus.flatMap { Endpoint($0) })
    for _ in 0..<100 { _ = try await reader.client.send(HTTPRequest(.get, gateway, "/productpage")) }

    var counts: [Edge: Int] = [:]
    try await reader.until("all is counted") {
      counts = try await counted(prometheus)
      // Each proxy writes what it holds of its log when it likes: all of them must have told all.
      let page = counts.filter { $0.key.reporter == "source" && $0.key.service == "productpage" }
      return counts[Edge(reporter: "destination", service: "details", code: "200")] == 100
        && page.values.reduce(0, +) == 100 && counts == logged(sandbox, in: folder.path)
    }
    #expect(counts == logged(sandbox, in: folder.path))
    // The faulty canary's calls, which reach nobody.
    let unreached = try await query(prometheus, #"istio_requests_total{destination_workload="unknown"}"#)
    #expect(
      unreached.map { $0["metric"]?["source_workload"] } == ["reviews-v3"]
        && unreached.map { $0["metric"]?["response_flags"] } == ["URX,UF"])
    // The proxies themselves are scraped, too.
    try await reader.until("the proxies are scraped") {
      let up = try await query(prometheus, #"up{job="envoy-stats"}"#)
      return up.count == 7 && up.allSatisfy { $0["value"]?.array?.last == "1" }
    }
  }

  private func query(_ prometheus: Endpoint, _ query: String) async throws -> [JSONValue] {
    let encoded = query.utf8.map { "%" + String(Int($0) + 256, radix: 16).dropFirst() }.joined()
    return try await reader.json("\(prometheus)", "/api/v1/query?query=\(encoded)")["data"]?["result"]?.value.array
      ?? []
  }
}
