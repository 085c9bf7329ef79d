import EnvoyAPI
import JSON
import ProxyLogs
import Testing
import Transport

@Suite struct EnvoyAdminTests {
  let endpoint = Endpoint(host: "127.0.0.1", port: 15000)

  func admin(_ request: String, status: Int = 200, _ body: String) -> EnvoyAdmin {
    EnvoyAdmin(endpoint, over: ScriptedClient(request, status: status, body))
  }

  @Test func whatTheProxyIs() async throws {
    let server = try await admin(
      "GET /server_info",
      """
      {"version": "9e558093/1.40.0/Clean/RELEASE/BoringSSL", "state": "DRAINING", "uptime_current_epoch": "293s",
       "node": {"id": "sidecar~10.244.0.4~productpage-v1-cvwwt.bookinfo~bookinfo.svc.cluster.local",
                "cluster": "productpage.bookinfo", "metadata": {"ISTIO_VERSION": "1.30.3"}}}
      """
    ).server()
    #expect(server.version == "1.40.0")
    #expect(server.state == .draining)
    #expect(server.uptime == .seconds(293))
    #expect(server.istioNode?.proxyID == "productpage-v1-cvwwt.bookinfo")
    #expect(server.istioNode?.type == "sidecar")
    #expect(server.istioVersion == "1.30.3")
  }

  @Test(arguments: ["", "node", "sidecar~1.2.3.4~pod.ns", "sidecar~~pod.ns~domain", "a~b~c~d~e"])
  func whatIsNoNodeOfIstio(_ id: String) { #expect(IstioNode(id) == nil) }

  @Test func aProxyThatIsNotReadyIsNoError() async throws {
    #expect(try await admin("GET /ready", status: 503, "INITIALIZING\n").state() == .initializing)
    #expect(try await admin("GET /ready", "LIVE\n").state() == .live)
  }

  @Test func hostCounters() async throws {
    let clusters = try await admin(
      "GET /clusters?format=json",
      """
      {"cluster_statuses": [{"name": "outbound|9080|v3|reviews.default.svc.cluster.local", "added_via_api": true,
        "host_statuses": [{"address": {"socket_address": {"address": "::1", "port_value": 9080}},
          "stats": [{"name": "cx_connect_fail"}, {"name": "rq_total", "value": "4230"},
                    {"name": "rq_success", "value": 4191}, {"type": "GAUGE", "name": "rq_active"},
                    {"name": "cx_total", "value": "many"}],
          "health_status": {"failed_outlier_check": true, "eds_health_status": "HEALTHY"}, "weight": 7}]},
        {"name": "BlackHoleCluster"}, {"hosts": []}]}
      """
    ).clusters()
    #expect(clusters.map(\.name) == ["outbound|9080|v3|reviews.default.svc.cluster.local", "BlackHoleCluster"])
    let host = try #require(clusters[0].hosts.first)
    #expect(host.address == "[::1]:9080")
    #expect(host.requests == 4230)
    #expect(host.successes == 4191)
    #expect(host.connectFailures == 0, "named without a value: zero")
    #expect(host.errors == nil, "not named: unknown")
    #expect(host.stats["cx_total"] == nil, "no number: unknown")
    #expect(host.health.isEjected && !host.health.isHealthy)
    #expect(host.weight == 7)
    #expect(clusters[1].hosts.isEmpty)
  }

  @Test func emptyAnswersAreNoErrors() async throws {
    #expect(try await admin("GET /clusters?format=json", "{}").clusters().isEmpty)
    #expect(try await admin("GET /listeners?format=json", "{}").listeners().isEmpty)
    #expect(try await admin("GET /certs", "{}").certificates().isEmpty)
    let target = "/config_dump?resource=dynamic_route_configs"
    #expect(try await admin("GET \(target)", "{}").routes().isEmpty)
    let nothing = "dynamic_route_configs not found in config dump"
    #expect(try await admin("GET \(target)", status: 404, nothing).routes().isEmpty)
  }

  @Test func aDumpCanBeNarrowed() async throws {
    let target = "/config_dump?resource=dynamic_active_clusters&mask=cluster.name%2Cversion_info&name_regex=a%7Cb%2B"
    let found = try await admin("GET \(target)", #"{"configs": [{"version_info": "7"}]}"#)
      .configuration(.activeClusters, nameRegex: "a|b+", mask: "cluster.name,version_info")
    #expect(found.first?["version_info"]?.string == "7")
  }

  @Test func listenersSayWhatWasRefused() async throws {
    let target =
      "/config_dump?resource=dynamic_listeners&mask=name%2Cactive_state.version_info%2Cactive_state.last_updated"
      + "%2Cerror_state.details%2Cerror_state.last_update_attempt%2Cerror_state.version_info"
    let listeners = try await admin(
      "GET \(target)",
      """
      {"configs": [{"name": "one", "active_state": {"last_updated": "2026-11-23T01:12:44.408Z"}},
        {"name": "two", "error_state": {"details": "cannot bind", "last_update_attempt": "2026-11-23T00:28:00Z"}}]}
      """
    ).dynamicListeners()
    #expect(
      listeners == [
        DynamicListener(name: "one", lastUpdated: "2026-11-23T01:12:44.408Z"),
        DynamicListener(name: "two", failure: UpdateFailure(reason: "cannot bind", time: "2026-11-23T00:28:00Z")),
      ])
  }

  @Test func loggers() async throws {
    let answer = "active loggers:\n  config: info\n  http: debug\nnoise\n  bad: loud\n"
    let expected = [LoggerLevel(logger: "config", level: .info), LoggerLevel(logger: "http", level: .debug)]
    #expect(try await admin("POST /logging", answer).logLevels() == expected)
    #expect(try await admin("POST /logging?http=debug", answer).setLogLevel(.debug, of: "http") == expected)
    #expect(try await admin("POST /logging?level=off", answer).setLogLevel(.off) == expected)
  }

  @Test(arguments: [
    (404, "nope not found in config dump", "has no /config_dump?resource=static_clusters: nope not found"),
    (405, "Method GET not allowed, POST required.", "refused the method for"),
    (
      400, "error: unknown logger name\n\nusage:",
      "did not understand /config_dump?resource=static_clusters: error: unknown"
    ),
    (500, "", "answered /config_dump?resource=static_clusters with status 500: no reason given"),
    (200, "<!DOCTYPE html><html>", "is not Envoy's admin API (it sent HTML); is this the admin port"),
    (200, "upstream connect error", "is not Envoy's admin API (not JSON"),
    (200, #"{"configs": [{"a""#, "is not Envoy's admin API (not JSON"),
    (200, "[1]", "has no configs"),
  ])
  func whatIsNoAnswerIsASentence(_ status: Int, _ body: String, _ words: String) async {
    let error = await #expect(throws: EnvoyAdminError.self) {
      try await admin("GET /config_dump?resource=static_clusters", status: status, body).configuration(.staticClusters)
    }
    #expect("\(error as Any)".contains(words), "\(error as Any)")
  }

  @Test func aPeersWordsAreOnePrintableLine() async {
    let words = "\u{1B}[31mred\u{7}\r\nsecond" + String(repeating: "x", count: 500)
    let error = await #expect(throws: EnvoyAdminError.self) {
      try await admin("GET /certs", status: 500, words).certificates()
    }
    #expect(error == .refused(target: "/certs", status: 500, reason: "[31mred"))
  }

