import EnvoyAPI
import MeshModel
import ProxyLogs

/// Everything that was seen going over the edges of the graph. An edge can be told of from both ends; the caller's word
/// counts, since it alone knows of requests that never arrived.
struct EdgeLedger: Sendable {
  static let slices = 24
  /// Edges that are kept at most, so that a mesh of any size fits in memory.
  static let mostEdges = 10_000

  private struct Ends: Sendable {
    var bySource = TrafficRing()
    var byDestination = TrafficRing()
    /// Of proxies that keep only sums.
    var byCounters = TrafficRing()
    /// Whose word it is, and when each was heard last.
    var reporters: [ProxyID: Timestamp] = [:]

    var isEmpty: Bool { bySource.isEmpty && byDestination.isEmpty && byCounters.isEmpty }

    mutating func forget(before now: Timestamp, reportersBefore oldest: Timestamp) {
      bySource.forget(before: now)
      byDestination.forget(before: now)
      byCounters.forget(before: now)
      reporters = reporters.filter { $0.value >= oldest }
    }
  }

  private var edges: [EdgeID: Ends] = [:]
  /// How requests arrived at each node, whoever sent them.
  private var arrivals: [MeshNode: TrafficRing] = [:]
  private var firstSeen: Timestamp?
  private var countersRead: Timestamp?

  mutating func add(_ call: SeenCall, from proxy: ProxyID) {
    firstSeen = min(firstSeen ?? call.time, call.time)
    if let isMutual = call.isMutualTLS, arrivals[call.destination] != nil || arrivals.count < Self.mostEdges {
      arrivals[call.destination, default: TrafficRing()].with(call.time) { sum in
        if isMutual { sum.mutualTLS += 1 } else { sum.plaintext += 1 }
      }
    }
    guard let edge = call.edge, edges[edge] != nil || edges.count < Self.mostEdges else { return }
    let place: WritableKeyPath<Ends, TrafficRing> = call.isBySource ? \.bySource : \.byDestination
    edges[edge, default: Ends()][keyPath: place].with(call.time) { sum in
      sum.addRequest(code: call.code, flags: call.flags, isError: call.isError, duration: call.duration)
      sum.bytesReceived &+= call.bytesReceived
      sum.bytesSent &+= call.bytesSent
      if let isMutual = call.isMutualTLS {
        if isMutual { sum.mutualTLS += 1 } else { sum.plaintext += 1 }
      }
    }
    edges[edge]?.reporters[proxy] = call.time
  }

  /// - Parameter source: whose proxy counted.
  mutating func add(_ gained: ProxyCounters.Gained, from source: MeshNode, names: NodeNames, at time: Timestamp) {
    firstSeen = min(firstSeen ?? time, time)
    countersRead = max(countersRead ?? time, time)
    for delta in gained.hosts {
      guard let host = delta.cluster.host else { continue }
      let destination = names.node(of: delta.cluster, host: host, upstream: delta.address)
      count(EdgeID(from: source, to: destination), delta.requests, delta.errors, LatencyCounts(), at: time)
    }
    for delta in gained.stats {
      guard case .cluster(let cluster) = delta.subject, let host = cluster.host else { continue }
      let destination = names.node(of: cluster, host: host, upstream: nil)
      count(EdgeID(from: source, to: destination), delta.requests, delta.errors, delta.latencies, at: time)
    }
  }

  private mutating func count(
    _ edge: EdgeID, _ requests: Int, _ errors: Int, _ latencies: LatencyCounts, at time: Timestamp
  ) {
    guard edges[edge] != nil || edges.count < Self.mostEdges else { return }
    edges[edge, default: Ends()].byCounters.add(requests: requests, errors: errors, latencies: latencies, at: time)
  }

  mutating func forget(before now: Timestamp) {
    let oldest = now - .seconds(TrafficRing.span)
    for edge in Array(edges.keys) { edges[edge]?.forget(before: now, reportersBefore: oldest) }
    edges = edges.filter { !$0.value.isEmpty }
    for node in Array(arrivals.keys) { arrivals[node]?.forget(before: now) }
    arrivals = arrivals.filter { !$0.value.isEmpty }
  }

