public import JSON
import Transport

/// Which kind of object, in which version of its API: it says where in the API the objects are.
public struct ResourceType: Hashable, Sendable, CustomStringConvertible {
  /// Empty for the core group.
  public var group: String
  public var version: String
  public var kind: String
  /// As in a path: `virtualservices`.
  public var plural: String

  public init(group: String, version: String, kind: String, plural: String) {
    self.group = group
    self.version = version
    self.kind = kind
    self.plural = plural
  }

  /// As in an object's `apiVersion`: `v1` or `networking.istio.io/v1`.
  public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

  /// As `kubectl` takes it: `virtualservices.networking.istio.io`.
  public var description: String { group.isEmpty ? plural : "\(plural).\(group)" }

  /// The same kind in another version of its group.
  public func version(_ version: String) -> ResourceType {
    var type = self
    type.version = version
    return type
  }

  /// The path of all objects, of those of a namespace, of one object, or of a part of one (`status`, `log`).
  public func path(in namespace: String? = nil, name: String? = nil, subresource: String? = nil) -> String {
    var path = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
    if let namespace { path += "/namespaces/\(percentEncoded(namespace))" }
    path += "/\(plural)"
    if let name { path += "/\(percentEncoded(name))" }
    if let subresource { path += "/\(percentEncoded(subresource))" }
    return path
  }
}

extension ResourceType {
  public static let namespace = ResourceType(group: "", version: "v1", kind: "Namespace", plural: "namespaces")
  public static let pod = ResourceType(group: "", version: "v1", kind: "Pod", plural: "pods")
  public static let service = ResourceType(group: "", version: "v1", kind: "Service", plural: "services")
  public static let deployment = ResourceType(group: "apps", version: "v1", kind: "Deployment", plural: "deployments")
  public static let endpointSlice = ResourceType(
    group: "discovery.k8s.io", version: "v1", kind: "EndpointSlice", plural: "endpointslices")
}

/// A typed view of an object: it reads what it names and keeps the rest, so that unknown fields survive.
public protocol KubernetesResource: Equatable, Sendable {
  /// The kind, in the version to ask for where the server serves several.
  static var type: ResourceType { get }

  /// Members below `spec` and `status`, at any depth, that no view reads and that lists and watches let go of, since
  /// they are most of the memory. Only for kinds that are never written back; none for the others.
  static var bulk: Set<String> { get }

  var object: KubernetesObject { get }
  init(_ object: KubernetesObject)
}

extension KubernetesResource {
  public static var bulk: Set<String> { [] }

  public var name: String { object.key.name }
  /// Empty for objects of the cluster.
  public var namespace: String { object.key.namespace }
  public var labels: [String: String] { object.labels }
  public var json: JSONValue { object.json }
}
