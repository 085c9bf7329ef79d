/// A question about what is listed: `err > 1% and not (ns = payments or idle)`.
///
/// Comparisons (`=`, `!=`, `~` contains, `!~`, `<`, `<=`, `>`, `>=`), flags, and bare words, which a name must contain;
/// joined by `and`, `or`, `not` (`&`, `|`, `!`) and parentheses; what stands side by side is joined by `and`. Text is
/// compared whatever the case of its Latin letters. `/…/` in the place of a word is a regular expression, which minds
/// the case unless `i` follows.
///
/// What is not known is neither so nor not so: `err > 1%` and `!(err > 1%)` both leave out what has no error rate.
public struct Expression: Hashable, Sendable {
  /// At most so many characters are read, and so many parts and parentheses one inside the other.
  public static let longest = 1_000
  static let mostParts = 100
  static let deepest = 32

  /// What is asked in one place.
  enum Term: Hashable, Sendable {
    case flag(ExpressionField)
    case compare(ExpressionField, Comparison, Double)
    case text(ExpressionField, isNot: Bool, TextMatch)
    case word(TextMatch)
  }

  enum Comparison: String, Hashable, Sendable {
    case equal = "=", unequal = "!=", less = "<", atMost = "<=", greater = ">", atLeast = ">="
  }

  /// As it was written.
  public let text: String
  let root: Logic<Term>

  /// - Parameter fields: What can be asked about.
  public init(_ text: String, fields: [ExpressionField]) throws(ExpressionProblem) {
    self.text = text
    var parser = try ExpressionParser(text, fields: fields)
    root = try parser.parse()
  }

  /// Whether it is known to hold.
  public func matches(_ subject: some ExpressionSubject) -> Bool { root.holds { $0.holds(for: subject) } == true }
}

extension Expression.Term {
  fileprivate func holds(for subject: some ExpressionSubject) -> Bool? {
    switch self {
    case .flag(let field):
      if case .flag(let value) = subject.value(of: field) { value } else { nil }
    case .compare(let field, let comparison, let bound):
      if case .number(let value) = subject.value(of: field) { comparison.holds(value, bound) } else { nil }
    case .text(let field, let isNot, let match):
      if case .texts(let values) = subject.value(of: field) { match.isIn(values).map { $0 != isNot } } else { nil }
    case .word(let match): match.isIn(subject.words)
    }
  }
}

extension Expression.Comparison {
  func holds(_ value: Double, _ bound: Double) -> Bool {
    switch self {
    case .equal: value == bound
    case .unequal: value != bound
    case .less: value < bound
    case .atMost: value <= bound
    case .greater: value > bound
    case .atLeast: value >= bound
    }
  }
}
