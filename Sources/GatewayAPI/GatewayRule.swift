import JSON
public import KubernetesAPI

/// One rule of a route.
public struct GatewayRule: Equatable, Sendable {
  /// Counted from 0.
  public let index: Int
  public let name: String?
  /// Any one of them is enough; none means all requests.
  public let matches: [GatewayMatch]
  public let backends: [Backend]
  /// Where copies of requests go; their answers are dropped.
  public let mirrors: [Mirror]
  /// The authority that its requests go on with; `nil` where they keep their own.
  public let rewrittenAuthority: String?
  /// Of the whole request, as written: `2s`.
  public let timeout: String?
  public let retryAttempts: Int?

  public struct Backend: Equatable, Sendable {
    public let reference: GatewayReference
    /// As written; `nil` where it is not, which counts as 1. A share of the sum of all.
    public let weight: Int?

    /// What an absent weight stands for (gateway-api, `BackendRef`).
    public static let defaultWeight = 1
  }

  public struct Mirror: Equatable, Sendable {
    public let reference: GatewayReference
    /// Of 100.
    public let percent: Double
    /// Its place among the rule's filters.
    let filter: Int
  }

  init(_ json: JSONValue, at index: Int, in namespace: String, matches: [GatewayMatch]) {
    self.index = index
    self.matches = matches
    name = json["name"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    backends = (json["backendRefs"]?.array ?? []).map {
      Backend(reference: GatewayReference($0, in: namespace, group: "", kind: "Service"), weight: $0["weight"]?.int)
    }
    let filters = json["filters"]?.array ?? []
    mirrors = filters.enumerated().compactMap { place, filter in
      guard let mirror = filter["requestMirror"], mirror.object != nil else { return nil }
      return Mirror(
        reference: GatewayReference(mirror["backendRef"], in: namespace, group: "", kind: "Service"),
        percent: Self.percent(of: mirror), filter: place)
    }
    rewrittenAuthority = filters.lazy.compactMap { $0["urlRewrite"]?["hostname"]?.string }.first
    timeout = json["timeouts"]?["request"]?.string
    retryAttempts = json["retry"]?["attempts"]?.int
  }

  private static func percent(of mirror: JSONValue) -> Double {
    if let numerator = mirror["fraction"]?["numerator"]?.double {
      let denominator = mirror["fraction"]?["denominator"]?.double ?? 100
      return denominator > 0 ? numerator * 100 / denominator : 100
    }
    return mirror["percent"]?.double ?? 100
  }

  /// What it takes, for a person: `/reviews*, x-canary=1`; `all requests` where it takes all.
  public var matchSummary: String {
    matches.contains(where: \.takesEverything) || matches.isEmpty
      ? "all requests" : matches.map(\.description).joined(separator: " or ")
  }

  /// Where the rule stands in its route.
  public var place: JSONPointer { JSONPointer(["spec", "rules", String(index)]) }

  /// Where the weight of one of its backends stands, counted from 0.
  public func weightPlace(of backend: Int) -> JSONPointer {
    place.appending("backendRefs").appending(backend).appending("weight")
  }
}
