import JSON

/// What a rule wants of a request; all of it at once.
public struct GatewayMatch: Hashable, Sendable {
  public enum Path: Hashable, Sendable {
    case exact(String)
    /// Whole segments: `/a` takes `/a` and `/a/b`, not `/ab`. Without a `/` at its end, but for `/` itself.
    case prefix(String)
    case regex(String)
  }

  /// A header or a query parameter.
  public struct Field: Hashable, Sendable {
    public let name: String
    public let value: String
    public let isRegex: Bool
  }

  public let path: Path?
  public let method: String?
  public let headers: [Field]
  public let queryParameters: [Field]

  /// An `HTTPRouteMatch`.
  init(http json: JSONValue) {
    let value = json["path"]?["value"]?.string ?? "/"
    path =
      switch json["path"]?["type"]?.string {
      case "Exact": .exact(value)
      case "RegularExpression": .regex(value)
      default: json["path"] == nil ? nil : .prefix(Self.withoutSlashes(value))
      }
    method = json["method"]?.string
    headers = Self.fields(json["headers"])
    queryParameters = Self.fields(json["queryParams"])
  }

  /// A `GRPCRouteMatch`: a call's path is `/SERVICE/METHOD` (gRPC over HTTP/2).
  init(grpc json: JSONValue) {
    let service = json["method"]?["service"]?.string
    let method = json["method"]?["method"]?.string
    let isRegex = json["method"]?["type"]?.string == "RegularExpression"
    path =
      switch (service, method) {
      case (nil, nil): nil
      case (let service?, let method?): isRegex ? .regex("/\(service)/\(method)") : .exact("/\(service)/\(method)")
      case (nil, let method?): .regex("/[^/]+/\(method)")
      case (let service?, nil): isRegex ? .regex("/\(service)/.+") : .prefix("/\(service)")
      }
    self.method = nil
    headers = Self.fields(json["headers"])
    queryParameters = []
  }

  private static func withoutSlashes(_ prefix: String) -> String {
    var prefix = prefix
    while prefix.hasSuffix("/") { prefix.removeLast() }
    return prefix.isEmpty ? "/" : prefix
  }

  private static func fields(_ json: JSONValue?) -> [Field] {
    (json?.array ?? []).compactMap { field in
      guard let name = field["name"]?.string else { return nil }
      return Field(
        name: name, value: field["value"]?.string ?? "", isRegex: field["type"]?.string == "RegularExpression")
    }
  }

  /// Whether every request fits.
  public var takesEverything: Bool {
    method == nil && headers.isEmpty && queryParameters.isEmpty && (path == nil || path == .prefix("/"))
  }
}

extension GatewayMatch: CustomStringConvertible {
  /// For a person: `GET /reviews*, x-canary=1`.
  public var description: String {
    let path: String? =
      switch path {
      case .exact(let path): path
      case .prefix("/"): nil
      case .prefix(let prefix): prefix + "*"
      case .regex(let pattern): "~" + pattern
      case nil: nil
      }
    let place = [method, path].compactMap { $0 }.joined(separator: " ")
    let parts = (place.isEmpty ? [] : [place]) + headers.map(\.description) + queryParameters.map { "?\($0)" }
    return parts.isEmpty ? "all requests" : parts.joined(separator: ", ")
  }
}

extension GatewayMatch.Field: CustomStringConvertible {
  public var description: String { "\(name)=\(isRegex ? "~" : "")\(value)" }
}
