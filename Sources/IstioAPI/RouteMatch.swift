import JSON
import KubernetesAPI

/// What a rule wants of a request (or of a connection); all of it at once.
public struct RouteMatch: Equatable, Sendable {
  /// How a text is compared.
  public enum Text: Hashable, Sendable {
    case exact(String)
    case prefix(String)
    case regex(String)
    /// There, whatever it is.
    case present
  }

  /// A header or a query parameter.
  public struct Field: Hashable, Sendable {
    public let name: String
    public let value: Text
    /// Matches where the field does *not*.
    public let isInverted: Bool
  }

  public let name: String?
  public let uri: Text?
  public let ignoresCaseOfURI: Bool
  public let scheme: Text?
  public let method: Text?
  public let authority: Text?
  /// By name. Istio's `withoutHeaders` are the inverted ones.
  public let headers: [Field]
  public let queryParameters: [Field]
  /// The name under which proxies count what matches, apart from the rest.
  public let statPrefix: String?
  public let port: Int?
  /// Of the proxy that the request comes from.
  public let sourceLabels: [String: String]
  public let sourceNamespace: String?
  /// Empty where the VirtualService's own count.
  public let gateways: [String]
  /// TLS rules only.
  public let sniHosts: [String]
  /// TLS and TCP rules only.
  public let destinationSubnets: [String]

  init(_ json: JSONValue) {
    name = json["name"]?.string
    uri = Text(json["uri"])
    ignoresCaseOfURI = json["ignoreUriCase"]?.bool ?? false
    scheme = Text(json["scheme"])
    method = Text(json["method"])
    authority = Text(json["authority"])
    headers =
      fields(json["headers"], isInverted: false) + fields(json["withoutHeaders"], isInverted: true)
    queryParameters = fields(json["queryParams"], isInverted: false)
    statPrefix = json["statPrefix"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    port = json["port"]?.int
    sourceLabels = strings(json["sourceLabels"])
    sourceNamespace = json["sourceNamespace"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    gateways = texts(json["gateways"])
    sniHosts = texts(json["sniHosts"])
    destinationSubnets = texts(json["destinationSubnets"])
  }
}

extension RouteMatch.Text: CustomStringConvertible {
  /// `nil` where there is nothing to compare; `{}` asks only that it is there.
  init?(_ json: JSONValue?) {
    guard let json, json.object != nil else { return nil }
    if let text = json["exact"]?.string {
      self = .exact(text)
    } else if let text = json["prefix"]?.string {
      self = .prefix(text)
    } else if let text = json["regex"]?.string {
      self = .regex(text)
    } else {
      self = .present
    }
  }

  public var description: String {
    switch self {
    case .exact(let text): text
    case .prefix(let text): text + "*"
    case .regex(let text): "~" + text
    case .present: "*"
    }
  }
}

extension RouteMatch.Field: CustomStringConvertible {
  public var description: String {
    switch value {
    case .present: "\(isInverted ? "no " : "")\(name)"
    case .exact, .prefix, .regex: "\(name)\(isInverted ? "≠" : "=")\(value)"
    }
  }
}

extension RouteMatch: CustomStringConvertible {
  /// For a person: `GET /api*, end-user=jason`.
  public var description: String {
    var parts: [String] = []
    let place = [method?.description, uri?.description].compactMap { $0 }.joined(separator: " ")
    if !place.isEmpty { parts.append(place) }
    if let authority { parts.append("host \(authority)") }
    if let scheme { parts.append("\(scheme)://") }
    parts += headers.map(\.description)
    parts += queryParameters.map { "?\($0)" }
    if !sniHosts.isEmpty { parts.append("SNI \(sniHosts.joined(separator: "|"))") }
    if !destinationSubnets.isEmpty { parts.append("to \(destinationSubnets.joined(separator: "|"))") }
    if let port { parts.append("port \(port)") }
    if !sourceLabels.isEmpty {
      parts.append(
        "from \(sourceLabels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "+"))")
    }
    if let sourceNamespace { parts.append("from namespace \(sourceNamespace)") }
    if !gateways.isEmpty { parts.append("at \(gateways.joined(separator: "|"))") }
    return parts.isEmpty ? "all requests" : parts.joined(separator: ", ")
  }
}

private func fields(_ json: JSONValue?, isInverted: Bool) -> [RouteMatch.Field] {
  guard let members = json?.object else { return [] }
  return members.map { name, value in
    RouteMatch.Field(name: name, value: RouteMatch.Text(value) ?? .present, isInverted: isInverted)
  }.sorted { $0.name < $1.name }
}
