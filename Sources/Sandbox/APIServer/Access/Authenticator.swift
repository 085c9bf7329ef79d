internal import JSON
internal import Transport

/// Who makes a request.
struct APIUser: Hashable, Sendable {
  let name: String
  var uid: String?
  var groups: [String]

  static let anonymous = APIUser(name: "system:anonymous", groups: ["system:unauthenticated"])
  static let admin = APIUser(name: "kubernetes-admin", groups: ["system:masters", "system:authenticated"])
  /// Reads everything, and changes routes in bookinfo.
  static let editor = APIUser(
    name: "console-editor", uid: "uid-editor", groups: ["console-editors", "system:authenticated"])
  static let viewer = APIUser(
    name: "console-viewer", uid: "uid-viewer", groups: ["console-viewers", "system:authenticated"])
  /// May log in, and nothing else.
  static let nobody = APIUser(name: "console-nobody", uid: "uid-nobody", groups: ["system:authenticated"])

  var json: JSONValue {
    var json: JSONValue = ["username": .string(name)]
    if let uid { json["uid"] = .string(uid) }
    json["groups"] = .array(groups.map { .string($0) })
    return json
  }
}

/// Tells users by their bearer token or by the client certificate that the TLS front has checked and passed on.
struct Authenticator: Sendable {
  let tokens: [String: APIUser]
  /// Whether everyone who can connect is the front, so that `x-forwarded-client-cert` can be believed.
  let trustsForwardedCertificates: Bool
  /// Who a request without credentials is from.
  var withoutCredentials = APIUser.anonymous

  func user(of request: HTTPServer.Request) throws(APIFailure) -> APIUser {
    if let authorization = request.headers["Authorization"] {
      let parts = authorization.split(separator: " ", maxSplits: 1)
      if parts.count == 2, parts[0].lowercased() == "bearer" {
        guard let user = tokens[String(parts[1])] else { throw .unauthorized }
        return user
      }
    }
    if trustsForwardedCertificates, let header = request.headers["X-Forwarded-Client-Cert"],
      let user = Self.user(ofForwarded: header)
    {
      return user
    }
    return withoutCredentials
  }

  /// Reads Envoy's header: `Hash=…;Subject="O=system:masters,CN=admin"`. The last certificate is the client's.
  static func user(ofForwarded header: String) -> APIUser? {
    var subject: String?
    for part in split(header, at: [";", ","]) where part.hasPrefix("Subject=") {
      subject = part.dropFirst("Subject=".count).filter { $0 != "\"" }
    }
    guard let subject else { return nil }
    var (name, groups) = (nil as String?, [String]())
    for part in split(subject, at: [",", "+"]) {
      let pair = part.split(separator: "=", maxSplits: 1).map { String($0).trimmingSpaces }
      guard pair.count == 2 else { continue }
      if pair[0] == "CN" { name = pair[1] }
      if pair[0] == "O" { groups.append(pair[1]) }
    }
    return name.map { APIUser(name: $0, groups: groups + ["system:authenticated"]) }
  }

  /// Parts between marks that stand outside quotes.
  private static func split(_ text: String, at marks: Set<Character>) -> [String] {
    var parts = [""]
    var isQuoted = false
    for character in text {
      if character == "\"" { isQuoted.toggle() }
      if marks.contains(character), !isQuoted { parts.append("") } else { parts[parts.count - 1].append(character) }
    }
    return parts
  }
}

extension String {
  fileprivate var trimmingSpaces: String {
    var rest = Substring(self)
    while rest.first == " " { rest.removeFirst() }
    while rest.last == " " { rest.removeLast() }
    return String(rest)
  }
}
