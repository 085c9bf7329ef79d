import EnvoyAPI
import Testing
import Transport

@Suite struct StatsTests {
  func admin(_ target: String, _ body: String) -> EnvoyAdmin {
    EnvoyAdmin(Endpoint(host: "proxy"), over: ScriptedClient("GET \(target)", body))
  }

  @Test(arguments: [
    (StatsQuery(), "/stats?format=json"),
    (
      StatsQuery(filter: "^a|b;", type: .counters, usedOnly: true),
      "/stats?format=json&usedonly&type=Counters&filter=%5Ea%7Cb%3B"
    ),
    (StatsQuery(type: .texts), "/stats?format=json&type=TextReadouts"),
    (
      StatsQuery(type: .histograms, histograms: .detailed),
      "/stats?format=json&type=Histograms&histogram_buckets=detailed"
    ),
  ])
  func queries(_ query: StatsQuery, _ target: String) { #expect(query.target == target) }

  @Test func numbersTextsAndSummaries() async throws {
    let stats = try await admin(
      "/stats?format=json",
      """
      {"stats": [{"name": "a.version_text", "value": "7"}, {"name": "a.rq", "value": 18446744073709551615},
        {"name": "a.negative", "value": -1}, {"name": "a.none"}, {"other": 1},
        {"histograms": {"supported_quantiles": [0, 50, 99.5], "computed_quantiles": [
          {"name": "a.time", "values": [{"cumulative": 1, "interval": null}, {"cumulative": 2.5, "interval": 2.05},
                                        {"cumulative": 9, "interval": null}]},
          {"name": "a.empty", "values": [{"cumulative": null, "interval": null}]}]}}]}
      """
    ).stats(StatsQuery())
    #expect(stats.numbers == ["a.rq": .max])
    #expect(stats.texts == ["a.version_text": "7"])
    #expect(stats.summaries["a.time"]?[50] == HistogramSummary.Quantile(percent: 50, cumulative: 2.5, interval: 2.05))
    #expect(stats.summaries["a.time"]?[99.5]?.interval == nil)
    #expect(stats.summaries["a.empty"]?[0] == HistogramSummary.Quantile(percent: 0, cumulative: nil, interval: nil))
    #expect(stats.histograms.isEmpty)
  }

  @Test func bins() async throws {
    let query = StatsQuery(histograms: .detailed)
    let stats = try await admin(
      query.target,
      """
      {"stats": [{"histograms": {"supported_percentiles": [50], "details": [
        {"name": "a.time", "totals": [{"lower_bound": 0, "width": 0, "count": 2},
                                      {"lower_bound": 40, "width": 1, "count": "3"}],
         "intervals": [], "percentiles": [{"cumulative": 40, "interval": null}]},
        {"name": "a.empty", "totals": [], "intervals": [], "percentiles": []}]}}]}
      """
    ).stats(query)
    #expect(stats.histograms["a.time"]?.bins.map(\.count) == [2, 3])
    #expect(stats.histograms["a.empty"]?.isEmpty == true)
  }

  /// The names of stats hold dots, and Istio's delimiter where it can put it.
  @Test func subscriptions() async throws {
    let fields = "(version_text|update_attempt|update_success|update_rejected|update_failure)$"
    let owners = #"^(cluster_manager\.cds|listener_manager\.lds|http\..*\.rds\..*|cluster\..*)\."#
    let found = try await admin(
      StatsQuery(filter: owners + fields).target,
      """
      {"stats": [{"name": "cluster_manager.cds.version_text", "value": "3"},
        {"name": "cluster.outbound|80||a.ns;.version_text", "value": "2"},
        {"name": "http.out_1;.rds.http.80.rds.1.version_text", "value": "1"},
        {"name": "cluster_manager.cds.update_rejected", "value": 4},
        {"name": "cluster.outbound|80||a.ns;.update_success", "value": 2},
        {"name": "cluster.xds-grpc.update_success", "value": 0},
        {"name": "http.out_0.rds.9080.update_attempt", "value": 1},
        {"name": "http.out_1.rds.9080.update_attempt", "value": 5},
        {"name": "http.out_1.rds.9080.update_success", "value": 3}, {"name": "http.x.update_success", "value": 3}]}
      """
    ).subscriptions(withEndpoints: true)
    #expect(
      found == [
        XDSSubscription(subject: .clusters, version: "3", rejected: 4),
        XDSSubscription(subject: .routes(configuration: "9080"), attempted: 5, taken: 3),
        XDSSubscription(subject: .routes(configuration: "http.80.rds.1"), version: "1"),
        XDSSubscription(subject: .endpoints(cluster: "outbound|80||a.ns"), version: "2", taken: 2),
      ])
  }

  @Test func everyCertificateOnce() async throws {
    let context = """
      {"ca_cert": [{"path": "<inline>", "serial_number": "4a", "days_until_expiration": "3649"}],
       "cert_chain": [{"path": "<inline>", "serial_number": "2c", "days_until_expiration": "0",
         "subject_alt_names": [{"uri": "spiffe://cluster.local/ns/a/sa/b"}, {"dns": "b.a"}, {"ip_address": "::1"}],
         "valid_from": "2026-11-23T01:10:46Z", "expiration_time": "2026-11-24T01:12:46Z"}]}
      """
    let found = try await admin("/certs", #"{"certificates": [\#(context), \#(context), {}]}"#).certificates()
    #expect(
      found == [
        Certificate(use: .authority, path: "<inline>", serialNumber: "4a", daysUntilExpiration: 3649),
        Certificate(
          use: .own, path: "<inline>", serialNumber: "2c",
          subjectAlternativeNames: ["spiffe://cluster.local/ns/a/sa/b", "b.a", "::1"], daysUntilExpiration: 0,
          validFrom: "2026-11-23T01:10:46Z", expirationTime: "2026-11-24T01:12:46Z"),
      ])
  }

  @Test func whereListenersListen() async throws {
    let found = try await admin(
      "/listeners?format=json",
      """
      {"listener_statuses": [
        {"name": "a", "local_address": {"socket_address": {"address": "10.0.0.1", "port_value": 80}},
         "additional_local_addresses": [{"socket_address": {"address": "::1", "port_value": 80}}]},
        {"name": "b", "local_address": {"pipe": {"path": "/run/b.sock"}}}]}
      """
    ).listeners()
    #expect(
      found == [
        ListenerStatus(name: "a", address: "10.0.0.1:80", additionalAddresses: ["[::1]:80"]),
        ListenerStatus(name: "b", address: "/run/b.sock"),
      ])
  }
}
