import CurlTransport
import EnvoyAPI
import Glibc
import Peers
import ProxyLogs
import Testing
import Transport

/// The client and the log reader against an Envoy that these tests start.
@Suite(.enabled(if: EnvoyProcess.binary != nil, "no envoy in MESHDECK_ENVOY or PATH"), .timeLimit(.minutes(1)))
struct RealEnvoyTests {
  let client = CurlClient()

  /// Tries until there is a value; gives up after 20 s.
  func eventually<Value>(_ what: String, _ attempt: () async throws -> Value?) async throws -> Value {
    let limit = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < limit {
      if let value = try await attempt() { return value }
      try await Task.sleep(for: .milliseconds(10))
    }
    throw EnvoyProcess.Failure(description: "\(what) did not come about")
  }

  func live(_ admin: EnvoyAdmin, _ envoy: EnvoyProcess) async throws {
    _ = try await eventually("LIVE: \(envoy.output)") { try? await admin.state() == .live ? true : nil }
  }

  /// The admin on TCP, on a port of the system's choice.
  func overTCP(_ envoy: EnvoyProcess) async throws -> EnvoyAdmin {
    let address = try await eventually("an admin address: \(envoy.output)") {
      (try? Recordings.contents(of: envoy.folder + "/admin.address")).flatMap {
        $0.isEmpty ? nil : String(decoding: $0, as: UTF8.self)
      }
    }
    let admin = EnvoyAdmin(try #require(Endpoint(address)), over: client)
    try await live(admin, envoy)
    return admin
  }

  @Test func everyEndpointOverTCP() async throws {
    let envoy = try EnvoyProcess { files(in: $0, admin: tcp) }
    let admin = try await overTCP(envoy)

    let server = try await admin.server()
    #expect(server.state == .live)
    #expect(server.version.split(separator: ".").count == 3)
    #expect(server.istioNode?.proxyID == "productpage-v1-abc.bookinfo")

    let configuration = try await eventually("routes") { try await admin.routes().first }
    let route = try #require(configuration.virtualHosts.first?.routes.first)
    #expect(configuration.name == "9080" && configuration.version == "1" && configuration.lastUpdated != nil)
    #expect(route.action.weightedClusters.map(\.weight) == [90, 10])
    #expect(route.origin?.name == "reviews" && route.name == "split")
    #expect(route.match.headers.map(\.condition) == [.string(StringMatch(.exact("1")))])
    #expect(try await admin.routes(nameRegex: "90.0").count == 1)
    #expect(try await admin.routes(nameRegex: "nothing").isEmpty)
    #expect(try await admin.configuration(.staticClusters, mask: "cluster.name").count == 3)
    #expect(try await admin.configuration(.activeSecrets).isEmpty)
    #expect(try await admin.dynamicListeners().isEmpty)

    // A refusal: the counter, the version that stays, the routes that stay, and the words in the log.
    try envoy.write(routes(version: "2", weights: [0, 0]), to: "rds.json")
    let refused = try await eventually("a refusal") {
      try await admin.subscriptions().first { $0.subject == .routes(configuration: "9080") && $0.rejected == 1 }
    }
    #expect(refused.version == "1" && refused.taken == 1)
    #expect(try await admin.routes().first?.virtualHosts == configuration.virtualHosts)
    let reason = try await eventually("a reason in the log") {
      envoy.output.split(separator: "\n").lazy.compactMap { line in
        if case .component(let line) = ProxyLogLine(String(line)) { line.rejection } else { nil }
      }.first
    }
    #expect(reason.hasPrefix("Sum of weights in the weighted_cluster must be greater than 0"))

    let listeners = try await admin.listeners()
    #expect(Set(listeners.map(\.name)) == ["outbound", "backend"])
    #expect(listeners.first { $0.name == "backend" }?.address == envoy.folder + "/backend.sock")
    #expect(try await admin.certificates().isEmpty)
    #expect(try await admin.setLogLevel(.error, of: "http").contains(LoggerLevel(logger: "http", level: .error)))
    #expect(try await admin.logLevels().contains(LoggerLevel(logger: "http", level: .error)))
    for (name, words) in [("nope", "unknown logger"), ("a&b=c d", "did not understand")] {
      let error = await #expect(throws: EnvoyAdminError.self) { try await admin.setLogLevel(.error, of: name) }
      #expect("\(error as Any)".contains(words), "\(error as Any)")
    }
    let badFilter = await #expect(throws: EnvoyAdminError.self) { try await admin.stats(StatsQuery(filter: "(")) }
    #expect("\(badFilter as Any)".contains("Invalid re2 regex"), "\(badFilter as Any)")
  }

  @Test func trafficIsCountedTimedAndLogged() async throws {
    let envoy = try EnvoyProcess { files(in: $0, admin: tcp) }
    let admin = try await overTCP(envoy)
    try envoy.write(routes(version: "2", weights: [1, 0]), to: "rds.json")
    _ = try await eventually("version 2") { try await admin.routes().first { $0.version == "2" } }
    let outbound = try await admin.listeners().first { $0.name == "outbound" }
    let gateway = try #require(outbound.flatMap { Endpoint($0.address) })

    func requests() async throws -> [String: UInt64] {
      var counts: [String: UInt64] = [:]
      for cluster in try await admin.clusters() where cluster.istioName?.direction == .outbound {
        for host in cluster.hosts { counts[cluster.name] = host.requests }
      }
      return counts
    }
    let detailed = StatsQuery(filter: "downstream_rq_time$", type: .histograms, histograms: .detailed)
    var window = CounterWindow<String>()
    #expect(window.advance(to: try await requests()).isEmpty)
    for _ in 0..<20 {
      let response = try await client.send(
        HTTPRequest(.get, gateway, "/a?b=c", headers: ["x-canary": "1", "user-agent": "a \"b\" c"]))
      #expect(response.status == 200)
      _ = try await response.body.collect()
    }
    let missed = try await client.send(HTTPRequest(.get, gateway, "/nowhere"))
    #expect(missed.status == 404)
    _ = try await missed.body.collect()

    let deltas = window.advance(to: try await requests())
    #expect(deltas["outbound|9080|v1|reviews.bookinfo.svc.cluster.local"] == 20)
    #expect(deltas["outbound|9080|v2|reviews.bookinfo.svc.cluster.local"] == 0)

    let histogram = try await eventually("the flush of histograms") {
      try await admin.stats(detailed).histograms["http.outbound_test.downstream_rq_time"].flatMap {
        $0.count == 21 ? $0 : nil
      }
    }
    #expect(histogram.percentile(50) != nil)

    for (file, format) in [("access.text", LogFormat.istioText), ("access.json", .accessJSON)] {
      let lines = try await eventually("21 lines in \(file)") {
        var reader = ProxyLogReader()
        var lines: [AccessLogLine] = []
        try reader.read(Recordings.contents(of: envoy.folder + "/" + file)) {
          if let line = $0.access { lines.append(line) }
        }
        return lines.count == 21 ? lines : nil
      }
      #expect(lines.allSatisfy { $0.format == format })
      for line in lines.dropLast() {
        #expect(line.responseCode == 200 && line.flags.isEmpty && line.duration != nil)
        #expect(line.upstreamCluster?.subset == "v1" && line[.routeName] == "split" && line[.path] == "/a?b=c")
        #expect(line[.userAgent] == "a \"b\" c")
      }
      #expect(lines.last?.flags.map(String.init) == ["NR"])
    }
    try await customFormatsAgree(envoy)
  }

  /// What a proxy writes as a format says is read by that format, and says what the line of Istio's says.
  private func customFormatsAgree(_ envoy: EnvoyProcess) async throws {
    func lines(_ file: String, _ formats: [AccessLogFormat]) async throws -> [AccessLogLine] {
      try await eventually("21 lines in \(file)") {
        let lines = try Recordings.contents(of: envoy.folder + "/" + file).split(separator: 0x0A)
        return lines.count == 21 ? lines.compactMap { ProxyLogLine(Array($0), formats: formats).access } : nil
      }
    }
    let own = try await lines("access.text", [])
    for (place, text) in Self.customFormats.enumerated() {
      let read = try await lines("custom\(place)", [try AccessLogFormat(text)])
      #expect(read.count == 21, "\(text)")
      #expect(read.allSatisfy { [.customText, .customJSON].contains($0.format) }, "\(text)")
      for (line, other) in zip(read, own) {
        for field in LogField.allCases where line[field] != nil {
          #expect(line[field] == other[field], "\(field) by \(text)")
        }
        #expect(line.responseCode == other.responseCode)
      }
    }
  }

  private static let customFormats = [
    "%START_TIME% %RESPONSE_CODE% %DURATION%ms %REQ(:METHOD)% %REQ(:PATH)% %ROUTE_NAME%",
    #"%REQ(USER-AGENT)%|%RESPONSE_CODE%|%RESPONSE_FLAGS%|%UPSTREAM_HOST%|%UPSTREAM_CLUSTER_RAW%|%PROTOCOL%"#,
    #"<%START_TIME%> 100%% "%REQ(:AUTHORITY)%" "%REQ(USER-AGENT):200%" %BYTES_SENT%/%BYTES_RECEIVED% %RESPONSE_CODE% "#
      + #"%DOWNSTREAM_REMOTE_ADDRESS% [%RESPONSE_CODE_DETAILS%]"#,
    #"{"code": "%RESPONSE_CODE%", "took": "%DURATION%", "request": "%REQ(:METHOD)% %REQ(:PATH)% %PROTOCOL%", "#
      + #""agent": "%REQ(USER-AGENT)%", "route": "%ROUTE_NAME%", "at": "%START_TIME%"}"#,
  ]

  /// What a host's counters say of a host that refuses connections.
  @Test func aHostThatIsGone() async throws {
    let envoy = try EnvoyProcess { files(in: $0, admin: tcp, backendOfV2: "nobody.sock") }
    let admin = try await overTCP(envoy)
    try envoy.write(routes(version: "2", weights: [0, 1]), to: "rds.json")
    _ = try await eventually("version 2") { try await admin.routes().first { $0.version == "2" } }
    let outbound = try await admin.listeners().first { $0.name == "outbound" }
    let gateway = try #require(outbound.flatMap { Endpoint($0.address) })
    for _ in 0..<5 {
      let response = try await client.send(HTTPRequest(.get, gateway, "/", headers: ["x-canary": "1"]))
      #expect(response.status == 503)
      _ = try await response.body.collect()
    }
    let host = try #require(try await admin.clusters().first { $0.name == split("v2") }?.hosts.first)
    #expect(host.requests == 0 && host.successes == 0)
    #expect(host.errors == 5 && host.connectFailures == 5)
    let flags = try await eventually("5 lines") {
      let lines = try Recordings.contents(of: envoy.folder + "/access.text").split(separator: 0x0A)
      return lines.count == 5 ? lines.compactMap { ProxyLogLine(Array($0)).access?.flags.map(String.init) } : nil
    }
    #expect(flags == [[String]](repeating: ["UF"], count: 5))
  }

  @Test func overAUnixSocket() async throws {
    let envoy = try EnvoyProcess { folder in
      files(in: folder, admin: #"{"pipe": {"path": "\#(folder)/admin.sock", "mode": 384}}"#)
    }
    let admin = EnvoyAdmin(try #require(Endpoint("unix:\(envoy.folder)/admin.sock")), over: client)
    try await live(admin, envoy)
    #expect(try await admin.server().state == .live)
    #expect(try await admin.clusters().count == 3)
    #expect(try await admin.stats(StatsQuery(filter: "^server.live$")).numbers == ["server.live": 1])
  }

  private let tcp = #"{"socket_address": {"address": "127.0.0.1", "port_value": 0}}"#

  /// One listener that routes as the file `rds.json` says, and one on a Unix socket that answers for every host.
  private func files(in folder: String, admin: String, backendOfV2: String = "backend.sock") -> [String: String] {
    let bootstrap = """
      {"node": {"id": "sidecar~127.0.0.1~productpage-v1-abc.bookinfo~bookinfo.svc.cluster.local",
                "cluster": "productpage.bookinfo"},
       "admin": {"address": \(admin)}, "stats_flush_interval": "0.1s",
       "static_resources": {
        "listeners": [
         {"name": "outbound", "address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}},
          "filter_chains": [{"filters": [\(connectionManager("outbound_test", accessLogs(in: folder),
            """
            "rds": {"route_config_name": "9080", "config_source": {"resource_api_version": "V3",
              "path_config_source": {"path": "\(folder)/rds.json"}}}
            """))]}]},
         {"name": "backend", "address": {"pipe": {"path": "\(folder)/backend.sock"}},
          "filter_chains": [{"filters": [\(connectionManager("backend", "",
            """
            "route_config": {"name": "backend", "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [
              {"match": {"prefix": "/"}, "direct_response": {"status": 200, "body": {"inline_string": "hello"}}}]}]}
            """))]}]}],
        "clusters": [\(cluster(split("v1"), "\(folder)/backend.sock")),
                     \(cluster(split("v2"), "\(folder)/\(backendOfV2)")),
                     \(cluster("PassthroughCluster", "\(folder)/backend.sock"))]}}
      """
    return ["bootstrap.json": bootstrap, "rds.json": routes(version: "1", weights: [90, 10])]
  }

