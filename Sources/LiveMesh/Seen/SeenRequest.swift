import EnvoyAPI
import MeshModel
import ProxyLogs

/// One request that a proxy sent on, as its access log tells.
struct SeenRequest: Equatable, Sendable {
  var time: Timestamp
  /// Whether a gateway's proxy wrote it; the rules of gateways and of sidecars are other ones.
  var isGateway: Bool
  /// That of the caller: a host without a namespace is of this one. Empty when unknown.
  var namespace = ""
  var cluster: ClusterName
  /// The name of the Envoy route; empty when it has none.
  var routeName: String
  var authority: String
  var path: String
  /// 0 when no response was sent.
  var code: Int
  /// As they stand, joined by commas; `-` for none.
  var flags: String
  var duration: Duration?
  /// The address and port that it went to.
  var upstream: String?

  /// A failure of the service, or of the way to it. A client that went away counts too where it got nothing: a service
  /// that hangs shows in no other way.
  var isError: Bool { code >= 500 || code == 0 }
}

extension ClusterName {
  /// Whether requests to this cluster are requests to a destination. A destination without a port means any.
  func leads(to destination: Destination) -> Bool {
    direction == .outbound && host == destination.host && subset == destination.subset
      && (destination.port ?? port) == port
  }
}
