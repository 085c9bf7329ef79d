import EnvoyAPI
import JSON
import Peers
import ProxyLogs
import Testing
import Transport

/// The client over the answers of two real proxies under istiod and seven under files.
@Suite(.enabled(if: Recordings.isThere, "MESHDECK_RECORDINGS is not set"))
struct RecordedAdminTests {
  func admin(_ request: String, _ path: String, status: Int = 200) throws -> EnvoyAdmin {
    let client = ScriptedClient([request: ScriptedClient.Answer(status: status, body: try Recordings.bytes(path))])
    return EnvoyAdmin(Endpoint(host: "proxy"), over: client)
  }

  @Test func serversUnderIstiod() async throws {
    let expected = [
      "envoy/ingress": "istio-ingressgateway-6b96cb7b8b-4v5lb.istio-system",
      "envoy/productpage": "productpage-v1-7498b5bd44-cvwwt.bookinfo",
    ]
    for (folder, proxy) in expected {
      let server = try await admin("GET /server_info", "\(folder)/server_info.json").server()
      #expect(server.version == "1.40.0")
      #expect(server.state == .live)
      #expect(server.istioNode?.proxyID == proxy)
      #expect(server.istioVersion == "1.30.3")
      #expect((server.uptime ?? .zero) > .zero)
      #expect(try await admin("GET /ready", "\(folder)/ready.txt").state() == .live)
    }
  }

  @Test(arguments: Recordings.underFiles)
  func everyAnswerOfAProxyUnderFiles(_ folder: String) async throws {
    let server = try await admin("GET /server_info", "\(folder)/server_info.json").server()
    #expect(server.istioNode != nil)
    let clusters = try await admin("GET /clusters?format=json", "\(folder)/clusters.json").clusters()
    let named = clusters.filter { $0.istioName?.direction == .outbound }
    #expect(named.count >= 7)
    for host in named.flatMap(\.hosts) {
      #expect(host.requests != nil && host.errors != nil && host.health.eds != nil && host.address.contains(":"))
    }
    #expect(try await admin("GET /listeners?format=json", "\(folder)/listeners.json").listeners().count >= 1)
    let certificates = try await admin("GET /certs", "\(folder)/certs.json").certificates()
    #expect(
      certificates.contains { $0.use == .own && $0.subjectAlternativeNames.contains { $0.hasPrefix("spiffe://") } })
    #expect(Set(certificates.map { "\($0.use) \($0.path) \($0.serialNumber)" }).count == certificates.count)
    #expect(certificates.allSatisfy { $0.daysUntilExpiration != nil && $0.expirationTime != nil })
    let levels = try await admin("POST /logging", "\(folder)/logging.txt").logLevels()
    #expect(levels.count > 60 && levels.contains { $0.logger == "router" && $0.level == .warning })