  private func connectionManager(_ prefix: String, _ accessLogs: String, _ routes: String) -> String {
    let types = "type.googleapis.com/envoy.extensions.filters"
    return """
      {"name": "http", "typed_config": {
        "@type": "\(types).network.http_connection_manager.v3.HttpConnectionManager", "stat_prefix": "\(prefix)",
        "http_filters": [{"name": "router", "typed_config": {"@type": "\(types).http.router.v3.Router"}}],
        \(accessLogs) \(routes)}}
      """
  }

  /// Istio's text format and its JSON.
  private func accessLogs(in folder: String) -> String {
    let text =
      #"[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE% "#
      + #"%RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% "#
      + #"\"%UPSTREAM_TRANSPORT_FAILURE_REASON%\" %BYTES_RECEIVED% %BYTES_SENT% %DURATION% "#
      + #"%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" "#
      + #"\"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\" %UPSTREAM_CLUSTER_RAW% "#
      + #"%UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% "#
      + #"%REQUESTED_SERVER_NAME% %ROUTE_NAME%\n"#
    let json = [
      "start_time": "START_TIME", "method": "REQ(:METHOD)", "path": "REQ(X-ENVOY-ORIGINAL-PATH?:PATH)",
      "response_code": "RESPONSE_CODE", "response_flags": "RESPONSE_FLAGS", "duration": "DURATION",
      "upstream_cluster": "UPSTREAM_CLUSTER_RAW", "route_name": "ROUTE_NAME", "user_agent": "REQ(USER-AGENT)",
    ].map { #""\#($0)": "%\#($1)%""# }.joined(separator: ",")
    func log(_ file: String, _ format: String) -> String {
      """
      {"name": "file", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
        "path": "\(folder)/\(file)", "log_format": {\(format)}}}
      """
    }
    let customs = Self.customFormats.enumerated().map { place, format in
      let isObject = format.hasPrefix("{")
      let quoted = format.replacing("\"", with: "\\\"")
      let source = isObject ? "\"json_format\": \(format)" : #""text_format_source": {"inline_string": "\#(quoted)\n"}"#
      return ", " + log("custom\(place)", source)
    }.joined()
    return """
      "access_log": [\(log("access.text", #""text_format_source": {"inline_string": "\#(text)"}"#)),
                     \(log("access.json", #""json_format": {\#(json)}"#))\(customs)],
      """
  }

  private func cluster(_ name: String, _ socket: String) -> String {
    """
    {"name": "\(name)", "type": "STATIC", "connect_timeout": "1s", "load_assignment": {"cluster_name": "\(name)",
      "endpoints": [{"lb_endpoints": [{"endpoint": {"address": {"pipe": {"path": "\(socket)"}}}}]}]}}
    """
  }

  private func split(_ subset: String) -> String { "outbound|9080|\(subset)|reviews.bookinfo.svc.cluster.local" }

  private func routes(version: String, weights: [Int]) -> String {
    let clusters = zip(["v1", "v2"], weights).map { #"{"name": "\#(split($0))", "weight": \#($1)}"# }
    return """
      {"version_info": "\(version)", "resources": [{
        "@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration", "name": "9080",
        "virtual_hosts": [{"name": "reviews", "domains": ["*"], "routes": [{
          "name": "split", "match": {"prefix": "/", "headers": [{"name": "x-canary", "string_match": {"exact": "1"}}]},
          "metadata": {"filter_metadata": {"istio":
            {"config": "/apis/networking.istio.io/v1/namespaces/bookinfo/virtual-service/reviews"}}},
          "route": {"weighted_clusters": {"clusters": [\(clusters.joined(separator: ","))]}}}]}]}]}
      """
  }
}
