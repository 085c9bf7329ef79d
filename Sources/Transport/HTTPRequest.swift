/// A request as a value: it can be compared, recorded and sent by any `HTTPClient`.
public struct HTTPRequest: Hashable, Sendable {
  public enum Method: String, Sendable {
    case get = "GET", post = "POST", put = "PUT", patch = "PATCH", delete = "DELETE"
  }

  public var method: Method
  public var endpoint: Endpoint
  /// Path and query, percent-encoded, from the slash on: `/api/v1/pods?limit=500`.
  public var target: String
  public var headers: HTTPHeaders
  public var body: [UInt8]?
  /// How long the answer's head may take, from the call on. Beyond it the request fails with `deadlineExceeded`.
  public var headDeadline: Duration
  /// How long the whole answer may take; `nil` for a stream without end, such as a watch.
  public var deadline: Duration?
  /// How long a stream may stay silent before it counts as broken; `nil` where silence is in order.
  public var idleLimit: Duration?
  /// Whether it is to have a connection to itself. On a shared one (HTTP/2), what comes for a slow reader has to be held
  /// in memory so that the others can go on; on one of its own the server waits.
  public var isAlone: Bool

  public init(
    _ method: Method = .get, _ endpoint: Endpoint, _ target: String, headers: HTTPHeaders = [:], body: [UInt8]? = nil,
    headDeadline: Duration = .seconds(10), deadline: Duration? = .seconds(30), idleLimit: Duration? = nil,
    isAlone: Bool = false
  ) {
    self.method = method
    self.endpoint = endpoint
    self.target = target
    self.headers = headers
    self.body = body
    self.headDeadline = headDeadline
    self.deadline = deadline
    self.idleLimit = idleLimit
    self.isAlone = isAlone
  }
}

/// Header fields in order. Names compare without case (RFC 9110, 5.1); a name may stand several times.
public struct HTTPHeaders: Hashable, Sendable, ExpressibleByDictionaryLiteral, Sequence {
  private var fields: [Field]

  struct Field: Hashable, Sendable {
    var name: String
    var value: String
  }

  public init(_ fields: [(String, String)] = []) { self.fields = fields.map { Field(name: $0, value: $1) } }
  public init(dictionaryLiteral elements: (String, String)...) { self.init(elements) }

  /// The first value of a field. Setting replaces all of them; `nil` removes them.
  public subscript(name: String) -> String? {
    get { fields.first { $0.name.lowercased() == name.lowercased() }?.value }
    set {
      fields.removeAll { $0.name.lowercased() == name.lowercased() }
      if let newValue { fields.append(Field(name: name, value: newValue)) }
    }
  }

  public func values(of name: String) -> [String] {
    fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
  }

  public mutating func add(_ name: String, _ value: String) { fields.append(Field(name: name, value: value)) }

  public func makeIterator() -> AnyIterator<(name: String, value: String)> {
    var rest = fields.makeIterator()
    return AnyIterator { rest.next().map { ($0.name, $0.value) } }
  }
}

/// Percent-encodes what may not stand in a path segment or a query value (RFC 3986, 2.3): all but the unreserved.
public func percentEncoded(_ text: String) -> String {
  let digits = Array("0123456789ABCDEF")
  var encoded = ""
  for byte in text.utf8 {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "~"):
      encoded.unicodeScalars.append(Unicode.Scalar(byte))
    default:
      encoded += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
    }
  }
  return encoded
}

/// `?name=value&…` with both sides percent-encoded, or nothing where there are no items. A `nil` value writes the
/// name alone, as Envoy's flags are written (`?usedonly`).
public func queryString(_ items: [(String, String?)]) -> String {
  guard !items.isEmpty else { return "" }
  return "?"
    + items.map { name, value in percentEncoded(name) + (value.map { "=" + percentEncoded($0) } ?? "") }
    .joined(separator: "&")
}
