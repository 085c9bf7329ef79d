import JSON

public struct Deployment: KubernetesResource {
  public static let type = ResourceType.deployment
  public static let bulk = Pod.bulk
  public let object: KubernetesObject

  public init(_ object: KubernetesObject) { self.object = object }

  private var spec: JSONValue? { json["spec"] }
  private var status: JSONValue? { json["status"] }

  /// How many pods are wanted.
  public var replicas: Int { spec?["replicas"]?.int ?? 1 }
  public var readyReplicas: Int { status?["readyReplicas"]?.int ?? 0 }
  public var updatedReplicas: Int { status?["updatedReplicas"]?.int ?? 0 }
  public var selector: [String: String] { strings(spec?["selector"]?["matchLabels"]) }
  /// The labels of its pods.
  public var podLabels: [String: String] { strings(spec?["template"]?["metadata"]?["labels"]) }

  /// The image of each container, in order.
  public var images: [(container: String, image: String)] {
    (spec?["template"]?["spec"]?["containers"]?.array ?? []).compactMap { container in
      guard let name = container["name"]?.string, let image = container["image"]?.string else { return nil }
      return (name, image)
    }
  }
}
