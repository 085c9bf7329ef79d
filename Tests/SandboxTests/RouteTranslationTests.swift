import JSON
import Testing

@testable import Sandbox

struct RouteTranslationTests {
  private static let pod = MeshPod(
    role: .sidecar, name: "productpage-v1-a-b", namespace: "bookinfo", workload: "productpage-v1", templateHash: "a",
    labels: ["app": "productpage", "version": "v1"], serviceAccount: "bookinfo-productpage", address: "127.77.1.11",
    applicationAddress: "127.77.1.111")

  private static func service(_ name: String, ports: [Int] = [9080]) throws -> JSONValue {
    let list = ports.map { #"{"name":"http-\#($0)","port":\#($0)}"# }.joined(separator: ",")
    return try JSONValue(
      parsing: """
        {"kind":"Service","metadata":{"name":"\(name)","namespace":"bookinfo"},
         "spec":{"clusterIP":"10.96.0.9","selector":{"app":"\(name)"},"ports":[\(list)]}}
        """)
  }

  private static func virtualService(http: String, hosts: String = #"["reviews"]"#) throws -> JSONValue {
    try JSONValue(
      parsing: """
        {"kind":"VirtualService","metadata":{"name":"reviews","namespace":"bookinfo"},
         "spec":{"hosts":\(hosts),"http":\(http)}}
        """)
  }

  private static func routes(
    http: String, port: Int = 9080, ports: [Int] = [9080]
  ) throws -> [JSONValue] {
    let objects = MeshObjects(
      services: [try service("reviews", ports: ports)], virtualServices: [try virtualService(http: http)])
    let translation = RouteTranslation(objects, registry: ServiceRegistry(objects), for: pod)
    let hosts = translation.outbound(port: port)["virtual_hosts"]?.array ?? []
    let host = try #require(hosts.first { $0["name"]?.string?.hasPrefix("reviews.") == true })
    return host["routes"]?.array ?? []
  }

  @Test(arguments: [
    // A lone destination takes all, whatever its weight.
    (#"[{"destination":{"host":"reviews","subset":"v1"},"weight":30}]"#, "v1=all"),
    (
      #"[{"destination":{"host":"reviews","subset":"v1"},"weight":75},{"destination":{"host":"reviews","subset":"v3"},"weight":25}]"#,
      "v1=75 v3=25"
    ),
    // A weight of 0 vanishes, and what is left stays a weighted one.
    (
      #"[{"destination":{"host":"reviews","subset":"v1"},"weight":100},{"destination":{"host":"reviews","subset":"v3"},"weight":0}]"#,
      "v1=100"
    ),
    (
      #"[{"destination":{"host":"reviews","subset":"v1"},"weight":1},{"destination":{"host":"reviews","subset":"v2"},"weight":1}]"#,
      "v1=1 v2=1"
    ),
  ])
  func weights(destinations: String, expected: String) throws {
    let action = try #require(try Self.routes(http: #"[{"route":\#(destinations)}]"#).first?["route"])
    func subset(_ name: JSONValue?) -> Substring { name?.string?.split(separator: "|")[2] ?? "" }
    let found =
      action["cluster"].map { "\(subset($0))=all" }
      ?? (action["weighted_clusters"]?["clusters"]?.array ?? [])
      .map { "\(subset($0["name"]))=\($0["weight"]?.int ?? -1)" }.joined(separator: " ")
    #expect(found == expected)
  }

  @Test(arguments: [
    (#"{"uri":{"exact":"/a"}}"#, #"{"path":"/a","case_sensitive":true}"#),
    (#"{"uri":{"prefix":"/a"},"ignoreUriCase":true}"#, #"{"prefix":"/a","case_sensitive":false}"#),
    (#"{"uri":{"regex":"/a.*"}}"#, #"{"safe_regex":{"regex":"/a.*"}}"#),
    (
      #"{"headers":{"x-canary":{"exact":"1"}}}"#,
      #"{"prefix":"/","headers":[{"name":"x-canary","string_match":{"exact":"1"}}]}"#
    ),
    (
      #"{"method":{"exact":"GET"},"headers":{"cookie":{}}}"#,
      #"{"prefix":"/","headers":[{"name":"cookie","present_match":true},{"name":":method","string_match":{"exact":"GET"}}]}"#
    ),
    (
      #"{"withoutHeaders":{"b":{"prefix":"x"}}}"#,
      #"{"prefix":"/","headers":[{"name":"b","string_match":{"prefix":"x"},"invert_match":true}]}"#
    ),
    (
      #"{"queryParams":{"q":{"exact":"1"}}}"#,
      #"{"prefix":"/","query_parameters":[{"name":"q","string_match":{"exact":"1"}}]}"#
    ),
  ])
  func matches(match: String, expected: String) throws {
    let found = RouteMatch(try JSONValue(parsing: match)).envoy
    #expect(found == (try JSONValue(parsing: expected)), "\(found.text())")
  }

  @Test func aRuleOfTwoMatchesIsTwoRoutesAndForeignOnesAreLeftOut() throws {
    let routes = try Self.routes(
      http: """
        [{"name":"beta","match":[{"name":"one","headers":{"a":{"exact":"1"}}},{"uri":{"prefix":"/b"}},
           {"sourceLabels":{"app":"other"}},{"gateways":["g"]},{"port":80}],
          "route":[{"destination":{"host":"reviews","subset":"v2"}}]},
         {"route":[{"destination":{"host":"reviews","subset":"v1"}}]}]
        """)
    #expect(routes.map { $0["name"]?.string } == ["beta.one", "beta", nil])
    #expect(routes.allSatisfy { $0["metadata"]?["filter_metadata"]?["istio"]?["config"] != nil })
  }

  /// As recorded: a VirtualService stands in the route configuration of every port, and where its host has no such
  /// port its clusters are named by that port all the same.
  @Test func aResourceStandsInEveryPortsConfiguration() throws {
    let http = #"[{"route":[{"destination":{"host":"reviews","subset":"v1"}}]}]"#
    #expect(
      try Self.routes(http: http, port: 80).first?["route"]?["cluster"]
        == "outbound|80|v1|reviews.bookinfo.svc.cluster.local")
  }

  @Test(arguments: [
    ("10s", "10s"), ("250ms", "0.250s"), ("0.5s", "0.500s"), ("1m30s", "90s"), ("1h", "3600s"), ("", nil), ("5", nil),
    ("ten", nil), ("1d", nil),
  ])
  func durations(text: String, expected: String?) { #expect(envoyDuration(text) == expected) }

  @Test func timeoutsRetriesAndFaults() throws {
    let route = try #require(
      try Self.routes(
        http: """
          [{"timeout":"10s","retries":{"attempts":3,"perTryTimeout":"2s","retryOn":"connect-failure,refused-stream,503"},
            "fault":{"delay":{"fixedDelay":"2s","percentage":{"value":0.1}},"abort":{"httpStatus":418}},
            "route":[{"destination":{"host":"reviews","subset":"v1"}}]}]
          """
      ).first)
    #expect(route["route"]?["timeout"] == "10s")
    let retries = route["route"]?["retry_policy"]
    #expect(retries?["retry_on"] == "connect-failure,refused-stream,retriable-status-codes")
    #expect(retries?["retriable_status_codes"] == [503])
    #expect(retries?["per_try_timeout"] == "2s")
    let fault = route["typed_per_filter_config"]?["envoy.filters.http.fault"]
    #expect(fault?["delay"]?["percentage"] == ["numerator": 1000, "denominator": "MILLION"])
    #expect(fault?["abort"]?["http_status"] == 418)
  }

  /// The same members as in what istiod made of the recorded resource.
  @Test func theShapeIsIstiods() throws {
    let objects = MeshObjects(
      services: [try Self.service("reviews", ports: [80])],
      virtualServices: [
        try Self.virtualService(
          http: """
            [{"name":"primary","timeout":"10s",
              "retries":{"attempts":3,"perTryTimeout":"2s","retryOn":"connect-failure,refused-stream,503"},
              "route":[{"destination":{"host":"reviews","subset":"v1"},"weight":50},
                       {"destination":{"host":"reviews","subset":"v2"},"weight":30},
                       {"destination":{"host":"reviews","subset":"v3"},"weight":20}]}]
            """)
      ])
    let translation = RouteTranslation(objects, registry: ServiceRegistry(objects), for: Self.pod)
    let host = translation.outbound(port: 80)["virtual_hosts"]?.array?.first
    // From recordings/envoy/productpage/config_dump_routes_after_50_30_20.json.
    let recorded = try JSONValue(
      parsing: """
        {"match":{"prefix":"/"},"route":{"weighted_clusters":{"clusters":[
         {"name":"outbound|80|v1|reviews.bookinfo.svc.cluster.local","weight":50},
         {"name":"outbound|80|v2|reviews.bookinfo.svc.cluster.local","weight":30},
         {"name":"outbound|80|v3|reviews.bookinfo.svc.cluster.local","weight":20}]},"timeout":"10s",
         "retry_policy":{"retry_on":"connect-failure,refused-stream,retriable-status-codes","num_retries":3,
         "per_try_timeout":"2s","retry_host_predicate":[{"name":"envoy.retry_host_predicates.previous_hosts",
         "typed_config":{"@type":"type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"}}],
         "host_selection_retry_max_attempts":"5","retriable_status_codes":[503]},"max_grpc_timeout":"10s"},
         "metadata":{"filter_metadata":{"istio":{
         "config":"/apis/networking.istio.io/v1/namespaces/bookinfo/virtual-service/reviews"}}},
         "decorator":{"operation":"reviews:80/*"},"name":"primary"}
        """)
    #expect(host?["routes"]?.array?.first == recorded, "\(host?.text(indent: 1) ?? "")")
    #expect(host?["name"] == "reviews.bookinfo.svc.cluster.local:80")
    #expect(host?["include_request_attempt_count"] == true)
  }
}
