/// A request and what came back, as values. Holds no credentials: neither those of the endpoint nor those in headers.
public struct Recording: Equatable, Sendable {
  public enum Ending: Equatable, Sendable {
    /// The answer came to its end.
    case whole
    /// The reader let go before the end, or is still reading.
    case unread
    /// More came than is kept.
    case cut
    case failed(TransportError)
  }

  public let method: HTTPRequest.Method
  /// Path and query, with the endpoint's base path before it.
  public let target: String
  public let requestHeaders: HTTPHeaders
  public let requestBody: [UInt8]?
  /// `nil` when there was no head.
  public internal(set) var status: Int?
  public internal(set) var headers: HTTPHeaders
  public internal(set) var body: [UInt8]
  public internal(set) var ending: Ending

  init(_ request: HTTPRequest) {
    method = request.method
    target = request.endpoint.basePath + request.target
    requestHeaders = request.headers.withoutCredentials
    requestBody = request.body
    (status, headers, body, ending) = (nil, [:], [], .unread)
  }

  /// Reads the shape in which exchanges with real servers are kept: `head` has a line `> METHOD TARGET`, the request's
  /// fields and body each after `> `, an empty line, `< HTTP STATUS REASON` and the answer's fields after `< `.
  /// `nil` when it is another shape.
  public init?(head: String, body: [UInt8]) {
    let lines = head.split(separator: "\n", omittingEmptySubsequences: false)
    let sent = lines.filter { $0.hasPrefix(">") }.map { $0.dropFirst(2) }
    let received = lines.filter { $0.hasPrefix("< ") }.map { $0.dropFirst(2) }
    let words = (sent.first ?? "").split(separator: " ")
    let answer = (received.first ?? "").split(separator: " ")
    guard words.count >= 2, let method = HTTPRequest.Method(rawValue: String(words[0])) else { return nil }
    guard answer.count >= 2, let status = Int(answer[1]) else { return nil }

    let fields = sent.dropFirst().prefix { !$0.isEmpty }
    let content = sent.dropFirst(2 + fields.count).joined(separator: "\n")
    self.method = method
    target = String(words[1])
    requestHeaders = HTTPHeaders(lines: fields).withoutCredentials
    requestBody = content.isEmpty ? nil : Array(content.utf8)
    self.status = status
    headers = HTTPHeaders(lines: received.dropFirst()).withoutCredentials
    self.body = body
    ending = .whole
  }
}

extension HTTPHeaders {
  private static let secret: Set<String> = [
    "authorization", "proxy-authorization", "cookie", "set-cookie", "x-remote-user", "impersonate-user",
  ]

  /// Fields that prove who somebody is keep their names only.
  var withoutCredentials: HTTPHeaders {
    HTTPHeaders(map { ($0.name, Self.secret.contains($0.name.lowercased()) ? "<redacted>" : $0.value) })
  }

  fileprivate init(lines: some Sequence<Substring>) {
    self.init(
      lines.compactMap { line in
        guard let colon = line.firstIndex(of: ":") else { return nil }
        return (String(line[..<colon]), String(line[line.index(after: colon)...].drop { $0 == " " }))
      })
  }
}
