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
      subset["name"]?.string.map {
        Subset(
          name: $0, labels: strings(subset["labels"]), circuitBreaker: Self.circuitBreaker(subset["trafficPolicy"]))
      }
    }
  }

  /// What keeps requests from the whole host when it is overloaded or fails, for a person; `nil` for nothing.
  public var circuitBreaker: String? { Self.circuitBreaker(json["spec"]?["trafficPolicy"]) }

  private static func circuitBreaker(_ policy: JSONValue?) -> String? {
    let pool = policy?["connectionPool"], outlier = policy?["outlierDetection"]
    let limits: [(String, JSONValue?)] = [
      ("connections", pool?["tcp"]?["maxConnections"]), ("pending", pool?["http"]?["http1MaxPendingRequests"]),
      ("requests", pool?["http"]?["http2MaxRequests"]), ("retries", pool?["http"]?["maxRetries"]),
    ]
    var parts = limits.compactMap { name, value in value?.int.map { "at most \($0) \(name)" } }
    if outlier?.object != nil {
      let errors = outlier?["consecutive5xxErrors"]?.int ?? outlier?["consecutiveGatewayErrors"]?.int ?? 5
      parts.append("out after \(errors) errors")
    }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  /// Some of a host's pods.
  public struct Subset: Hashable, Sendable {
    public let name: String
    /// All of them must stand on a pod.
    public let labels: [String: String]
    /// As that of the host, for this part of it alone.
    public let circuitBreaker: String?
  }
}
