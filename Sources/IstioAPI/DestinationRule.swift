import JSON
public import KubernetesAPI

/// How to talk to a host, and which parts (subsets) it has (networking.istio.io).
public struct DestinationRule: KubernetesResource {
  public static let type = ResourceType.destinationRule
  public let object: KubernetesObject

  public init(_ object: KubernetesObject) { self.object = object }

  /// As written; `fullHost` is resolved.
  public var host: String { json["spec"]?["host"]?.string ?? "" }
  public var fullHost: String { resolvedHost(host, in: namespace) }

  public var subsets: [Subset] {
    (json["spec"]?["subsets"]?.array ?? []).compactMap { subset in
      subset["name"]?.string.map { Subset(name: $0, labels: strings(subset["labels"])) }
    }
  }

  /// Some of a host's pods.
  public struct Subset: Hashable, Sendable {
    public let name: String
    /// All of them must stand on a pod.
    public let labels: [String: String]
  }
}
