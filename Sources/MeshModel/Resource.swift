/// What kind of object says where requests go, by its Kubernetes kind.
public enum ResourceKind: String, Hashable, Sendable, CaseIterable {
  case virtualService = "VirtualService"
  /// Of the Gateway API, attached to Services or to Gateways.
  case httpRoute = "HTTPRoute"
  case grpcRoute = "GRPCRoute"
  /// A Service without any routing of its own: requests spread over its endpoints.
  case service = "Service"
}

/// The identity of an object in the cluster.
public struct ResourceID: Hashable, Sendable, CustomStringConvertible {
  public let kind: ResourceKind
  public let namespace: String
  public let name: String

  public init(kind: ResourceKind, namespace: String, name: String) {
    self.kind = kind
    self.namespace = namespace
    self.name = name
  }

  public var description: String { "\(kind.rawValue) \(namespace)/\(name)" }
}

/// Which namespaces are looked at.
public enum Scope: Hashable, Sendable {
  case namespace(String)
  case allNamespaces

  /// Whether what is in this namespace belongs to it.
  public func holds(_ namespace: String) -> Bool {
    if case .namespace(let name) = self { name == namespace } else { true }
  }
}
