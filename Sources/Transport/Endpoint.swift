/// Where a server is and how to prove who is who. Requests to equal endpoints may share connections.
public struct Endpoint: Hashable, Sendable {
  public enum Scheme: String, Sendable { case http, https }

  public var scheme: Scheme
  public var host: String
  public var port: Int
  /// A path that stands before every request's target, without a slash at its end; empty for most servers.
  public var basePath: String
  /// The file of a Unix socket to connect to in place of host and port, which then only name the server.
  public var unixSocket: String?
  /// Ignored for `http`.
  public var tls: TLSSettings

  public init(
    scheme: Scheme = .http, host: String, port: Int? = nil, basePath: String = "", unixSocket: String? = nil,
    tls: TLSSettings = TLSSettings()
  ) {
    self.scheme = scheme
    self.host = host
    self.port = port ?? (scheme == .https ? 443 : 80)
    self.basePath = basePath
    self.unixSocket = unixSocket
    self.tls = tls
  }
}

/// Whom to trust and what to show. All PEM text, held in memory.
public struct TLSSettings: Hashable, Sendable {
  /// How the server's certificate is checked.
  public enum Trust: Hashable, Sendable {
    case system
    /// PEM of the only authorities that are trusted.
    case authorities([UInt8])
    /// Nothing is checked: `insecure-skip-tls-verify`.
    case anyone
  }

  public var trust: Trust
  /// PEM of the client's certificate chain, and of its key.
  public var clientCertificate: [UInt8]?
  public var clientKey: [UInt8]?
  /// The name to ask for and to check, where it is not the host.
  public var serverName: String?

  public init(
    trust: Trust = .system, clientCertificate: [UInt8]? = nil, clientKey: [UInt8]? = nil, serverName: String? = nil
  ) {
    self.trust = trust
    self.clientCertificate = clientCertificate
    self.clientKey = clientKey
    self.serverName = serverName
  }
}

extension Endpoint: CustomStringConvertible {
  /// What a person calls it: never holds keys.
  public var description: String {
    if let unixSocket { return "unix:\(unixSocket)" }
    let isUsualPort = port == (scheme == .https ? 443 : 80)
    let bracketed = host.contains(":") ? "[\(host)]" : host
    return "\(scheme.rawValue)://\(bracketed)\(isUsualPort ? "" : ":\(port)")\(basePath)"
  }
}

extension Endpoint {
  /// Reads `http://host[:port][/path]`, `https://…`, `unix:/path/of/socket` or a bare `host:port` (taken as http).
  /// `nil` when the text is none of these.
  public init?(_ text: String, tls: TLSSettings = TLSSettings()) {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst("unix:".count))
      guard path.hasPrefix("/") else { return nil }
      self.init(host: "localhost", unixSocket: path)
      return
    }
    var rest = Substring(text)
    var scheme = Scheme.http
    if let mark = text.range(of: "://") {
      guard let named = Scheme(rawValue: text[..<mark.lowerBound].lowercased()) else { return nil }
      scheme = named
      rest = text[mark.upperBound...]
    }
    let authority = rest.prefix { $0 != "/" }
    var basePath = rest.dropFirst(authority.count)
    while basePath.hasSuffix("/") { basePath.removeLast() }
    guard !authority.isEmpty, !authority.contains("@"), !authority.contains(where: \.isWhitespace) else { return nil }
    guard !basePath.contains("?"), !basePath.contains("#") else { return nil }

    var host = authority
    var port: Int?
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]") else { return nil }
      host = authority[authority.index(after: authority.startIndex)..<end]
      let tail = authority[authority.index(after: end)...]
      if !tail.isEmpty {
        guard tail.hasPrefix(":"), let number = UInt16(tail.dropFirst()) else { return nil }
        port = Int(number)
      }
    } else if let colon = authority.firstIndex(of: ":") {
      guard let number = UInt16(authority[authority.index(after: colon)...]) else { return nil }
      host = authority[..<colon]
      port = Int(number)
    }
    guard !host.isEmpty else { return nil }
    self.init(scheme: scheme, host: String(host), port: port, basePath: String(basePath), tls: tls)
  }
}

extension String {
  fileprivate func range(of mark: String) -> Range<String.Index>? {
    var place = startIndex
    while place < endIndex {
      if self[place...].hasPrefix(mark) { return place..<index(place, offsetBy: mark.count) }
      place = index(after: place)
    }
    return nil
  }
}
