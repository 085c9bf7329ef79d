import JSON

public struct Service: KubernetesResource {
  public static let type = ResourceType.service
  public let object: KubernetesObject

  public init(_ object: KubernetesObject) { self.object = object }

  private var spec: JSONValue? { json["spec"] }

  /// `nil` for a headless service as well as for one without an address yet.
  public var clusterIP: String? {
    guard let ip = spec?["clusterIP"]?.string, !ip.isEmpty, ip != "None" else { return nil }
    return ip
  }

  public var isHeadless: Bool { spec?["clusterIP"]?.string == "None" }
  /// `ClusterIP`, `NodePort`, `LoadBalancer` or `ExternalName`.
  public var kind: String { spec?["type"]?.string ?? "ClusterIP" }
  public var externalName: String? { spec?["externalName"]?.string }
  /// Empty where somebody else keeps the endpoints.
  public var selector: [String: String] { strings(spec?["selector"]) }

  /// Whether the service sends requests to pods with such labels.
  public func selects(_ labels: [String: String]) -> Bool {
    let selector = selector
    return !selector.isEmpty && selector.allSatisfy { labels[$0.key] == $0.value }
  }

  public var ports: [Port] {
    (spec?["ports"]?.array ?? []).compactMap { port in
      guard let number = port["port"]?.int else { return nil }
      return Port(
        name: port["name"]?.string, number: number, appProtocol: port["appProtocol"]?.string,
        targetPort: port["targetPort"]?.int.map(String.init) ?? port["targetPort"]?.string,
        transport: port["protocol"]?.string ?? "TCP")
    }
  }

  public struct Port: Hashable, Sendable {
    public let name: String?
    public let number: Int
    public let appProtocol: String?
    /// A number or the name of a container's port; the same number where it is `nil`.
    public let targetPort: String?
    /// `TCP`, `UDP` or `SCTP`.
    public let transport: String
  }
}
