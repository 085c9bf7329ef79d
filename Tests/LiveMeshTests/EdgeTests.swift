import EnvoyAPI
import IstioAPI
import JSON
import KubernetesAPI
import MeshModel
import ProxyLogs
import Testing

@testable import LiveMesh

/// The pods of a small mesh, as the API server tells of them.
private func pod(
  _ name: String, _ workload: String, hash: String, ip: String, labels: [String: String], ready: Bool = true,
  isGateway: Bool = false, namespace: String = "bookinfo"
) throws -> Pod {
  var all = labels
  all["pod-template-hash"] = hash
  let proxy = #"{"name":"istio-proxy","image":"proxyv2:1.30"}"#
  let containers = isGateway ? proxy : proxy + #",{"name":"app","image":"app:1"}"#
  let text = """
    {"metadata":{"name":"\(name)","namespace":"\(namespace)",
      "labels":{\(all.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\"\($0.value)\"" }.joined(separator: ","))},
      "ownerReferences":[{"kind":"ReplicaSet","name":"\(workload)-\(hash)","controller":true}]},
     "spec":{"containers":[\(containers)]},
     "status":{"phase":"Running","podIP":"\(ip)",
       "conditions":[{"type":"Ready","status":"\(ready ? "True" : "False")"}]}}
    """
  return Pod(try #require(KubernetesObject(try JSON(parsing: Array(text.utf8)))))
}

private func service(
  _ name: String, _ selector: [String: String], annotations: String = "{}", namespace: String = "bookinfo"
) throws -> Service {
  let labels = selector.map { "\"\($0.key)\":\"\($0.value)\"" }.joined(separator: ",")
  let text = """
    {"metadata":{"name":"\(name)","namespace":"\(namespace)","annotations":\(annotations)},
     "spec":{"selector":{\(labels)},"ports":[{"port":9080}]}}
    """
  return Service(try #require(KubernetesObject(try JSON(parsing: Array(text.utf8)))))
}

private func mesh(reviewsReady: Bool = true) throws -> AskedResources {
  AskedResources(
    virtualServices: [], destinationRules: [],
    services: [
      try service("productpage", ["app": "productpage"]),
      try service("reviews", ["app": "reviews"], annotations: #"{"health.kiali.io/rate":"4XX,10,20,http,inbound"}"#),
      try service("ledger-api", ["app": "ledger"]), try service("outside", [:]),
    ],
    pods: [
      try pod(
        "productpage-v1-7c9f6b7d4d-x2lqp", "productpage-v1", hash: "7c9f6b7d4d", ip: "10.0.0.2",
        labels: ["app": "productpage", "version": "v1"]),
      try pod(
        "reviews-v1-5b5d6494f4-h7r2s", "reviews-v1", hash: "5b5d6494f4", ip: "10.0.0.4",
        labels: ["app": "reviews", "version": "v1"]),
      try pod(
        "reviews-v3-86bb9ff5c6-x2n8v", "reviews-v3", hash: "86bb9ff5c6", ip: "10.0.0.6",
        labels: ["app": "reviews", "version": "v3"], ready: reviewsReady),
      try pod("ledger-6d8b8f5b9c-k8w2t", "ledger", hash: "6d8b8f5b9c", ip: "10.0.0.8", labels: ["app": "ledger"]),
      try pod(
        "istio-ingressgateway-6d8b8f5b9c-k8w2t", "istio-ingressgateway", hash: "6d8b8f5b9c", ip: "10.0.0.1",
        labels: ["istio": "ingressgateway"], isGateway: true),
    ])
}

private let ingress = MeshNode(.ingress, namespace: "bookinfo", name: "istio-ingressgateway")
private let productpage = MeshNode(namespace: "bookinfo", name: "productpage", version: "v1")
private func reviewsNode(_ version: String?) -> MeshNode {
  MeshNode(namespace: "bookinfo", name: "reviews", version: version)
}

/// A line in Istio's text format.
private func line(
  _ cluster: String, code: Int = 200, flags: String = "-", upstream: String = "10.0.0.4:9080",
  remote: String = "10.0.0.2:41000", sni: String = "-", milliseconds: Int = 5, isConnection: Bool = false,
  second: Int = 0
) -> ProxyLogLine {
  let request = isConnection ? "- - -" : "GET /reviews/0 HTTP/1.1"
  return ProxyLogLine(
    "[2026-11-23T02:17:\(second < 10 ? "0" : "")\(second).114Z] \"\(request)\" \(isConnection ? 0 : code) \(flags) via_upstream - \"-\" "
      + "100 200 \(milliseconds) 4 \"-\" \"curl\" \"9f3a\" \"reviews:9080\" \"\(upstream)\" \(cluster) "
      + "10.0.0.2:38040 10.96.0.1:9080 \(remote) \(sni) default")
}

private let toReviews = "outbound|9080||reviews.bookinfo.svc.cluster.local"

@Suite struct EdgeTests {
  let names: NodeNames
  let caller = ProxyID("productpage-v1-7c9f6b7d4d-x2lqp.bookinfo")
  let end = Timestamp("2026-11-23T02:17:30Z")!

  init() throws { names = Asked(try mesh()).names }

  func call(_ line: ProxyLogLine, of proxy: String? = nil, isGateway: Bool = false) -> SeenCall? {
    var nodes = ClusterNodes(names)
    return SeenCall(
      line, of: names.node(of: proxy.map { ProxyID($0) } ?? caller, isGateway: isGateway), names: &nodes)
  }

  @Test func aPodIsKnownByItsServiceAndItsVersion() {
    #expect(names.node(of: caller, isGateway: false) == productpage)
    #expect(names.node(at: "10.0.0.6:9080") == reviewsNode("v3"))
    #expect(names.node(at: "10.0.0.8") == MeshNode(namespace: "bookinfo", name: "ledger-api"), "its Service's name")
    #expect(names.node(at: "10.9.9.9:80") == nil)
    #expect(
      names.node(of: ProxyID("edge-7d4b9c6f8-bcdfg.istio-system"), isGateway: true)
        == MeshNode(.ingress, namespace: "istio-system", name: "edge"), "of another namespace")
  }

  @Test(
    arguments: [
      ("outbound|443||api.example.com", nil, MeshNode(.external, name: "api.example.com")),
      ("PassthroughCluster", "1.2.3.4:443", .passthrough), ("BlackHoleCluster", nil, .blackHole),
      (toReviews, "10.0.0.6:9080", reviewsNode("v3")), (toReviews, nil, reviewsNode(nil)),
      ("outbound|9080|v2|reviews.bookinfo.svc.cluster.local", nil, reviewsNode("v2")),
    ] as [(String, String?, MeshNode)])
  func whereAClusterLeads(_ cluster: String, _ upstream: String?, _ node: MeshNode) {
    #expect(names.node(of: cluster, upstream: upstream) == node)
  }

  @Test func aLineSaysWhoCalledWhom() throws {
    let out = try #require(call(line(toReviews, upstream: "10.0.0.6:9080")))
    #expect(out.edge == EdgeID(from: productpage, to: reviewsNode("v3")))
    #expect(out.isBySource && out.bytesSent == 200 && out.bytesReceived == 100)
    let within = try #require(
      call(line("inbound|9080||", sni: "outbound_.9080_._.reviews"), of: "reviews-v3-86bb9ff5c6-x2n8v.bookinfo"))
    #expect(within.edge == EdgeID(from: productpage, to: reviewsNode("v3")))
    #expect(within.isMutualTLS == true && !within.isBySource)
    let stranger = call(line("inbound|9080||", remote: "192.168.1.1:555"), of: "reviews-v1-5b5d6494f4-h7r2s.bookinfo")
    #expect(stranger?.source == .unknown && stranger?.isMutualTLS == false)
    // Behind a gateway the address is that of the gateway's own client, and has no port.
    let proxied = call(line("inbound|9080||", remote: "192.168.1.1:0"), of: "reviews-v1-5b5d6494f4-h7r2s.bookinfo")
    #expect(proxied?.edge == nil && proxied?.destination == reviewsNode("v1"))
  }

  @Test func aConnectionIsNoRequest() throws {
    let tcp = try #require(call(line("outbound|3306||db.example.com", isConnection: true)))
    #expect(tcp.traffic == .tcp && !tcp.isError && tcp.duration == nil)
    #expect(try #require(call(line("outbound|3306||db.example.com", flags: "UF,URX", isConnection: true))).isError)
  }

  func ledger(_ calls: [(SeenCall?, ProxyID)]) throws -> EdgeLedger {
    var ledger = EdgeLedger()
    for (call, proxy) in calls { ledger.add(try #require(call), from: proxy) }
    return ledger
  }

  /// Both ends tell of the same requests; the caller alone knows of those that never arrived.
  @Test func bothEndsOfAnEdgeAreOne() throws {
    let callee = ProxyID("reviews-v1-5b5d6494f4-h7r2s.bookinfo")
    var calls: [(SeenCall?, ProxyID)] = []
    for second in 10..<20 {
      calls.append((call(line(toReviews, second: second)), caller))
      calls.append(
        (call(line("inbound|9080||", sni: "outbound_.9080_._.reviews", second: second), of: callee.name), callee))
    }
    calls.append((call(line(toReviews, code: 503, flags: "UF", upstream: "10.0.0.4:9080", second: 20)), caller))
    calls.append((call(line(toReviews, code: 503, flags: "UH", upstream: "-", second: 20)), caller))
    let sample = try ledger(calls).sample(now: end, over: .seconds(60), sight: LogSight())
    let edge = try #require(sample.edges[EdgeID(from: productpage, to: reviewsNode("v1"))])
    #expect(edge.requests == 11 && edge.errors == 1)
    #expect(edge.codes == ["200": 10, "503": 1])
    #expect(edge.flags.mapKeys(\.code) == ["UF": 1])
    #expect(edge.security == .mutualTLS)
    let nowhere = try #require(sample.edges[EdgeID(from: productpage, to: reviewsNode(nil))])
    #expect(nowhere.requests == 1 && nowhere.errors == 1, "no endpoint, so no version")
    #expect(sample.source == .accessLogs)
  }

  @Test func whatOnlyTheDestinationTellsIsThereToo() throws {
    let callee = "reviews-v1-5b5d6494f4-h7r2s.bookinfo"
    let sample = try ledger([(call(line("inbound|9080||", remote: "1.1.1.1:99"), of: callee), ProxyID(callee))])
      .sample(now: end, over: .seconds(60), sight: LogSight())
    #expect(sample.edges[EdgeID(from: .unknown, to: reviewsNode("v1"))]?.requests == 1)
    #expect(sample.edges[EdgeID(from: .unknown, to: reviewsNode("v1"))]?.security == .plaintext)
  }

  @Test func theWindowBeforeAndTheHistoryAreApart() throws {
    let calls = (0..<30).map { second in
      (
        call(line(toReviews, code: second >= 25 ? 503 : 200, milliseconds: second < 20 ? 4 : 400, second: second)),
        caller
      )
    }
    let sample = try ledger(calls).sample(now: end, over: .seconds(10), sight: LogSight())
    let edge = try #require(sample.edges.values.first)
    #expect(edge.requests == 10 && edge.errors == 5)
    #expect(edge.before == .init(requests: 10, errors: 0, p99: .milliseconds(4)))
    #expect(edge.history.suffix(6).map(\.requests) == [5, 5, 5, 5, 5, 5])
    #expect(edge.history.suffix(3).map(\.errors) == [0, 0, 5])
    #expect(edge.history.suffix(3).first?.p99 == .milliseconds(4))
    #expect((380...420).contains(Int((edge.history.last?.p99?.seconds ?? 0) * 1000)))
    #expect(sample.observedSince == Timestamp("2026-11-23T02:17:00.114Z"))
  }

  /// Proxies without logs count by host, and tell neither codes nor latencies.
  @Test func countersOfAProxyMakeEdgesToo() throws {
    var ledger = EdgeLedger()
    let cluster = try #require(ClusterName(toReviews))
    let gained = ProxyCounters.Gained(hosts: [
      .init(cluster: cluster, address: "10.0.0.6:9080", requests: 40, errors: 4),
      .init(cluster: cluster, address: "10.0.0.4:9080", requests: 60, errors: 0),
    ])
    ledger.add(gained, from: ingress, names: names, at: end - .seconds(2))
    let sample = ledger.sample(now: end, over: .seconds(60), sight: LogSight())
    let canary = try #require(sample.edges[EdgeID(from: ingress, to: reviewsNode("v3"))])
    #expect(canary.requests == 40 && canary.errors == 4 && canary.p99 == nil && canary.codes.isEmpty)
    #expect(sample.source == .counters)
  }

  @Test func whatIsOldIsForgotten() throws {
    var ledger = try ledger([(call(line(toReviews)), caller)])
    ledger.forget(before: end + .seconds(3600))
    #expect(ledger.sample(now: end, over: .seconds(60), sight: LogSight()).edges.isEmpty)
  }

  @Test func aHostileLogCannotMakeItGrow() throws {
    var ledger = EdgeLedger()
    for number in 0..<(EdgeLedger.mostEdges + 500) {
      ledger.add(try #require(call(line("outbound|80||h\(number).example.com"))), from: caller)
    }
    let sample = ledger.sample(now: end, over: .seconds(60), sight: LogSight())
    #expect(sample.edges.count == EdgeLedger.mostEdges)
  }
}

extension Dictionary {
  fileprivate func mapKeys<Other: Hashable>(_ key: (Key) -> Other) -> [Other: Value] {
    Dictionary<Other, Value>(uniqueKeysWithValues: map { (key($0.key), $0.value) })
  }
}

@Suite struct TopologyTests {
  @Test func whatTheResourcesSayThereIs() throws {
    let topology = Asked(try mesh(reviewsReady: false)).topology
    #expect(topology.services.map(\.id.name) == ["ledger-api", "productpage", "reviews"])
    let reviews = try #require(topology.services.last)
    #expect(reviews.healthAnnotation == "4XX,10,20,http,inbound")
    #expect(reviews.versions.map(\.name) == ["v1", "v3"])
    #expect(reviews.versions.map(\.workloads) == [["reviews-v1"], ["reviews-v3"]])
    #expect(reviews.versions.map(\.pods.ready) == [1, 0])
    #expect(reviews.versions.last?.unready == ["reviews-v3-86bb9ff5c6-x2n8v"])
    #expect(topology.services.first?.versions.map(\.name) == [nil])
    #expect(topology.gateways.map(\.node) == [ingress])
  }

  @Test func whatRoutingDoesBesidesIsMarked() throws {
    func resource(_ text: String) throws -> KubernetesObject {
      try #require(KubernetesObject(try JSON(parsing: Array(text.utf8))))
    }
    var resources = try mesh()
    resources.virtualServices = [
      VirtualService(
        try resource(
          """
          {"metadata":{"name":"reviews","namespace":"bookinfo"},"spec":{"hosts":["reviews"],"http":[
            {"fault":{"abort":{"httpStatus":503,"percentage":{"value":10}},"delay":{"fixedDelay":"5s","percentage":{"value":2.5}}},
             "timeout":"2s","retries":{"attempts":3},
             "mirror":{"host":"reviews","subset":"v3"},"mirrorPercentage":{"value":50},
             "route":[{"destination":{"host":"reviews","subset":"v1"}}]}]}}
          """))
    ]
    resources.destinationRules = [
      DestinationRule(
        try resource(
          """
          {"metadata":{"name":"reviews","namespace":"bookinfo"},"spec":{"host":"reviews",
            "trafficPolicy":{"connectionPool":{"tcp":{"maxConnections":20}},"outlierDetection":{"consecutive5xxErrors":7}},
            "subsets":[{"name":"v3","labels":{"version":"v3"},"trafficPolicy":{"outlierDetection":{}}}]}}
          """))
    ]
    let marks = Asked(resources).topology.marks.map { "\($0.node): \($0.kind.rawValue), \($0.detail)" }
    #expect(
      marks == [
        "reviews v1: fault, 10 % abort 503, 2.5 % delay 5s", "reviews v1: timeout, 2s", "reviews v1: retries, 3 tries",
        "reviews v3: mirror, gets a copy of 50 % of reviews's requests",
        "reviews: circuit breaker, at most 20 connections, out after 7 errors",
        "reviews v3: circuit breaker, out after 5 errors",
      ])
  }

  @Test func servicesFindTheirPodsAsASearchOfAllWould() throws {
    let resources = try mesh()
    let index = PodIndex(resources.pods ?? [])
    for service in resources.services ?? [] {
      let slow = index.pods.indices.filter {
        index.pods[$0].namespace == service.namespace && service.selects(index.pods[$0].labels)
      }
      #expect(index.selected(by: service) == slow, "\(service.name)")
    }
  }
}

@Suite struct RingCoarseningTests {
  /// What is older than some minutes is kept by five seconds; nothing is lost by that.
  @Test func coarseningKeepsEveryRequest() {
    var ring = TrafficRing()
    for second in 0..<600 { ring.add(seen(nil, at: 1_000_000 + Int64(second), code: second % 7 == 0 ? 503 : 200)) }
    let end = Timestamp(seconds: 1_000_600)
    let before = ring.sum(from: end - .seconds(600), to: end)
    let slices = ring.slices(24, of: 5, before: end).map(\.requests)
    ring.forget(before: end)
    ring.forget(before: end + .seconds(1))
    let after = ring.sum(from: end - .seconds(600), to: end)
    #expect(after.requests == before.requests && after.errors == before.errors && after.codes == before.codes)
    #expect(ring.slices(24, of: 5, before: end).map(\.requests) == slices, "the last two minutes stay fine")
    ring.forget(before: end + .seconds(TrafficRing.span - 300))
    #expect(ring.sum(from: end - .seconds(600), to: end).requests == 300)
  }
}
