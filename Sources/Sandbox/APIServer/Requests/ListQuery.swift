internal import JSON

/// Which objects a list or a watch is about.
struct ListQuery {
  let type: ResourceType
  /// The version of the type that was asked for: `v1alpha3`.
  let version: String
  let namespace: String?
  private let labels: LabelSelector?
  private let fields: FieldSelector?
  private let name: String?

  init(_ type: ResourceType, _ target: ResourceTarget, _ query: HTTPServer.Query) throws(APIFailure) {
    self.type = type
    version = target.version
    namespace = type.isNamespaced ? target.namespace : nil
    name = target.name
    if let text = query["labelSelector"], !text.isEmpty { labels = try LabelSelector(text) } else { labels = nil }
    if let text = query["fieldSelector"], !text.isEmpty {
      fields = try FieldSelector(text, type: type)
    } else {
      fields = nil
    }
  }

  var isSelective: Bool { labels != nil || fields != nil }

  func matches(_ object: APIObject) -> Bool {
    (namespace == nil || object.namespace == namespace) && (name == nil || object.name == name)
      && labels?.matches(object) ?? true && fields?.matches(object) ?? true
  }

  var apiVersion: String { type.apiVersion(of: version) }
}

/// Where a list goes on, as the opaque token of its `continue`.
struct ContinueToken {
  /// The version that all pages show; -1 for whatever is there now.
  let version: Int
  let after: APIObject.Key

  init(version: Int, after: APIObject.Key) { (self.version, self.after) = (version, after) }

  var text: String {
    let json: JSONValue = [
      "v": "meta.k8s.io/v1", "rv": .int(version), "start": .string("\(after.namespace)/\(after.name)\u{0}"),
    ]
    return Base64URL.encoded(json.bytes())
  }

  init(_ text: String) throws(APIFailure) {
    let bytes: [UInt8]
    do { bytes = try Base64URL.decoded(text) } catch {
      throw .badRequest(
        "invalid continue token: continue key is not valid: illegal base64 data at input byte \(error.place)")
    }
    guard let json = try? JSONValue(parsing: bytes), json["v"] == "meta.k8s.io/v1", let version = json["rv"]?.int,
      let start = json["start"]?.string, let slash = start.firstIndex(of: "/"), start.hasSuffix("\u{0}")
    else { throw .badRequest("invalid continue token: continue key is not valid: server is not recognizing this") }
    self.version = version
    after = APIObject.Key(String(start[start.index(after: slash)...].dropLast()), in: String(start[..<slash]))
  }
}

/// Base64 in the alphabet for URLs, without padding (RFC 4648, 5).
enum Base64URL {
  struct Malformed: Error { let place: Int }

  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  static func encoded(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    var (bits, count) = (0, 0)
    for byte in bytes {
      (bits, count) = (bits << 8 | Int(byte), count + 8)
      while count >= 6 {
        count -= 6
        text.append(alphabet[bits >> count & 63])
      }
      bits &= (1 << count) - 1
    }
    if count > 0 { text.append(alphabet[bits << (6 - count) & 63]) }
    return String(decoding: text, as: UTF8.self)
  }

  static func decoded(_ text: String) throws(Malformed) -> [UInt8] {
    var bytes: [UInt8] = []
    var (bits, count) = (0, 0)
    for (place, character) in text.utf8.enumerated() {
      guard let value = alphabet.firstIndex(of: character) else { throw Malformed(place: place) }
      (bits, count) = (bits << 6 | value, count + 6)
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(bits >> count & 255))
      }
      bits &= (1 << count) - 1
    }
    guard text.utf8.count % 4 != 1 else { throw Malformed(place: text.utf8.count - 1) }
    return bytes
  }
}
