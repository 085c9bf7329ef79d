import JSON
import KubernetesAPI

/// What istiod sent to a proxy and what the proxy said to it: an entry of `/debug/syncz`. Only proxies connected to the
/// istiod that was asked are there.
public struct ProxySync: Equatable, Sendable {
  /// Its pod, or whatever stands before the last dot of its id.
  public let name: String
  public let namespace: String
  /// `sidecar`, `router`, `waypoint` or `ztunnel`; `nil` from an older istiod.
  public let kind: String?
  public let istioVersion: String?
  public let cluster: String?
  /// The types that it subscribed to.
  public let types: [XDSType: TypeSync]

  /// As istiod names it: `pod.namespace`.
  public var id: String { namespace.isEmpty ? name : "\(name).\(namespace)" }
}

/// A type of configuration, by the service that carries it.
public enum XDSType: Hashable, Sendable {
  case clusters, listeners, routes, endpoints, extensions
  /// Its type URL.
  case other(String)

  init(url: String) {
    switch url.split(separator: "/").last {
    case "envoy.config.cluster.v3.Cluster": self = .clusters
    case "envoy.config.listener.v3.Listener": self = .listeners
    case "envoy.config.route.v3.RouteConfiguration": self = .routes
    case "envoy.config.endpoint.v3.ClusterLoadAssignment": self = .endpoints
    case "envoy.config.core.v3.TypedExtensionConfig": self = .extensions
    default: self = .other(plain(url))
    }
  }
}

/// Where a type of configuration stands between istiod and a proxy.
public struct TypeSync: Equatable, Sendable {
  public enum State: Equatable, Sendable {
    case notSent
    case synced
    /// Sent and not yet answered. Shorter than a push this is in order.
    case stale
    /// The proxy refused it, in its own words, and keeps what it had.
    case rejected(reason: String)
  }

  public let state: State
  /// RFC 3339, of the last sending; `nil` from an older istiod.
  public let sentTime: String?

  /// The nonces are opaque: of thousands of proxies only what they tell is kept. By istioctl's rule
  /// (pilot/pkg/xds/statusgen.go).
  init(sent: String?, acked: String?, sentTime: String? = nil, lastError: String? = nil) {
    switch (sent, lastError) {
    case (_, let reason?): state = .rejected(reason: reason)
    case (nil, nil): state = .notSent
    case (let sent?, nil): state = acked == sent ? .synced : .stale
    }
    self.sentTime = sentTime
  }
}

extension ProxySync {
  /// `nil` when the entry names no proxy.
  init?(_ json: JSON) {
    guard let id = json["proxy"]?.string, !id.isEmpty else { return nil }
    // A pod's name may hold dots, a namespace may not.
    let dot = id.lastIndex(of: ".")
    name = plain(dot.map { id[..<$0] } ?? id[...])
    namespace = plain(dot.map { id[id.index(after: $0)...] } ?? "")
    kind = text(json["proxy_type"])
    istioVersion = text(json["istio_version"]) ?? text(json["proxy_version"])
    cluster = text(json["cluster_id"])
    var types: [XDSType: TypeSync] = [:]
    let named: [(String, XDSType)] = [
      ("cluster", .clusters), ("listener", .listeners), ("route", .routes), ("endpoint", .endpoints),
      ("extensionconfig", .extensions),
    ]
    for (key, type) in named {
      let sent = text(json["\(key)_sent"])
      let acked = text(json["\(key)_acked"])
      guard sent != nil || acked != nil else { continue }
      types[type] = TypeSync(sent: sent, acked: acked)
    }
    if let resources = json["resources"] {
      for (url, sync) in resources.members {
        types[XDSType(url: url)] = TypeSync(
          sent: text(sync["sent"]), acked: text(sync["acked"]), sentTime: text(sync["sentTime"]),
          lastError: text(sync["lastError"]))
      }
    }
    self.types = types
  }
}

/// A text that says something.
private func text(_ json: JSON?) -> String? {
  json?.string.flatMap { $0.isEmpty ? nil : plain($0) }
}