    let stats = try await admin("GET /stats?format=json", "\(folder)/stats.json").stats(StatsQuery())
    #expect(stats.numbers.count > 500 && stats.numbers["server.live"] == 1)
    let subscriptions = try await admin(
      "GET \(subscriptionTarget)", "\(folder)/stats.json"
    ).subscriptions()
    #expect(subscriptions.prefix(2).map(\.subject) == [.clusters, .listeners])
    #expect(subscriptions.allSatisfy { $0.version?.isEmpty == false && $0.rejected == 0 && ($0.taken ?? 0) > 0 })
    let routes = subscriptions.compactMap { subscription -> String? in
      if case .routes(let name) = subscription.subject { name } else { nil }
    }
    #expect(routes == (folder.hasSuffix("gateway") ? ["http.8080"] : ["9080", "inbound|9080||"]))
  }

  let subscriptionTarget = StatsQuery(
    filter: #"^(cluster_manager\.cds|listener_manager\.lds|http\..*\.rds\..*)\."#
      + "(version_text|update_attempt|update_success|update_rejected|update_failure)$"
  ).target

  @Test(arguments: Recordings.underFiles)
  func histograms(_ folder: String) async throws {
    let detailed = StatsQuery(histograms: .detailed)
    let path = "\(folder)/stats.hist.detailed.json"
    let stats = try await admin("GET \(detailed.target)", path).stats(detailed)
    #expect(!stats.histograms.isEmpty)
    // Envoy's own quantiles, computed over the same bins.
    let answer = try JSON(parsing: try Recordings.bytes(path))
    let entries = try #require(answer["stats"]?.elements.compactMap { $0["histograms"] }.first)
    let percents = entries["supported_percentiles"]?.elements.compactMap(\.double) ?? []
    #expect(percents.count == 10)
    var compared = 0
    for entry in try #require(entries["details"]).elements {
      let histogram = try #require(stats.histograms[entry["name"]?.string ?? ""])
      let envoys = entry["percentiles"]?.elements.map { $0["cumulative"]?.double } ?? []
      for (percent, envoys) in zip(percents, envoys) {
        let ours = histogram.percentile(percent)
        guard let envoys, percent > 0 else {
          #expect((ours == nil) == (envoys == nil))
          continue
        }
        #expect(abs((ours ?? .nan) - envoys) <= 1e-9 * max(1, envoys), "\(entry["name"]?.string ?? "") P\(percent)")
        compared += 1
      }
    }
    #expect(compared > 20)

    let summary = try await admin("GET /stats?format=json", "\(folder)/stats.hist.summary.json").stats(StatsQuery())
    let quantiles = try #require(summary.summaries.first { $0.key.hasSuffix("upstream_rq_time") }?.value)
    #expect(quantiles.quantiles.count == 10 && quantiles[99]?.cumulative != nil)
  }

  @Test func aSummaryOfAnEmptyHistogramIsUnknown() async throws {
    let stats = try await admin("GET /stats?format=json", "envoy/ingress/stats_json.json").stats(StatsQuery())
    let empty = try #require(stats.summaries["cluster.BlackHoleCluster;.upstream_cx_connect_ms"])
    #expect(empty.quantiles.count == 10)
    #expect(empty.quantiles.allSatisfy { $0.cumulative == nil && $0.interval == nil })
    #expect(stats.texts["cluster.outbound|80|v1|shop.demo.internal;.version_text"] == "2026-11-23T01:12:41Z/2")
  }

  @Test func subscriptionsUnderIstiod() async throws {
    // The gateway keeps all stats, the sidecar Istio's default list.
    let gateway = try await admin("GET \(subscriptionTarget)", "envoy/ingress/stats_json.json").subscriptions()
    #expect(
      gateway.map(\.subject).filter { if case .endpoints = $0 { false } else { true } } == [
        .clusters, .listeners, .routes(configuration: "http.28081.127.0.0.1"),
        .routes(configuration: "http.28082.127.0.0.1"),
      ])
    #expect(gateway.allSatisfy { $0.version == "2026-11-23T01:12:41Z/2" && $0.taken == 1 && $0.rejected == 0 })
    let endpoints = gateway.compactMap { subscription -> String? in
      if case .endpoints(let cluster) = subscription.subject { cluster } else { nil }
    }
    #expect(endpoints.contains("outbound|80|v1|shop.demo.internal"))
    let sidecar = try await admin("GET \(subscriptionTarget)", "envoy/productpage/stats_json.json").subscriptions()
    #expect(sidecar.map(\.subject) == [.clusters, .listeners])
  }

  @Test func hostsAndListenersUnderIstiod() async throws {
    for folder in Recordings.underIstiod {
      let clusters = try await admin("GET /clusters?format=json", "\(folder)/clusters_json.json").clusters()
      #expect(clusters.count >= 28)
      #expect(clusters.first { $0.name == "outbound|9080||reviews.bookinfo.svc.cluster.local" }?.hosts.count == 3)
      #expect(clusters.filter { $0.istioName == nil }.allSatisfy { !$0.name.contains("|") })
      #expect(!(try await admin("GET /listeners?format=json", "\(folder)/listeners_json.json").listeners()).isEmpty)
      let certificates = try await admin("GET /certs", "\(folder)/certs.json").certificates()
      #expect(certificates.map(\.daysUntilExpiration) == [3649, 0], "one authority and one certificate, once each")
    }
  }

  @Test func weightsBeforeAndAfterAChange() async throws {
    func split(_ file: String) async throws -> [[UInt64]] {
      let target = "GET /config_dump?resource=dynamic_route_configs"
      let configurations = try await admin(target, "envoy/productpage/\(file).json").routes()
      #expect(configurations.allSatisfy { $0.version == nil && $0.lastUpdated != nil && $0.failure == nil })
      return configurations.flatMap(\.virtualHosts).flatMap(\.routes)
        .filter { $0.origin?.name == "reviews" && $0.action.weightedClusters.count > 1 }
        .map { $0.action.weightedClusters.map(\.weight) }
    }
    let before = try await split("config_dump_routes_mask")
    let after = try await split("config_dump_routes_after_50_30_20")
    #expect(!before.isEmpty && before.allSatisfy { $0 == [80, 15, 5] })
    #expect(after.count == before.count && after.allSatisfy { $0 == [50, 30, 20] })
  }

  @Test func errorsAsRecorded() async throws {
    let folder = "envoy/ingress"
    let noSection = await #expect(throws: EnvoyAdminError.self) {
      try await admin("GET /certs", "\(folder)/config_dump_bad_resource.txt", status: 404).certificates()
    }
    #expect(noSection == .notFound(target: "/certs", reason: "nope not found in config dump"))
    let noPath = await #expect(throws: EnvoyAdminError.self) {
      try await admin("GET /certs", "\(folder)/not_found_404.txt", status: 404).certificates()
    }
    #expect(noPath == .notFound(target: "/certs", reason: "invalid path. admin commands are:"))
    let wrongMethod = await #expect(throws: EnvoyAdminError.self) {
      try await admin("GET /certs", "\(folder)/logging_GET.txt", status: 405).certificates()
    }
    #expect(wrongMethod == .methodRefused(target: "/certs", reason: "Method GET not allowed, POST required."))
    let noLogger = await #expect(throws: EnvoyAdminError.self) {
      try await admin("POST /logging?nope=debug", "\(folder)/logging_POST_bad.txt", status: 400)
        .setLogLevel(.debug, of: "nope")
    }
    #expect(noLogger == .badRequest(target: "/logging?nope=debug", reason: "error: unknown logger name"))
    let levels = try await admin("POST /logging?connection=debug", "\(folder)/logging_POST_set.txt")
      .setLogLevel(.debug, of: "connection")
    #expect(levels.first { $0.logger == "connection" }?.level == .debug)
  }

  /// No answer that is cut anywhere is taken for a whole one, and none brings the program down.
  @Test func cutAnswers() async throws {
    let whole = try Recordings.bytes("envoy/productpage/config_dump_routes_mask.json")
    for end in stride(from: 0, to: whole.count - 2, by: 97) {
      let target = "GET /config_dump?resource=dynamic_route_configs"
      let client = ScriptedClient([target: ScriptedClient.Answer(body: Array(whole[..<end]))])
      await #expect(throws: EnvoyAdminError.self) {
        try await EnvoyAdmin(Endpoint(host: "proxy"), over: client).routes()
      }
    }
  }
}
