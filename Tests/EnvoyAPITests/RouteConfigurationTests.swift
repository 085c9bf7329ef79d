import EnvoyAPI
import ProxyLogs
import Testing
import Transport

@Suite struct RouteConfigurationTests {
  func routes(_ json: String) async throws -> [RouteConfiguration] {
    let client = ScriptedClient("GET /config_dump?resource=dynamic_route_configs", json)
    return try await EnvoyAdmin(Endpoint(host: "proxy"), over: client).routes()
  }

  func route(_ json: String) async throws -> RouteConfiguration.Route {
    let text =
      #"{"configs": [{"route_config": {"name": "9080", "virtual_hosts": [{"name": "v", "domains": ["*"], "routes": ["#
      + json + "]}]}}]}"
    return try #require(try await routes(text).first?.virtualHosts.first?.routes.first)
  }

  @Test func aSplitAndWhereItComesFrom() async throws {
    let split = try await route(
      """
      {"name": "primary", "match": {"prefix": "/"},
       "route": {"weighted_clusters": {"clusters": [
         {"name": "outbound|80|v1|reviews.bookinfo.svc.cluster.local", "weight": 80},
         {"name": "outbound|80|v2|reviews.bookinfo.svc.cluster.local", "weight": 20}]}, "timeout": "0.250s"},
       "stat_prefix": "r0",
       "metadata": {"filter_metadata": {"istio":
         {"config": "/apis/networking.istio.io/v1/namespaces/bookinfo/virtual-service/reviews"}}}}
      """)
    #expect(split.name == "primary")
    #expect(split.match.isAny)
    #expect(split.action.weightedClusters.map(\.weight) == [80, 20])
    #expect(split.action.weightedClusters.map(\.istioName?.subset) == ["v1", "v2"])
    #expect(split.timeout == .milliseconds(250))
    #expect(split.statPrefix == "r0")
    #expect(
      split.origin
        == ResourceOrigin(
          group: "networking.istio.io", version: "v1", namespace: "bookinfo", kind: "virtual-service", name: "reviews"))
  }

  @Test func copiesAreReadInPercent() async throws {
    let mirrors = try await route(
      """
      {"name": "primary", "match": {"prefix": "/"}, "route": {"cluster": "a", "request_mirror_policies": [
        {"cluster": "m", "runtime_fraction": {"default_value": {"numerator": 125000, "denominator": "MILLION"}}},
        {"cluster": "t", "runtime_fraction": {"default_value": {"numerator": 50, "denominator": "TEN_THOUSAND"}}},
        {"cluster": "h", "runtime_fraction": {"default_value": {"numerator": 7}}},
        {"cluster": "none", "runtime_fraction": {"default_value": {}}}, {"cluster": "all"}]}}
      """
    ).mirrors
    #expect(mirrors.map(\.cluster) == ["m", "t", "h", "none", "all"])
    #expect(mirrors.map(\.percent) == [12.5, 0.5, 7, 0, 100])
  }

  @Test func versionsAndRefusalsMayBeMissing() async throws {
    let found = try await routes(
      """
      {"configs": [{"route_config": {"name": "a"}},
        {"version_info": "7", "route_config": {"name": "b"}, "last_updated": "2026-11-23T01:12:47.357Z",
         "error_state": {"details": "Sum of weights", "version_info": "8"}},
        {"version_info": "9"}]}
      """)
    #expect(
      found == [
        RouteConfiguration(name: "a", virtualHosts: []),
        RouteConfiguration(
          name: "b", version: "7", lastUpdated: "2026-11-23T01:12:47.357Z",
          failure: UpdateFailure(reason: "Sum of weights", version: "8"), virtualHosts: []),
      ])
  }

  @Test(arguments: [
    (#"{"prefix": "/a"}"#, RouteMatch.Path.prefix("/a")),
    (#"{"path": "/a"}"#, .exact("/a")),
    (#"{"safe_regex": {"regex": "/a.*"}}"#, .regex("/a.*")),
    (#"{"path_separated_prefix": "/a"}"#, .separatedPrefix("/a")),
    (#"{"path_match_policy": {"typed_config": {"path_template": "/a/{b}"}}}"#, .template("/a/{b}")),
    (#"{"connect_matcher": {}}"#, .connect),
    (#"{"future": 1}"#, .unknown),
  ])
  func paths(_ json: String, _ path: RouteMatch.Path) async throws {
    #expect(try await route(#"{"match": "# + json + "}").match.path == path)
  }

  @Test(arguments: [
    (#""exact_match": "1""#, HeaderMatch.Condition.string(StringMatch(.exact("1")))),
    (#""string_match": {"exact": "1"}"#, .string(StringMatch(.exact("1")))),
    (#""string_match": {"prefix": "1", "ignore_case": true}"#, .string(StringMatch(.prefix("1"), ignoresCase: true))),
    (#""string_match": {"safe_regex": {"google_re2": {}, "regex": "1+"}}"#, .string(StringMatch(.regex("1+")))),
    (#""string_match": {"suffix": "1"}"#, .string(StringMatch(.suffix("1")))),
    (#""string_match": {"contains": "1"}"#, .string(StringMatch(.contains("1")))),
    (#""prefix_match": "1""#, .string(StringMatch(.prefix("1")))),
    (#""suffix_match": "1""#, .string(StringMatch(.suffix("1")))),
    (#""contains_match": "1""#, .string(StringMatch(.contains("1")))),
    (#""safe_regex_match": {"regex": "1+"}"#, .string(StringMatch(.regex("1+")))),
    (#""present_match": true"#, .present(true)),
    (#""present_match": false"#, .present(false)),
    (#""range_match": {"end": "5"}"#, .range(0, 5)),
    (#""invert_match": true"#, .present(true)),
    (#""future_match": 1"#, .unknown),
  ])
  func headers(_ json: String, _ condition: HeaderMatch.Condition) async throws {
    let match = try await route(#"{"match": {"prefix": "/", "headers": [{"name": "X-Canary", "# + json + "}]}}").match
    #expect(match.headers.map(\.name) == ["x-canary"])
    #expect(match.headers.map(\.condition) == [condition])
    #expect(match.headers.map(\.isInverted) == [json.contains("invert")])
    #expect(!match.isAny)
  }

  @Test func methodsAndQueryParameters() async throws {
    let match = try await route(
      """
      {"match": {"prefix": "/", "case_sensitive": false,
        "headers": [{"name": ":method", "string_match": {"exact": "POST"}}],
        "query_parameters": [{"name": "debug", "string_match": {"exact": "1"}}, {"name": "q", "present_match": true},
                             {"name": "bare"}]}}
      """
    ).match
    #expect(match.method?.condition == .string(StringMatch(.exact("POST"))))
    #expect(!match.isCaseSensitive)
    #expect(
      match.queryParameters.map(\.condition) == [.string(StringMatch(.exact("1"))), .present(true), .present(true)])
  }

  @Test(arguments: [
    (#""route": {"cluster": "c"}"#, RouteAction.cluster("c")),
    (#""route": {"cluster_header": "x"}"#, .clusterHeader("x")),
    (#""route": {"weighted_clusters": {}}"#, .weightedClusters([])),
    (#""redirect": {}"#, .redirect(status: 301)),
    (#""redirect": {"response_code": "TEMPORARY_REDIRECT"}"#, .redirect(status: 307)),
    (#""direct_response": {"status": 404}"#, .directResponse(status: 404)),
    (#""non_forwarding_action": {}"#, .other("non_forwarding_action")),
    (#""name": "x""#, .other("none")),
  ])
  func actions(_ json: String, _ action: RouteAction) async throws {
    #expect(try await route("{" + json + "}").action == action)
  }

  @Test(arguments: [
    "", "/", "virtual-service", "/apis/g/v/namespaces/n/k", "/apis/g/v/namespaces/n/k/name/more",
    "/api/g/v/namespaces/n/k/name",
  ])
  func whatIsNoOrigin(_ text: String) { #expect(ResourceOrigin(text) == nil) }
}
