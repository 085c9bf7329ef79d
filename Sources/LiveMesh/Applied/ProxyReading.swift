import EnvoyAPI
import MeshModel

/// What is known of one proxy from its own admin API. When it falls silent, what was known stays.
struct ProxyReading: Equatable, Sendable {
  /// `nil` until the proxy has said who it is.
  var id: ProxyID?
  /// Where it is asked, for a person.
  var address: String
  var kind: ProxyStatus.Kind = .unknown
  var version: String?
  var reach: ProxyStatus.Reach
  /// When it was read last.
  var read: Timestamp?
  /// `nil` until they have been read.
  var routes: ProxyRoutes?
  /// What its listeners pass on as it is; empty while nobody asks for that.
  var byteRoutes: [ByteRoute] = []
  /// How far its subscriptions are by its own counters.
  var subscriptions: [XDSType: SyncState] = [:]
}

extension ProxyStatus.Kind {
  /// By the first part of Istio's node id, or istiod's `proxy_type`.
  init(istio word: String) {
    switch word {
    case "sidecar": self = .sidecar
    case "router": self = .gateway
    case "waypoint": self = .waypoint
    case "ztunnel": self = .ztunnel
    default: self = .unknown
    }
  }
}

/// Tells from a proxy's counters whether what was sent to it last was taken or refused. The counters alone do not say
/// in which order things happened; two readings do.
struct SubscriptionWatch: Sendable {
  private struct Counts: Equatable {
    var taken: UInt64
    var rejected: UInt64
  }

  private var last: [XDSSubscription.Subject: Counts] = [:]
  private var refusing: [XDSSubscription.Subject: Timestamp] = [:]

  static let reason = "rejected (the control plane or the proxy's log has the reason)"

  /// The state of each type, over all its subscriptions. Types without counters are left out: Istio's default list of
  /// stats has none for routes.
  mutating func advance(to subscriptions: [XDSSubscription], now: Timestamp) -> [XDSType: SyncState] {
    var states: [XDSType: SyncState] = [:]
    for subscription in subscriptions {
      guard let taken = subscription.taken, let rejected = subscription.rejected else { continue }
      let subject = subscription.subject
      let counts = Counts(taken: taken, rejected: rejected)
      if let before = last[subject] {
        if counts.taken != before.taken { refusing[subject] = nil }
        if counts.rejected > before.rejected { refusing[subject] = now }
      } else if rejected > 0, taken == 0 {
        refusing[subject] = now
      }
      last[subject] = counts
      let type: XDSType =
        switch subject {
        case .clusters: .clusters
        case .listeners: .listeners
        case .routes: .routes
        case .endpoints: .endpoints
        }
      if let since = refusing[subject] {
        states[type] = .rejected(reason: Self.reason, since: since)
      } else if states[type] == nil, taken > 0 {
        states[type] = .synced(since: nil)
      }
    }
    return states
  }
}
