/// A JSON value that can be changed, compared and written.
public enum JSONValue: Equatable, Sendable {
  case null
  case bool(Bool)
  case int(Int)
  /// A whole number; the parser uses this only above `Int.max`.
  case unsigned(UInt64)
  case double(Double)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)

  public init(parsing text: [UInt8]) throws(JSONError) { self = try JSON(parsing: text).value }
  public init(parsing text: String) throws(JSONError) { self = try JSON(parsing: text).value }

  public var string: String? { if case .string(let value) = self { value } else { nil } }
  public var int: Int? { if case .int(let value) = self { value } else { nil } }
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
  public var object: JSONObject? { if case .object(let value) = self { value } else { nil } }
  public var isNull: Bool { self == .null }

  public var double: Double? {
    switch self {
    case .int(let value): Double(value)
    case .unsigned(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  /// A member of an object. Reading one that is not there gives `nil`; setting one makes the object where this is
  /// `null`; setting `nil` removes it. Setting a member of anything else is a mistake of the caller and traps.
  public subscript(key: String) -> JSONValue? {
    get { object?[key] }
    set {
      switch self {
      case .object(var members):
        self = .null  // one owner, so that the change is made in place
        members[key] = newValue
        self = .object(members)
      case .null:
        guard let newValue else { return }
        self = .object(JSONObject([(key, newValue)]))
      default:
        preconditionFailure("a member of something that is no object")
      }
    }
  }
}

// Not by `nil`: it would make `condition ? nil : value` a null where nothing was meant.
extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int) { self = .int(value) }
  public init(floatLiteral value: Double) { self = .double(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(JSONObject(elements)) }
}
