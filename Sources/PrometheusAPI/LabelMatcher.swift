/// One condition on a label, as PromQL writes it in braces.
public struct LabelMatcher: Hashable, Sendable, CustomStringConvertible {
  public enum Operator: String, Sendable {
    case equal = "=", notEqual = "!=", matches = "=~", matchesNot = "!~"
  }

  public var label: String
  public var comparison: Operator
  /// Not escaped; for `matches` a regular expression (RE2) of the whole value.
  public var value: String

  public init(_ label: String, _ comparison: Operator, _ value: String) {
    self.label = label
    self.comparison = comparison
    self.value = value
  }

  /// As it stands in a query: no value can end its quotes.
  public var description: String { "\(label)\(comparison.rawValue)\(Self.quoted(value))" }

  /// A string literal of PromQL, which are Go's: backslashes, quotes and control characters are escaped.
  static func quoted(_ text: String) -> String {
    let digits = Array("0123456789abcdef")
    var literal = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": literal += "\\\(scalar)"
      case "\n": literal += "\\n"
      case "\0"..<" ", "\u{7F}":
        literal += "\\x\(digits[Int(scalar.value >> 4)])\(digits[Int(scalar.value & 15)])"
      default: literal.unicodeScalars.append(scalar)
      }
    }
    return literal + "\""
  }

  /// A regular expression (RE2) that matches this text and nothing else.
  public static func literal(_ text: String) -> String {
    var pattern = ""
    for scalar in text.unicodeScalars {
      if "\\.+*?()|[]{}^$".unicodeScalars.contains(scalar) { pattern += "\\" }
      pattern.unicodeScalars.append(scalar)
    }
    return pattern
  }
}

extension Sequence<LabelMatcher> {
  /// In braces: `{reporter="source",le!=""}`.
  public var selector: String { "{" + map(\.description).joined(separator: ",") + "}" }
}
