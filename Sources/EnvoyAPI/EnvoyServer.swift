internal import JSON

/// What a proxy says of itself (`/server_info`).
public struct EnvoyServer: Equatable, Sendable {
  /// Envoy's own words.
  public enum State: String, Sendable {
    case live = "LIVE", draining = "DRAINING", preInitializing = "PRE_INITIALIZING", initializing = "INITIALIZING"
  }

  /// As Envoy writes it: commit, version, tree, build and TLS library, joined by slashes.
  public var fullVersion: String
  /// `nil` for a state that this program does not know.
  public var state: State?
  /// Since this process started; a hot restart starts anew.
  public var uptime: Duration?
  public var nodeID: String
  public var nodeCluster: String
  /// The version of Istio in the node's metadata: `1.30.3`.
  public var istioVersion: String?

  public init(
    fullVersion: String, state: State?, uptime: Duration?, nodeID: String, nodeCluster: String,
    istioVersion: String? = nil
  ) {
    self.fullVersion = fullVersion
    self.state = state
    self.uptime = uptime
    self.nodeID = nodeID
    self.nodeCluster = nodeCluster
    self.istioVersion = istioVersion
  }

  /// The version alone: `1.40.0`; the whole text where it is not of Envoy's shape.
  public var version: String {
    let parts = fullVersion.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count >= 2 ? String(parts[1]) : fullVersion
  }

  /// The identity that Istio wrote into the node's id; `nil` where it is not of Istio's shape.
  public var istioNode: IstioNode? { IstioNode(nodeID) }
}

/// Istio's node id: `sidecar~10.244.0.4~productpage-v1-7498b5bd44-cvwwt.bookinfo~bookinfo.svc.cluster.local`.
public struct IstioNode: Hashable, Sendable {
  /// `sidecar`, `router`, `waypoint`, `ztunnel`.
  public var type: String
  public var address: String
  /// `pod.namespace`, as istiod names the proxy.
  public var proxyID: String
  public var domain: String

  public init?(_ nodeID: String) {
    let parts = nodeID.split(separator: "~", omittingEmptySubsequences: false)
    guard parts.count == 4, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
    (type, address, proxyID, domain) = (String(parts[0]), String(parts[1]), String(parts[2]), String(parts[3]))
  }
}

extension EnvoyServer {
  init?(_ json: JSON) {
    guard let version = json["version"]?.string, let state = json["state"]?.string else { return nil }
    let node = json["node"]
    self.init(
      fullVersion: version, state: State(rawValue: state),
      uptime: json["uptime_current_epoch"]?.string.flatMap { Duration(protobuf: $0) },
      nodeID: node?["id"]?.string ?? "", nodeCluster: node?["cluster"]?.string ?? "",
      istioVersion: node?["metadata"]?["ISTIO_VERSION"]?.string)
  }
}

extension Duration {
  /// Reads protobuf's JSON form of a duration: `"293s"`, `"0.250s"`.
  init?(protobuf text: String) {
    guard text.hasSuffix("s"), let seconds = Double(text.dropLast()), abs(seconds) <= 315_576_000_000 else {
      return nil
    }
    self = .seconds(seconds)
  }
}
