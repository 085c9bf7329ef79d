internal import CTomlPlusPlus

/// A place in a file; both from 1, the column in characters (code points).
public struct Place: Hashable, Comparable, Sendable {
  public var line: Int
  public var column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  public static func < (left: Place, right: Place) -> Bool { (left.line, left.column) < (right.line, right.column) }
}

/// A value of a TOML file (https://toml.io, 1.0) and where it stands.
struct TOML {
  indirect enum Value {
    /// In the order of the file.
    case table([Entry])
    case array([TOML])
    case string(String)
    case integer(Int64)
    case number(Double)
    case boolean(Bool)
    /// A date or time, which no setting is.
    case time
  }

  struct Entry {
    var key: String
    /// Where the key stands.
    var place: Place
    var value: TOML
  }

  /// Why a text is no TOML.
  struct SyntaxError: Error {
    var words: String
    var place: Place
  }

  var value: Value
  var place: Place

  /// What it is, for a sentence.
  var kind: String {
    switch value {
    case .table: "a table"
    case .array: "a list"
    case .string: "a text"
    case .integer, .number: "a number"
    case .boolean: "true or false"
    case .time: "a time"
    }
  }

  static func entries(of text: [UInt8]) throws(SyntaxError) -> [Entry] {
    guard let document = toml_parse(text, text.count) else { return [] }
    defer { toml_free(document) }
    var words = toml_text(), place = toml_place()
    if toml_has_error(document, &words, &place) {
      throw SyntaxError(words: String(words), place: Place(place))
    }
    return Self.entries(in: toml_root(document))
  }

  private init(_ part: OpaquePointer?) {
    place = Place(toml_place_of(part))
    switch toml_kind_of(part) {
    case TOML_TABLE: value = .table(Self.entries(in: part))
    case TOML_ARRAY: value = .array(Self.entries(in: part).map(\.value))
    case TOML_STRING: value = .string(String(toml_string_of(part)))
    case TOML_INTEGER: value = .integer(toml_integer_of(part))
    case TOML_NUMBER: value = .number(toml_number_of(part))
    case TOML_BOOLEAN: value = .boolean(toml_boolean_of(part))
    default: value = .time
    }
  }

  private static func entries(in part: OpaquePointer?) -> [Entry] {
    var entries: [Entry] = []
    withUnsafeMutablePointer(to: &entries) { pointer in
      toml_each(part, pointer) { context, key, place, value in
        let entry = Entry(key: String(key), place: Place(place), value: TOML(value))
        context?.assumingMemoryBound(to: [Entry].self).pointee.append(entry)
      }
    }
    // Tables come by name; a list's elements have their order, and no key.
    return toml_kind_of(part) == TOML_TABLE ? entries.sorted { $0.place < $1.place } : entries
  }
}

extension Place {
  fileprivate init(_ place: toml_place) { self.init(line: Int(place.line), column: Int(place.column)) }
}

extension String {
  fileprivate init(_ text: toml_text) {
    let bytes = UnsafeRawBufferPointer(start: text.bytes, count: text.count)
    self.init(decoding: bytes, as: UTF8.self)
  }
}
