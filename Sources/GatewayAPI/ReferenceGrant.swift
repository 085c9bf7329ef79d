import JSON
public import KubernetesAPI

/// Lets routes of other namespaces send requests to Services of its own.
public struct ReferenceGrant: KubernetesResource {
  public static let type = ResourceType.referenceGrant
  public let object: KubernetesObject

  public init(_ object: KubernetesObject) { self.object = object }

  /// Whether a route of such a kind and namespace may name a Service of this grant's namespace.
  public func allows(_ kind: String, of other: String, toService name: String) -> Bool {
    let isFrom = (json["spec"]?["from"]?.array ?? []).contains {
      $0["group"]?.string == ResourceType.httpRoute.group && $0["kind"]?.string == kind
        && $0["namespace"]?.string == other
    }
    let isTo = (json["spec"]?["to"]?.array ?? []).contains {
      ["", "core"].contains($0["group"]?.string ?? "") && $0["kind"]?.string == "Service"
        && ($0["name"]?.string.map { $0.isEmpty || $0 == name } ?? true)
    }
    return isFrom && isTo
  }
}
