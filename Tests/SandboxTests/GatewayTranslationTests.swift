import JSON
import Testing

@testable import Sandbox

/// HTTPRoutes and GRPCRoutes as routes of Envoy.
struct GatewayTranslationTests {
  private static let pod = MeshPod(
    role: .sidecar, name: "productpage-v1-a-b", namespace: "bookinfo", workload: "productpage-v1", templateHash: "a",
    labels: ["app": "productpage", "version": "v1"], serviceAccount: "bookinfo-productpage", address: "127.77.1.11",
    applicationAddress: "127.77.1.111")

  private func service(_ name: String, ports: [Int] = [9080]) throws -> JSONValue {
    let list = ports.map { #"{"name":"http-\#($0)","port":\#($0)}"# }.joined(separator: ",")
    return try JSONValue(
      parsing: """
        {"kind":"Service","metadata":{"name":"\(name)","namespace":"bookinfo"},
         "spec":{"clusterIP":"10.96.0.9","selector":{"app":"\(name)"},"ports":[\(list)]}}
        """)
  }

  private func route(
    _ rules: String, kind: String = "HTTPRoute",
    parent: String = #"{"group":"","kind":"Service","name":"ratings","port":9080}"#,
    name: String = "ratings-mesh", created: String = "2026-11-23T01:00:33Z"
  ) throws -> JSONValue {
    try JSONValue(
      parsing: """
        {"apiVersion":"gateway.networking.k8s.io/v1","kind":"\(kind)",
         "metadata":{"name":"\(name)","namespace":"bookinfo","creationTimestamp":"\(created)"},
         "spec":{"parentRefs":[\(parent)],"rules":\(rules)}}
        """)
  }

  /// What sidecars have for `ratings` on a port.
  private func translated(_ objects: MeshObjects, port: Int = 9080) throws -> [JSONValue] {
    let hosts =
      RouteTranslation(objects, registry: ServiceRegistry(objects), for: Self.pod)
      .outbound(port: port)["virtual_hosts"]?.array ?? []
    return try #require(hosts.first { $0["name"]?.string?.hasPrefix("ratings.") == true })["routes"]?.array ?? []
  }

  private func objects(_ httpRoutes: [JSONValue], grpcRoutes: [JSONValue] = []) throws -> MeshObjects {
    MeshObjects(
      services: [try service("ratings", ports: [9080, 9081]), try service("ratings-v1")], httpRoutes: httpRoutes,
      grpcRoutes: grpcRoutes)
  }

  /// As recorded of Istio 1.30 (envoy/productpage/config_dump.json).
  @Test func aBackendOfWeightZeroVanishes() throws {
    let made = try translated(
      objects([
        route(
          #"[{"matches":[{"path":{"type":"PathPrefix","value":"/"}}],"backendRefs":[{"name":"ratings-v1","port":9080,"weight":100},{"name":"does-not-exist","port":9080,"weight":0}]}]"#
        )
      ]))
    #expect(made.count == 1)
    var only = try #require(made.first)
    let retries = RouteAction.defaultRetries
    let expected = try JSONValue(
      parsing: #"""
        {"name":"bookinfo.ratings-mesh.0","match":{"prefix":"/","case_sensitive":true},
         "route":{"cluster":"outbound|9080||ratings-v1.bookinfo.svc.cluster.local","timeout":"0s",
                  "cluster_not_found_response_code":"INTERNAL_SERVER_ERROR","max_grpc_timeout":"0s"},
         "metadata":{"filter_metadata":{"istio":{"config":"/apis/networking.istio.io/v1/namespaces/bookinfo/virtual-service/bookinfo~9080~ratings.bookinfo.svc.cluster.local"}}},
         "decorator":{"operation":"ratings-v1.bookinfo.svc.cluster.local:9080/*"}}
        """#)
    #expect(only["route"]?["retry_policy"] == retries)
    only["route"]?["retry_policy"] = nil
    #expect(only == expected)
  }

  @Test(arguments: [
    (#"[{"name":"a","port":1},{"name":"b","port":1,"weight":99}]"#, "a=1 b=99"),
    (
      #"[{"name":"a","port":1,"weight":3},{"name":"b","port":1,"weight":0},{"name":"c","port":1,"weight":1}]"#,
      "a=3 c=1"
    ),
    (#"[{"name":"a","port":1,"weight":0},{"name":"b","port":1,"weight":0}]"#, "500"),
    (#"[{"name":"a","port":1,"weight":0}]"#, "500"), ("[]", "500"),
  ])
  func weights(backends: String, expected: String) throws {
    let only = try #require(try translated(objects([route(#"[{"backendRefs":\#(backends)}]"#)])).first)
    let clusters = only["route"]?["weighted_clusters"]?["clusters"]?.array ?? []
    let shares = clusters.map { share in
      let host = share["name"]?.string?.split(separator: "|").last ?? ""
      return "\(host.prefix { $0 != "." })=\(share["weight"]?.int ?? -1)"
    }
    let status = only["direct_response"]?["status"]?.int.map(String.init)
    #expect(status ?? shares.joined(separator: " ") == expected)
  }

  @Test func whatAsksForMoreIsTriedFirst() throws {
    let backend = #""backendRefs":[{"name":"ratings-v1","port":9080}]"#
    let made = try translated(
      objects([
        route(
          """
          [{\(backend)},
           {"matches":[{"path":{"type":"PathPrefix","value":"/a"}},{"path":{"type":"Exact","value":"/b"}}],\(backend)},
           {"matches":[{"path":{"type":"PathPrefix","value":"/a"},"headers":[{"name":"x-canary","value":"1"}]}],\(backend)}]
          """)
      ]))
    #expect(
      made.map { $0["name"]?.string } == [
        "bookinfo.ratings-mesh.1", "bookinfo.ratings-mesh.2", "bookinfo.ratings-mesh.1", "bookinfo.ratings-mesh.0",
      ])
    #expect(made[0]["match"]?["path"] == "/b" && made[1]["match"]?["path_separated_prefix"] == "/a")
  }

  @Test func anotherPortOfTheServiceIsLeftAlone() throws {
    let all = try objects([route(#"[{"backendRefs":[{"name":"ratings-v1","port":9080}]}]"#)])
    #expect(try translated(all, port: 9081).map { $0["name"] } == ["default"])
    let everywhere = try objects([
      route(
        #"[{"backendRefs":[{"name":"ratings-v1","port":9080}]}]"#,
        parent: #"{"group":"","kind":"Service","name":"ratings"}"#)
    ])
    #expect(try translated(everywhere, port: 9081).map { $0["name"] } == ["bookinfo.ratings-mesh.0"])
  }

  @Test func aGRPCRouteTakesCallsByTheirPath() throws {
    let made = try translated(
      objects(
        [],
        grpcRoutes: [
          route(
            #"[{"matches":[{"method":{"service":"shop.Cart","method":"Add"}}],"backendRefs":[{"name":"ratings-v1","port":9080}]}]"#,
            kind: "GRPCRoute")
        ]))
    #expect(made.map { $0["match"]?["path"] } == ["/shop.Cart/Add"])
  }

  @Test func mirrorsAreCopies() throws {
    let only = try #require(
      try translated(
        objects([
          route(
            #"[{"backendRefs":[{"name":"ratings-v1","port":9080}],"filters":[{"type":"RequestMirror","requestMirror":{"backendRef":{"name":"shadow","port":80},"percent":25}},{"type":"RequestMirror","requestMirror":{"backendRef":{"name":"all","port":80}}}]}]"#
          )
        ])
      ).first)
    let mirrors = only["route"]?["request_mirror_policies"]?.array ?? []
    #expect(
      mirrors.map { $0["cluster"]?.string?.split(separator: "|").last?.prefix { $0 != "." } } == ["shadow", "all"])
    #expect(mirrors.map { $0["runtime_fraction"]?["default_value"]?["numerator"]?.int } == [250_000, 1_000_000])
  }

  /// Where both route a host, sidecars follow the older one.
  @Test func anOlderVirtualServiceOverrides() throws {
    var all = try objects([route(#"[{"backendRefs":[{"name":"ratings-v1","port":9080}]}]"#)])
    all.virtualServices = [
      try JSONValue(
        parsing: """
          {"kind":"VirtualService","metadata":{"name":"ratings","namespace":"bookinfo",
            "creationTimestamp":"2026-11-22T00:00:00Z"},
           "spec":{"hosts":["ratings"],"http":[{"name":"own","route":[{"destination":{"host":"ratings"}}]}]}}
          """)
    ]
    #expect(try translated(all).map { $0["name"] } == ["own"])
  }
}
