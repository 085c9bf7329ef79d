internal import JSON

/// Reads the questions about oneself that kubectl sends as protocol buffers (`application/vnd.kubernetes.protobuf`):
/// the only bodies for which it does so among those that the sandbox takes. The fields' numbers are those of
/// k8s.io/api/authorization/v1/generated.proto.
enum ProtobufReview {
  static let mediaType = "application/vnd.kubernetes.protobuf"

  /// The question as JSON; `nil` where the bytes are no such question.
  static func json(_ bytes: [UInt8]) -> JSONValue? {
    guard bytes.starts(with: Array("k8s\0".utf8)), let envelope = Fields(bytes[4...]),
      let typeMeta = envelope[1].flatMap({ Fields($0) }), let object = Fields(envelope[2] ?? [])
    else { return nil }
    let kind = typeMeta.string(2)
    var json: JSONValue = [
      "apiVersion": typeMeta.string(1).map { .string($0) } ?? "", "kind": kind.map { .string($0) } ?? "",
    ]
    guard let spec = object[2].flatMap({ Fields($0) }) else { return json }
    switch kind {
    case "SelfSubjectAccessReview":
      if let resource = spec[1].flatMap({ Fields($0) }) {
        let names = ["namespace", "verb", "group", "version", "resource", "subresource", "name"]
        json["spec"] = ["resourceAttributes": resource.object(names)]
      } else if let path = spec[2].flatMap({ Fields($0) }) {
        json["spec"] = ["nonResourceAttributes": path.object(["path", "verb"])]
      }
    case "SelfSubjectRulesReview": json["spec"] = spec.object(["namespace"])
    default: break
    }
    return json
  }

  /// The fields of a message that have bytes, by number.
  private struct Fields {
    private var values: [UInt64: ArraySlice<UInt8>] = [:]

    init?(_ bytes: ArraySlice<UInt8>) {
      var rest = bytes
      while !rest.isEmpty {
        guard let tag = Self.varint(&rest) else { return nil }
        switch tag & 7 {
        case 0:
          guard Self.varint(&rest) != nil else { return nil }
        case 2:
          guard let length = Self.varint(&rest), length <= rest.count else { return nil }
          values[tag >> 3] = rest.prefix(Int(length))
          rest = rest.dropFirst(Int(length))
        default: return nil
        }
      }
    }

    subscript(number: UInt64) -> ArraySlice<UInt8>? { values[number] }

    func string(_ number: UInt64) -> String? { values[number].map { String(decoding: $0, as: UTF8.self) } }

    /// The fields from 1 on under their names, without empty ones.
    func object(_ names: [String]) -> JSONValue {
      var object = JSONObject()
      for (place, name) in names.enumerated() {
        if let text = string(UInt64(place + 1)), !text.isEmpty { object[name] = .string(text) }
      }
      return .object(object)
    }

    private static func varint(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
      var value: UInt64 = 0
      for shift in stride(from: 0, to: 64, by: 7) {
        guard let byte = bytes.popFirst() else { return nil }
        value |= UInt64(byte & 0x7F) << UInt64(shift)
        if byte < 0x80 { return value }
      }
      return nil
    }
  }
}
