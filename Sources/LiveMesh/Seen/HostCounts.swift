import EnvoyAPI
import ProxyLogs

/// Turns the per-host counters of one proxy (`/clusters`) into what happened between two readings.
struct HostCounts: Sendable {
  struct Delta: Equatable, Sendable {
    var cluster: ClusterName
    /// Of the host, with its port.
    var address = ""
    var requests: Int
    var errors: Int
  }

  private struct Host: Hashable, Sendable {
    let cluster: String
    let address: String
  }

  private var successes = CounterWindow<Host>(leavesOutZeros: true)
  private var errors = CounterWindow<Host>(leavesOutZeros: true)

  /// What each host of each cluster got, of a reading that may leave out hosts that never got anything. Those without
  /// requests since the last one are left out. The first reading gives nothing: what it counts may be days old.
  mutating func advance(to clusters: [ClusterStatus]) -> [Delta] {
    let called = clusters.filter { $0.istioName?.direction == .outbound }.flatMap { cluster in
      cluster.hosts.map { (Host(cluster: cluster.name, address: $0.address), $0) }
    }
    let newSuccesses = successes.advance(
      to: called.compactMap { key, host in host.successes.map { (key: key, value: $0) } })
    let newErrors = errors.advance(to: called.compactMap { key, host in host.errors.map { (key: key, value: $0) } })
    // Their sum, and not the host's own count of requests: that leaves out those that could not connect.
    return Set(newSuccesses.keys).union(newErrors.keys).compactMap { host in
      let (good, bad) = (newSuccesses[host] ?? 0, newErrors[host] ?? 0)
      guard good > 0 || bad > 0 else { return nil }
      return ClusterName(host.cluster).map {
        Delta(
          cluster: $0, address: host.address, requests: Int(clamping: good &+ bad), errors: Int(clamping: bad))
      }
    }
  }

  /// To be called when the proxy was not read for a while, so that the gap does not count as one moment.
  mutating func forget() { self = HostCounts() }
}
