internal import CSimdjson

/// A value inside a parsed JSON document, read in place: finding a member copies nothing, and what is not asked for
/// costs nothing beyond the parse. Keeps its document alive. RFC 8259.
///
/// Reading never fails loudly: a member that is absent, or of another type, is `nil`, since servers leave out zeros
/// and nulls. Use `JSONValue` for what is to be changed or written.
public struct JSON: Sendable {
  private let document: Document
  private let index: UInt64

  /// Parses UTF-8 text. Members keep their order. Nesting deeper than 1,024 is refused.
  public init(parsing text: [UInt8]) throws(JSONError) {
    document = try Document(text)
    index = 1
  }

  public init(parsing text: String) throws(JSONError) {
    try self.init(parsing: Array(text.utf8))
  }

  private init(_ document: Document, at index: UInt64) {
    self.document = document
    self.index = index
  }

  private var element: sj_element { sj_element(document: document.pointer, index: index) }

  public enum Kind: Sendable { case null, bool, number, string, array, object }

  public var kind: Kind {
    switch sj_type_of(element) {
    case SJ_BOOL: .bool
    case SJ_INT64, SJ_UINT64, SJ_DOUBLE: .number
    case SJ_STRING: .string
    case SJ_ARRAY: .array
    case SJ_OBJECT: .object
    default: .null
    }
  }

  public var isNull: Bool { kind == .null }

  /// The member with a key; `nil` when it is absent or `null`, or when this is no object.
  public subscript(key: String) -> JSON? {
    var key = key
    var found = sj_element()
    let isThere = key.withUTF8 { utf8 in
      utf8.withMemoryRebound(to: CChar.self) { sj_member(element, $0.baseAddress, $0.count, &found) }
    }
    guard isThere else { return nil }
    let value = JSON(document, at: found.index)
    return value.isNull ? nil : value
  }

  public var string: String? {
    guard sj_type_of(element) == SJ_STRING else { return nil }
    let text = sj_string_of(element)
    return UnsafeBufferPointer(start: text.bytes, count: text.count).withMemoryRebound(to: UInt8.self) {
      String(decoding: $0, as: UTF8.self)
    }
  }

  /// An integer that fits, also where it is written as a number in a string (as Envoy's admin API does).
  public var int: Int? {
    switch sj_type_of(element) {
    case SJ_INT64: Int(sj_int64(element))
    case SJ_UINT64: Int(exactly: sj_uint64(element))
    case SJ_DOUBLE: Int(exactly: sj_double(element))
    case SJ_STRING: string.flatMap { Int($0) }
    default: nil
    }
  }

  /// A whole number of at least zero, also where it is written in a string. Counters go above `Int.max`.
  public var unsigned: UInt64? {
    switch sj_type_of(element) {
    case SJ_INT64: UInt64(exactly: sj_int64(element))
    case SJ_UINT64: sj_uint64(element)
    case SJ_DOUBLE: UInt64(exactly: sj_double(element))
    case SJ_STRING: string.flatMap { UInt64($0) }
    default: nil
    }
  }

  /// A number, also where it is written in a string.
  public var double: Double? {
    switch sj_type_of(element) {
    case SJ_INT64: Double(sj_int64(element))
    case SJ_UINT64: Double(sj_uint64(element))
    case SJ_DOUBLE: sj_double(element)
    case SJ_STRING: string.flatMap { Double($0) }
    default: nil
    }
  }

  public var bool: Bool? { kind == .bool ? sj_bool(element) : nil }

  /// The elements of an array in order; empty for anything else.
  public var elements: Elements { Elements(document, kind == .array ? sj_children(element) : sj_span()) }

  /// The members of an object in order; empty for anything else.
  public var members: Members { Members(document, kind == .object ? sj_children(element) : sj_span()) }

  /// A copy that can be changed and written, and that no longer holds the document.
  public var value: JSONValue {
    switch sj_type_of(element) {
    case SJ_BOOL: .bool(sj_bool(element))
    case SJ_INT64: .int(Int(sj_int64(element)))
    case SJ_UINT64: .unsigned(sj_uint64(element))
    case SJ_DOUBLE: .double(sj_double(element))
    case SJ_STRING: .string(string ?? "")
    case SJ_ARRAY: .array(elements.map(\.value))
    case SJ_OBJECT: .object(JSONObject(members.map { ($0.key, $0.value.value) }))
    default: .null
    }
  }

  public struct Elements: Sequence, IteratorProtocol, Sendable {
    private let document: Document
    private var place: UInt64
    private let end: UInt64

    fileprivate init(_ document: Document, _ span: sj_span) {
      (self.document, place, end) = (document, span.begin, span.end)
    }

    public mutating func next() -> JSON? {
      guard place < end else { return nil }
      let value = JSON(document, at: place)
      place = sj_after(value.element)
      return value
    }
  }

  public struct Members: Sequence, IteratorProtocol, Sendable {
    private let document: Document
    private var place: UInt64
    private let end: UInt64

    fileprivate init(_ document: Document, _ span: sj_span) {
      (self.document, place, end) = (document, span.begin, span.end)
    }

    public mutating func next() -> (key: String, value: JSON)? {
      guard place < end else { return nil }
      let key = JSON(document, at: place).string ?? ""
      let value = JSON(document, at: place + 1)
      place = sj_after(value.element)
      return (key, value)
    }
  }
}

/// Why a text is not JSON, in simdjson's words.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  public let reason: String

  public var description: String { "not JSON: \(reason)" }
}

/// Owns a parsed document. `@unchecked Sendable` because a document is never changed after the initializer: every
/// function that reads it takes it as const, and it is freed once, when the last value that points into it is gone.
private final class Document: @unchecked Sendable {
  let pointer: OpaquePointer

  init(_ text: [UInt8]) throws(JSONError) {
    var reason: UnsafePointer<CChar>?
    let parsed = text.withUnsafeBufferPointer { sj_parse($0.baseAddress, $0.count, &reason) }
    guard let parsed else { throw JSONError(reason: reason.map { String(cString: $0) } ?? "unknown") }
    pointer = parsed
  }

  deinit { sj_free(pointer) }
}
