import EnvoyAPI
import MeshModel
import ProxyLogs

/// One request, or connection, as a proxy at one of its ends tells of it.
struct SeenCall: Equatable, Sendable {
  /// `nil` where it does not say who called: behind a gateway it names the gateway's own client.
  var source: MeshNode?
  var destination: MeshNode
  var traffic: EdgeID.Traffic
  var time: Timestamp
  /// Whether the caller's proxy tells it; else that of the one who was called.
  var isBySource: Bool
  /// 0 when no response was sent.
  var code: Int
  /// As they stand, joined by commas; `-` for none.
  var flags: String
  var isError: Bool
  var duration: Duration?
  var bytesReceived: UInt64 = 0
  var bytesSent: UInt64 = 0
  /// Only the one who was called knows; `nil` where its line does not say.
  var isMutualTLS: Bool?

  var edge: EdgeID? { source.map { EdgeID(from: $0, to: destination, traffic) } }

  /// `nil` for a line that tells of no request between two nodes.
  /// - Parameters:
  ///   - own: the node of the proxy that wrote the line.
  ///   - names: remembers the few clusters that a log names.
  init?(_ line: ProxyLogLine, of own: MeshNode, names: inout ClusterNodes) {
    guard let access = line.access, let nanoseconds = access.startNanoseconds, let direction = access.direction,
      // ztunnel writes the direction, and of pods that are not its own.
      !access.has(.direction)
    else { return nil }
    let code = access.responseCode ?? 0
    // A connection has neither a method nor a code.
    let isConnection = code == 0 && !access.has(.method)
    let flags = access[.responseFlags] ?? "-"
    traffic = isConnection ? .tcp : .http
    switch direction {
    case .outbound:
      guard let cluster = access[.upstreamCluster],
        let other = names.node(of: cluster, upstream: access[.upstreamHost])
      else { return nil }
      (source, destination) = (own, other)
      isBySource = true
    case .inbound:
      // An address out of X-Forwarded-For has no port.
      let address = access[.downstreamRemoteAddress].flatMap { $0.hasSuffix(":0") ? nil : $0 }
      (source, destination) = (address.map { names.names.node(at: $0) ?? .unknown }, own)
      isBySource = false
      // Sidecars name the cluster they mean (SNI) in the handshake of mutual TLS, and nobody else does.
      isMutualTLS = access[.requestedServerName].map { $0.hasPrefix("outbound_.") } ?? false
    }
    time = Timestamp(nanoseconds: nanoseconds)
    self.code = code
    self.flags = flags
    isError = isConnection ? flags.split(separator: ",").contains { $0.hasPrefix("U") } : code >= 500 || code == 0
    // How long a connection was open says nothing of how well it was served.
    duration = isConnection ? nil : access.duration
    bytesReceived = access.bytesReceived ?? 0
    bytesSent = access.bytesSent ?? 0
  }
}
