/// The identity of a Service, or of what stands for one.
public struct ServiceID: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let namespace: String
  public let name: String

  public init(namespace: String, name: String) {
    self.namespace = namespace
    self.name = name
  }

  public static func < (one: ServiceID, other: ServiceID) -> Bool {
    (one.namespace, one.name) < (other.namespace, other.name)
  }

  public var description: String { "\(namespace)/\(name)" }
}

/// Who sends or gets requests: the identity of a node of the service graph.
public struct MeshNode: Hashable, Comparable, Sendable, CustomStringConvertible {
  public enum Kind: Int, Hashable, Sendable, Comparable, CaseIterable {
    /// A gateway that lets requests into the mesh.
    case ingress
    /// A caller that no proxy of the mesh stands for: its name is `unknown`.
    case unknown
    /// A version of a service, or the service where its versions are not told apart.
    case service
    /// A gateway that lets requests out of the mesh.
    case egress
    /// A host outside of the mesh that a ServiceEntry names.
    case external
    /// Hosts outside of the mesh that nothing names (`PassthroughCluster`).
    case passthrough
    /// Requests that no route took (`BlackHoleCluster`).
    case blackHole

    public static func < (one: Kind, other: Kind) -> Bool { one.rawValue < other.rawValue }
  }

  public let kind: Kind
  /// Empty for what is not of the cluster.
  public let namespace: String
  /// The Service's name, the gateway's, or the host.
  public let name: String
  /// `nil` where versions are not told apart, or the request never reached one.
  public let version: String?

  public init(_ kind: Kind = .service, namespace: String = "", name: String, version: String? = nil) {
    self.kind = kind
    self.namespace = namespace
    self.name = name
    self.version = version
  }

  public static let unknown = MeshNode(.unknown, name: "unknown")
  public static let passthrough = MeshNode(.passthrough, name: "passthrough")
  public static let blackHole = MeshNode(.blackHole, name: "black hole")

  public static func < (one: MeshNode, other: MeshNode) -> Bool {
    (one.kind, one.namespace, one.name, one.version ?? "")
      < (other.kind, other.namespace, other.name, other.version ?? "")
  }

  /// The service that it is, or is a version of.
  public var service: ServiceID { ServiceID(namespace: namespace, name: name) }

  /// The node of the service as a whole.
  public var whole: MeshNode { MeshNode(kind, namespace: namespace, name: name) }

  /// `reviews v3`, `istio-ingressgateway`.
  public var description: String { version.map { "\(name) \($0)" } ?? name }
}

extension Destination {
  /// The node that its requests are meant for, by the names alone: a subset is taken for a version of its name.
  public var node: MeshNode {
    // Asked for each line of a log: bytes are looked at, not characters.
    let labels = host.utf8.split(separator: UInt8(ascii: "."), maxSplits: 3)
    guard labels.count >= 3, labels[2].elementsEqual("svc".utf8) else { return MeshNode(.external, name: host) }
    return MeshNode(
      namespace: String(Substring(labels[1])), name: String(Substring(labels[0])), version: subset)
  }
}
