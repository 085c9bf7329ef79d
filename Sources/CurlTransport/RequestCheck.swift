import Transport

/// Refuses what would end a line or a word of the request too early, so that no value can smuggle in another request.
enum RequestCheck {
  static func check(_ request: HTTPRequest) throws(TransportError) {
    let endpoint = request.endpoint
    guard request.target.hasPrefix("/"), isPlain(endpoint.basePath + request.target) else {
      throw .unsendable(reason: "its path must begin with a slash and be percent-encoded")
    }
    guard isName(endpoint.host), endpoint.tls.serverName.map(isName) ?? true else {
      throw .unsendable(reason: "the server's name is not one")
    }
    guard (1...65535).contains(endpoint.port) else { throw .unsendable(reason: "there is no port \(endpoint.port)") }
    if let path = endpoint.unixSocket, path.utf8.contains(0) || path.utf8.count > 107 {
      throw .unsendable(reason: "the path of its Unix socket is longer than 107 bytes")
    }
    for (name, value) in request.headers {
      guard !name.isEmpty, name.utf8.allSatisfy(isTokenByte) else {
        throw .unsendable(reason: "a header field's name is not one")
      }
      // The value may be a secret: it is not named.
      guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) else {
        throw .unsendable(reason: "the value of \(name) holds a control character")
      }
    }
  }

  private static func isPlain(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "#") }
  }

  private static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 255
      && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f && !"/?#@[]\\".utf8.contains($0) }
  }

  /// RFC 9110, 5.6.2.
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}
