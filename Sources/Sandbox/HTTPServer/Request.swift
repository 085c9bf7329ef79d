internal import Transport

extension HTTPServer {
  /// A whole request.
  struct Request: Sendable {
    let method: String
    /// As it was sent: `/api/v1/pods?limit=2`.
    let target: String
    /// The path's parts between slashes, percent-decoded, without empty ones at the end.
    let path: [String]
    let query: Query
    let headers: HTTPHeaders
    let body: [UInt8]

    init(method: String, target: String, headers: HTTPHeaders = [:], body: [UInt8] = []) {
      self.method = method
      self.target = target
      self.headers = headers
      self.body = body
      let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
      var parts = target[..<mark].split(separator: "/", omittingEmptySubsequences: false).dropFirst()
      while parts.last?.isEmpty == true { parts.removeLast() }
      path = parts.map { percentDecoded($0) }
      query = Query(mark == target.endIndex ? "" : target[target.index(after: mark)...])
    }
  }

  /// The items of a query string, in order.
  struct Query: Sendable {
    let items: [(name: String, value: String)]

    init(_ text: Substring) {
      items = text.split(separator: "&").map { item in
        let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count > 1 ? parts[1] : ""
        return (percentDecoded(parts[0], plusIsSpace: true), percentDecoded(value, plusIsSpace: true))
      }
    }

    /// The first value of a name; empty where it stands without one.
    subscript(name: String) -> String? { items.first { $0.name == name }?.value }

    func values(of name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }

    /// Whether a flag is set: `?watch`, `?watch=1`, `?watch=true`.
    func has(_ name: String) -> Bool {
      guard let value = self[name] else { return false }
      return value != "0" && value != "false"
    }
  }
}

/// Undoes percent-encoding; what is not well encoded stays as it is, and what is not UTF-8 is replaced.
func percentDecoded(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String {
  func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
  var decoded: [UInt8] = []
  let bytes = Array(text.utf8)
  var place = 0
  while place < bytes.count {
    let byte = bytes[place]
    if byte == UInt8(ascii: "%"), place + 2 < bytes.count, let high = digit(bytes[place + 1]),
      let low = digit(bytes[place + 2])
    {
      decoded.append(high << 4 | low)
      place += 3
    } else {
      decoded.append(byte == UInt8(ascii: "+") && plusIsSpace ? UInt8(ascii: " ") : byte)
      place += 1
    }
  }
  return String(decoding: decoded, as: UTF8.self)
}
