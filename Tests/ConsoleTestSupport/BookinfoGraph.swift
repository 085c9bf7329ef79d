public import MeshModel

/// Who calls whom in the same mesh in trouble.
extension Bookinfo {
  public static let ingress = MeshNode(.ingress, namespace: "istio-system", name: "istio-ingressgateway")
  public static let productpage = node("productpage", "v1")
  public static let details = node("details", "v1")
  public static let reviews1 = node("reviews", "v1")
  public static let reviews2 = node("reviews", "v2")
  public static let reviews3 = node("reviews", "v3")
  public static let ratings = node("ratings", "v1")

  public static func node(_ name: String, _ version: String? = nil, in namespace: String = "bookinfo") -> MeshNode {
    MeshNode(namespace: namespace, name: name, version: version)
  }

  /// Figures of one edge: the errors have this flag and were answered 503.
  public static func edge(
    _ requests: Double, errors: Double = 0, p50: Int = 4, p95: Int = 8, p99: Int = 11, flag code: String? = nil,
    _ security: EdgeTraffic.Security = .mutualTLS
  ) -> EdgeTraffic {
    var codes = ["200": requests - errors]
    if errors > 0 { codes["503"] = errors }
    return EdgeTraffic(
      requests: requests, errors: errors, p50: .milliseconds(p50), p95: .milliseconds(p95), p99: .milliseconds(p99),
      codes: codes, flags: code.map { [ResponseFlag($0): errors] } ?? [:], security: security,
      history: (0..<12).map { slice in
        .init(requests: requests / 12, errors: slice < 4 ? 0 : errors * Double(slice - 3) / 36)
      })
  }

  public static func edges(
    at end: Timestamp = start, window: Duration = .seconds(60), source: EdgeSample.Source = .accessLogs,
    isCalm: Bool = false
  ) -> EdgeSample {
    var edges: [EdgeID: EdgeTraffic] = [
      EdgeID(from: ingress, to: productpage): edge(14_400, errors: isCalm ? 0 : 1137, p50: 31, p95: 320, p99: 1210),
      EdgeID(from: productpage, to: details): edge(14_400, p99: 4),
      EdgeID(from: productpage, to: reviews1): edge(10_860, errors: isCalm ? 0 : 11),
      EdgeID(from: productpage, to: reviews3): isCalm
        ? edge(3540) : edge(3540, errors: 1097, p50: 9, p95: 310, p99: 840, flag: "UF"),
      EdgeID(from: reviews1, to: ratings): edge(10_860, p50: 3, p99: 7),
      EdgeID(from: reviews3, to: ratings): isCalm
        ? edge(2460) : edge(2460, errors: 448, p50: 3, p95: 40, p99: 66, flag: "UT"),
    ]
    edges[EdgeID(from: ratings, to: MeshNode(.external, name: "db.example.com"), .tcp)] = EdgeTraffic(
      requests: 240, security: .plaintext)
    return EdgeSample(end: end, window: window, source: source, edges: edges)
  }

  public static func topology() -> Topology {
    func service(_ name: String, _ versions: [String]) -> Topology.Service {
      Topology.Service(
        id: ServiceID(namespace: "bookinfo", name: name), host: "\(name).bookinfo.svc.cluster.local",
        versions: versions.map { .init(name: $0, workloads: ["\(name)-\($0)"], pods: .init(ready: 3, total: 3)) })
    }
    return Topology(
      services: [
        service("details", ["v1"]), service("productpage", ["v1"]), service("ratings", ["v1"]),
        service("reviews", ["v1", "v2", "v3"]),
      ],
      gateways: [.init(node: ingress, pods: .init(ready: 1, total: 1))],
      marks: [
        .init(.circuitBreaker, on: node("reviews"), detail: "100 connections, ejects after 5 errors in a row"),
        .init(.fault, on: ratings, detail: "2 % delay 5 s"),
      ],
      ejections: [.init(node: reviews3, address: "10.0.3.7:9080", callers: [proxyIDs[2]])])
  }
}
