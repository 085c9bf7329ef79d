import EnvoyAPI
import ProxyLogs

/// Turns the counters that one proxy keeps of its clusters, and of the routes that have a prefix for stats, into what
/// happened between two readings. Istio's default list of stats has neither; where they are wanted, `proxyStatsMatcher`
/// of the mesh or of the pod takes them in.
struct StatCounts: Sendable {
  enum Subject: Hashable, Sendable {
    case cluster(ClusterName)
    /// All routes with this `statPrefix`, in whatever virtual host.
    case route(statPrefix: String)
  }

  struct Delta: Equatable, Sendable {
    var subject: Subject
    var requests: Int
    var errors: Int
    var latencies: LatencyCounts
  }

  /// Final responses, those among them that are 5xx (both with what the proxy answers by itself), and their times.
  static let query = StatsQuery(
    filter: #"^(cluster\.outbound\|.*|vhost\..*\.route\..*)\.upstream_rq_(completed|5xx|time)$"#, usedOnly: true,
    histograms: .detailed)

  private struct Reading: Sendable {
    var completed: UInt64 = 0
    var errors: UInt64 = 0
    var times = Histogram()
  }

  private var last: [Subject: Reading]?

  /// Whether the last reading had counters of clusters, so that those of their hosts need not be asked for.
  private(set) var hasClusters = false
  var isEmpty: Bool { last?.isEmpty ?? true }

  /// What each subject got; those without requests are left out. The first reading gives nothing: what it counts may
  /// be days old. After it, what was not there before is new: stats that were never used are left out of the answer.
  mutating func advance(to stats: Stats) -> [Delta] {
    var now: [Subject: Reading] = [:]
    for (name, value) in stats.numbers {
      guard let (subject, field) = Self.parts(of: name) else { continue }
      switch field {
      case "completed": now[subject, default: Reading()].completed &+= value
      case "5xx": now[subject, default: Reading()].errors &+= value
      default: break
      }
    }
    for (name, histogram) in stats.histograms {
      guard let (subject, field) = Self.parts(of: name), field == "time" else { continue }
      now[subject, default: Reading()].times = (now[subject]?.times ?? Histogram()).merging(histogram)
    }
    hasClusters = now.keys.contains { if case .cluster = $0 { true } else { false } }
    defer { last = now }
    guard let last else { return [] }
    return now.compactMap { subject, reading in
      let before = last[subject] ?? Reading()
      let requests = CounterDelta.between(before.completed, reading.completed)
      guard requests > 0 else { return nil }
      // The two start anew at different times, so that for a moment there may be more errors than requests.
      let errors = min(requests, CounterDelta.between(before.errors, reading.errors))
      return Delta(
        subject: subject, requests: Int(clamping: requests), errors: Int(clamping: errors),
        latencies: LatencyCounts(reading.times.since(before.times)))
    }
  }

  /// To be called when the proxy was not read for a while, so that the gap does not count as one moment.
  mutating func forget() { self = StatCounts() }

  private static func parts(of stat: String) -> (Subject, field: String)? {
    guard let end = stat.ranges(of: ".upstream_rq_").last else { return nil }
    let (owner, field) = (stat[..<end.lowerBound], String(stat[end.upperBound...]))
    if owner.hasPrefix("cluster."), let name = ClusterName(String(owner.dropFirst("cluster.".count))),
      name.direction == .outbound, let host = name.host, !isPartial(host)
    {
      return (.cluster(name), field)
    }
    if owner.hasPrefix("vhost."), !owner.hasPrefix("vhost.inbound|"), let mark = owner.ranges(of: ".route.").last {
      return (.route(statPrefix: String(owner[mark.upperBound...])), field)
    }
    return nil
  }

  /// Envoy counts the same requests once more by where they came from and by canary and zone.
  private static func isPartial(_ host: String) -> Bool {
    host.contains(";") || host.hasSuffix(".external") || host.hasSuffix(".internal") || host.hasSuffix(".canary")
      || host.contains(".zone.")
  }
}

extension LatencyCounts {
  /// Of times in milliseconds; each class counts by its middle.
  init(_ histogram: Histogram) {
    self.init()
    for bin in histogram.bins {
      let middle = min(max(0, bin.lowerBound + bin.width / 2), 3_600_000)
      add(.milliseconds(Int(middle)), count: Int(clamping: bin.count))
    }
  }
}
