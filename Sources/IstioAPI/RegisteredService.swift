import JSON
import KubernetesAPI

/// A service as istiod knows it, of Kubernetes or of a ServiceEntry: an entry of `/debug/registryz`.
public struct RegisteredService: Equatable, Sendable {
  public let host: String
  public let name: String
  public let namespace: String
  /// `Kubernetes`, `External` …
  public let registry: String?
  public let ports: [Port]
  /// Of all clusters, by name.
  public let addresses: [String]
  /// Which pods belong to it.
  public let selector: [String: String]
  public let isOutsideTheMesh: Bool

  public struct Port: Hashable, Sendable {
    public let name: String?
    public let number: Int
    /// As istiod takes it: `HTTP`, `GRPC`, `TCP` …
    public let networkProtocol: String?
  }

  /// `nil` when the entry names no host.
  init?(_ json: JSON) {
    guard let host = json.either("hostname", "Hostname")?.string, !host.isEmpty else { return nil }
    let attributes = json.either("Attributes", "attributes")
    self.host = plain(host)
    name = plain(attributes?.either("Name", "name")?.string ?? "")
    namespace = plain(attributes?.either("Namespace", "namespace")?.string ?? "")
    registry = attributes?.either("ServiceRegistry", "serviceRegistry")?.string.map { plain($0) }
    ports = (json.either("ports", "Ports").map { Array($0.elements) } ?? []).compactMap { port in
      guard let number = port.either("port", "Port")?.int else { return nil }
      return Port(
        name: port.either("name", "Name")?.string.map { plain($0) }, number: number,
        networkProtocol: port.either("protocol", "Protocol")?.string.map { plain($0) })
    }
    let vips = json.either("clusterVIPs", "ClusterVIPs")?.either("Addresses", "addresses")
    addresses = (vips.map { Array($0.members) } ?? []).sorted { $0.key < $1.key }
      .flatMap { $0.value.elements.compactMap(\.string) }
    selector = strings(attributes?.either("LabelSelectors", "labelSelectors")?.value)
    isOutsideTheMesh = json.either("MeshExternal", "meshExternal")?.bool ?? false
  }
}

extension JSON {
  /// istiod mixes the casings of its keys, and changes them from version to version.
  fileprivate func either(_ key: String, _ other: String) -> JSON? { self[key] ?? self[other] }
}
