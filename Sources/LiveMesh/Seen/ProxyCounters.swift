import EnvoyAPI
import MeshModel

/// Reads what one proxy counts: its stats of clusters and routes where it keeps them, else the counters of its hosts.
struct ProxyCounters: Sendable {
  /// Time between two looks at the stats of a proxy that has none of those wanted: it goes through all its stats for
  /// an empty answer.
  static let probeEvery: Duration = .seconds(60)

  struct Gained: Equatable, Sendable {
    var stats: [StatCounts.Delta] = []
    var hosts: [HostCounts.Delta] = []
  }

  private let admin: EnvoyAdmin
  private var stats = StatCounts()
  private var hosts = HostCounts()
  private var lastProbe: Timestamp?

  init(_ admin: EnvoyAdmin) { self.admin = admin }

  /// What came since the last reading; `nil` when the proxy does not answer.
  mutating func read(now: Timestamp) async -> Gained? {
    var gained = Gained()
    do throws(EnvoyAdminError) {
      if !stats.isEmpty || lastProbe.map({ now - $0 >= Self.probeEvery }) ?? true {
        lastProbe = now
        gained.stats = stats.advance(to: try await admin.stats(StatCounts.query))
      }
      if stats.hasClusters {
        hosts.forget()
      } else {
        gained.hosts = hosts.advance(to: try await admin.clusters(.called))
      }
    } catch {
      forget()
      return nil
    }
    return gained
  }

  /// To be called when the proxy was not read for a while, so that the gap does not count as one moment.
  mutating func forget() {
    stats.forget()
    hosts.forget()
  }
}
