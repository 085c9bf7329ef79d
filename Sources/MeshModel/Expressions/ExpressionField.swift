/// Something that an expression can ask about: `err`, `ns`, `healthy`.
public struct ExpressionField: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// A count or a rate: `10`, `1.5k`, `2M`.
    case number
    /// A part of a whole, written as percent: `1%`.
    case share
    /// A span of time, written with its unit: `500ms`, `1.5s`.
    case time
    case text
    /// One of some words that stand in an order, from least to most: `info`, `warning`. Their beginnings will do.
    case ordered([String])
    /// Stands alone: it is so or it is not.
    case flag
  }

  public let name: String
  public let kind: Kind
  /// What it is, for a person: `share of requests that fail`.
  public let meaning: String
  /// Some of what it can be, to complete by.
  public let values: [String]

  public init(_ name: String, _ kind: Kind, _ meaning: String, values: [String] = []) {
    self.name = name
    self.kind = kind
    self.meaning = meaning
    if case .ordered(let words) = kind { self.values = words } else { self.values = values }
  }
}

/// What a subject says of a field, in the field's kind.
public enum ExpressionValue: Hashable, Sendable {
  /// A number as it is, a share from 0 to 1, a time in seconds, a word by its place in the order.
  case number(Double)
  /// All that it is called: a comparison holds when it holds for one of them.
  case texts([String])
  case flag(Bool)
}

/// What expressions can be asked of.
public protocol ExpressionSubject {
  /// In the order in which a person is told of them. Their names are letters and digits.
  static var fields: [ExpressionField] { get }

  /// `nil` where it is not known: then nothing that is asked of it holds, and neither does its opposite.
  func value(of field: ExpressionField) -> ExpressionValue?

  /// What a bare word is looked for in.
  var words: [String] { get }
}
