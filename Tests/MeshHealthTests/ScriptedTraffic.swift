import MeshHealth
import MeshModel
import Peers

/// Bookinfo's traffic by the second, as a script says it, and the samples that a console would take of it.
struct ScriptedTraffic {
  struct Flow {
    var edge: EdgeID
    /// Requests each second.
    var rate: Double
    var errorShare: Double = 0
    var p99: Duration = .milliseconds(20)
  }

  static let start = Timestamp("2026-11-23T02:00:00Z")!
  static let ingress = MeshNode(.ingress, namespace: "istio-system", name: "istio-ingressgateway")
  static func node(_ name: String, _ version: String? = "v1") -> MeshNode {
    MeshNode(namespace: "bookinfo", name: name, version: version)
  }
  static let entry = EdgeID(from: ingress, to: node("productpage"))
  static let toDetails = EdgeID(from: node("productpage"), to: node("details"))
  static let toV1 = EdgeID(from: node("productpage"), to: node("reviews", "v1"))
  static let toV3 = EdgeID(from: node("productpage"), to: node("reviews", "v3"))
  static let toRatings = EdgeID(from: node("reviews", "v3"), to: node("ratings"))

  static let reviews = RouteID(
    resource: ResourceID(kind: .virtualService, namespace: "bookinfo", name: "reviews"), rule: 0)
  static func destination(_ version: String) -> Destination {
    Destination(host: "reviews.bookinfo.svc.cluster.local", subset: version)
  }
  static let route = Route(
    id: reviews, resourceVersion: "1", mesh: "istio", hosts: ["reviews.bookinfo.svc.cluster.local"],
    split: TrafficSplit([
      .init(destination: destination("v1"), weight: 75), .init(destination: destination("v3"), weight: 25),
    ]),
    readiness: [destination("v1"): .init(ready: 2, total: 2), destination("v3"): .init(ready: 1, total: 1)])

  private typealias Second = (requests: Double, errors: Double, p99: Duration)

  private var generator: SeededGenerator
  private var seconds: [EdgeID: [Second]] = [:]
  private(set) var elapsed = 0

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  var now: Timestamp { Self.start + .seconds(elapsed) }

  /// One more second passes.
  mutating func pass(_ flows: [Flow]) {
    elapsed += 1
    for flow in flows {
      // As many trials as there are requests: errors come by chance, as they do.
      let requests = Int((flow.rate * Double.random(in: 0.8...1.2, using: &generator)).rounded())
      let errors = (0..<requests).count { _ in Double.random(in: 0..<1, using: &generator) < flow.errorShare }
      let p99 = flow.p99 * Double.random(in: 0.7...1.4, using: &generator)
      var all = seconds[flow.edge] ?? Array(repeating: (0, 0, .zero), count: elapsed - 1)
      all += Array(repeating: (0, 0, .zero), count: elapsed - 1 - all.count)
      all.append((Double(requests), Double(errors), p99))
      seconds[flow.edge] = all
    }
    for edge in seconds.keys where (seconds[edge]?.count ?? 0) < elapsed { seconds[edge]?.append((0, 0, .zero)) }
  }

  private func sum(_ edge: EdgeID, from: Int, to: Int) -> (requests: Double, errors: Double, p99: Duration?) {
    let part = (seconds[edge] ?? [])[max(0, from)..<max(0, min(to, elapsed))].filter { $0.requests > 0 }
    return (
      part.reduce(0) { $0 + $1.requests }, part.reduce(0) { $0 + $1.errors },
      part.map(\.p99).sorted().last
    )
  }

  func edges(over window: Int = 60) -> EdgeSample {
    var edges: [EdgeID: EdgeTraffic] = [:]
    for edge in seconds.keys {
      let all = sum(edge, from: elapsed - window, to: elapsed)
      let before = sum(edge, from: elapsed - 2 * window, to: elapsed - window)
      let history = (0..<24).map { slice in
        let part = sum(edge, from: elapsed - (24 - slice) * 5, to: elapsed - (23 - slice) * 5)
        return EdgeTraffic.Slice(requests: part.requests, errors: part.errors, p99: part.p99)
      }
      guard all.requests > 0 || history.contains(where: { $0.requests > 0 }) else { continue }
      edges[edge] = EdgeTraffic(
        requests: all.requests, errors: all.errors, p50: all.p99.map { $0 / 4 }, p95: all.p99.map { $0 / 2 },
        p99: all.p99, codes: ["200": all.requests - all.errors, "503": all.errors],
        flags: all.errors > 0 ? [ResponseFlag("UF"): all.errors] : [:], history: history,
        before: before.requests > 0 ? .init(requests: before.requests, errors: before.errors, p99: before.p99) : nil)
    }
    return EdgeSample(
      end: now, observedSince: Self.start, window: .seconds(min(window, elapsed)), source: .accessLogs, edges: edges)
  }

  /// The same by the rule of `reviews`.
  func routes(over window: Int = 60) -> TrafficSample {
    var destinations: [Destination: DestinationTraffic] = [:]
    for (edge, version) in [(Self.toV1, "v1"), (Self.toV3, "v3")] {
      let all = sum(edge, from: elapsed - window, to: elapsed)
      let history = (0..<24).map { slice in
        let part = sum(edge, from: elapsed - (24 - slice) * 5, to: elapsed - (23 - slice) * 5)
        return DestinationTraffic.Slice(requests: Int(part.requests), errors: Int(part.errors))
      }
      destinations[Self.destination(version)] = DestinationTraffic(
        requests: Int(all.requests), errors: Int(all.errors), p99: all.p99, history: history)
    }
    return TrafficSample(
      end: now, window: .seconds(min(window, elapsed)),
      routes: [Self.reviews: .init(source: .accessLogs, isByRule: true, destinations: destinations)],
      observedSince: Self.start)
  }

  static let calm = [
    Flow(edge: entry, rate: 50, p99: .milliseconds(40)), Flow(edge: toDetails, rate: 50), Flow(edge: toV1, rate: 38),
    Flow(edge: toV3, rate: 12), Flow(edge: toRatings, rate: 12),
  ]

  func observation(_ changes: [ObservedChange] = [], topology: Topology? = nil) -> Observation {
    Observation(
      now: now, edges: edges(), traffic: routes(), routes: [Self.route], topology: topology, changes: changes)
  }
}