  /// What went over each edge in a window that ends when it was last observed.
  func sample(now: Timestamp, over window: Duration, sight: LogSight) -> EdgeSample {
    var sample = EdgeSample(
      end: now, observedSince: firstSeen, window: window, slice: DestinationTraffic.sliceLength,
      source: edges.isEmpty || edges.values.contains { !$0.bySource.isEmpty } ? .accessLogs : .counters, edges: [:])
    var oldestEnd: Timestamp?
    for (id, ends) in edges {
      guard var traffic = traffic(over: ends, window, now: now, sight), let end = traffic.end else { continue }
      // Only the one who gets a request knows whether it came by mutual TLS.
      if traffic.security == .unknown, let arrivals = arrivals[id.destination] {
        traffic.security = arrivals.sum(from: end - window, to: end).security
      }
      sample.edges[id] = traffic
      oldestEnd = min(oldestEnd ?? end, end)
    }
    sample.end = oldestEnd ?? min(sight.end ?? countersRead ?? now, now)
    sample.window = firstSeen.map { min(window, max(.zero, sample.end - $0)) } ?? .zero
    return sample
  }

  /// `nil` where nothing went over it in the window and the history.
  private func traffic(
    over ends: Ends, _ window: Duration, now: Timestamp, _ sight: LogSight
  ) -> EdgeTraffic? {
    let reporters = ends.reporters.filter { reporter, last in
      sight.until(reporter).map { last >= $0 - window - window } ?? false
    }
    let logsEnd = min(sight.end(of: reporters.keys) ?? sight.end ?? now, now)
    let countersEnd = min(countersRead.map { Timestamp(seconds: $0.wholeSecond + 1) } ?? now, now)
    for (ring, end, knowsCodes) in [
      (ends.bySource, logsEnd, true), (ends.byDestination, logsEnd, true), (ends.byCounters, countersEnd, false),
    ] where !ring.isEmpty {
      let slices = ring.slices(Self.slices, of: DestinationTraffic.sliceLength.components.seconds, before: end)
      let sum = ring.sum(from: end - window, to: end)
      guard sum.requests > 0 || slices.contains(where: { $0.requests > 0 }) else { continue }
      let earlier = ring.sum(from: end - window - window, to: end - window)
      var traffic = EdgeTraffic(sum, slices: slices, earlier: earlier, knowsCodes: knowsCodes)
      traffic.end = end
      if traffic.security == .unknown {
        traffic.security = ends.byDestination.sum(from: end - window, to: end).security
      }
      return traffic
    }
    return nil
  }
}

extension EdgeTraffic {
  fileprivate init(_ sum: TrafficSum, slices: [TrafficSum], earlier: TrafficSum, knowsCodes: Bool) {
    var codes: [String: Double] = [:]
    for (code, count) in sum.codes { codes[code == 0 ? "-" : String(code)] = Double(count) }
    let others = sum.requests - sum.codes.values.reduce(0, +)
    if others > 0 { codes["200"] = Double(others) }
    self.init(
      requests: Double(sum.requests), errors: sum.unjudged > 0 ? nil : Double(sum.errors),
      p50: sum.latencies.percentile(0.5), p95: sum.latencies.percentile(0.95), p99: sum.latencies.percentile(0.99),
      codes: knowsCodes ? codes : [:],
      flags: Dictionary(
        sum.flags.merging(sum.otherFlags, uniquingKeysWith: +).map { (ResponseFlag($0.key), Double($0.value)) },
        uniquingKeysWith: +),
      security: sum.security,
      bytes: sum.bytesSent > 0 || sum.bytesReceived > 0
        // What a proxy received are requests, and what it sent the answers.
        ? Bytes(sent: Double(sum.bytesReceived), received: Double(sum.bytesSent)) : nil,
      history: slices.map {
        Slice(requests: Double($0.requests), errors: Double($0.errors), p99: $0.latencies.percentile(0.99))
      },
      before: earlier.requests > 0
        ? Before(
          requests: Double(earlier.requests), errors: earlier.unjudged > 0 ? nil : Double(earlier.errors),
          p99: earlier.latencies.percentile(0.99)) : nil)
  }
}
