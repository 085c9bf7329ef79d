import JSON

public struct EndpointSlice: KubernetesResource {
  public static let type = ResourceType.endpointSlice
  public let object: KubernetesObject

  public init(_ object: KubernetesObject) { self.object = object }

  /// The service that it belongs to.
  public var service: String? { labels["kubernetes.io/service-name"] }
  /// `IPv4`, `IPv6` or `FQDN`.
  public var addressType: String { json["addressType"]?.string ?? "IPv4" }

  public var ports: [Port] {
    (json["ports"]?.array ?? []).map { port in
      Port(name: port["name"]?.string, number: port["port"]?.int, appProtocol: port["appProtocol"]?.string)
    }
  }

  public var endpoints: [Endpoint] {
    (json["endpoints"]?.array ?? []).map { endpoint in
      let conditions = endpoint["conditions"]
      let target = endpoint["targetRef"]
      return Endpoint(
        addresses: (endpoint["addresses"]?.array ?? []).compactMap(\.string),
        isReady: conditions?["ready"]?.bool ?? true,
        isServing: conditions?["serving"]?.bool ?? conditions?["ready"]?.bool ?? true,
        isTerminating: conditions?["terminating"]?.bool ?? false,
        pod: target?["kind"]?.string == "Pod"
          ? target?["name"]?.string.map {
            ObjectKey(namespace: target?["namespace"]?.string ?? namespace, name: $0)
          } : nil,
        node: endpoint["nodeName"]?.string)
    }
  }

  public struct Port: Hashable, Sendable {
    public let name: String?
    /// `nil` means all ports.
    public let number: Int?
    public let appProtocol: String?
  }

  /// Unknown conditions count as ready, as the API's documentation asks.
  public struct Endpoint: Hashable, Sendable {
    public let addresses: [String]
    public let isReady: Bool
    public let isServing: Bool
    public let isTerminating: Bool
    public let pod: ObjectKey?
    public let node: String?
  }
}