  @Test func noAnswerSaysWhy() async {
    let error = await #expect(throws: EnvoyAdminError.self) { try await admin("", "").clusters() }
    #expect("\(error as Any)".contains("cannot connect to http://127.0.0.1:15000"))
  }

  @Test func anAnswerBeyondTheLimitIsRefused() async {
    let client = ScriptedClient("GET /certs", "{\"a\": \"" + String(repeating: "x", count: 5000) + "\"}")
    let error = await #expect(throws: EnvoyAdminError.self) {
      try await EnvoyAdmin(endpoint, over: client, limit: 4096).certificates()
    }
    #expect(error == .transport(.tooLarge(limit: 4096)))
  }

  @Test(arguments: [
    (
      "outbound|9080|v1|reviews.default.svc.cluster.local",
      ClusterName(direction: .outbound, port: 9080, subset: "v1", host: "reviews.default.svc.cluster.local")
    ),
    ("outbound|80||shop.demo.internal;", ClusterName(direction: .outbound, port: 80, host: "shop.demo.internal")),
    ("inbound|9080||", ClusterName(direction: .inbound, port: 9080)),
    ("outbound_.15443_.v2_.my_svc.ns", ClusterName(direction: .outbound, port: 15443, subset: "v2", host: "my_svc.ns")),
    ("PassthroughCluster", nil), ("outbound|x||h", nil), ("outbound|80|h", nil), ("a|b|c|d|e", nil), ("", nil),
    ("outbound|99999||h", nil),
  ])
  func clusterNames(_ text: String, _ name: ClusterName?) {
    #expect(ClusterName(text) == name)
    if let name { #expect(ClusterName(name.description) == name) }
  }
}
