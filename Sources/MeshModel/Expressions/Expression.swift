/// A question about what is listed: `err > 1% and not (ns = payments or idle)`.
///
/// Comparisons (`=`, `!=`, `~` contains, `!~`, `<`, `<=`, `>`, `>=`), flags, and bare words, which a name must contain;
/// joined by `and`, `or`, `not` (`&`, `|`, `!`) and parentheses; what stands side by side is joined by `and`. Text is
/// compared whatever the case of its Latin letters.
///
/// What is not known is neither so nor not so: `err > 1%` and `!(err > 1%)` both leave out what has no error rate.
public struct Expression: Hashable, Sendable {
  /// At most so many characters are read, and so many parts and parentheses one inside the other.
  public static let longest = 1_000
  static let mostParts = 100
  static let deepest = 32

  indirect enum Node: Hashable, Sendable {
    case all([Node])
    case any([Node])
    case not(Node)
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
  let root: Node

  /// - Parameter fields: What can be asked about.
  public init(_ text: String, fields: [ExpressionField]) throws(ExpressionProblem) {
    self.text = text
    var parser = try ExpressionParser(text, fields: fields)
    root = try parser.parse()
  }

  /// Whether it is known to hold.
  public func matches(_ subject: some ExpressionSubject) -> Bool { root.holds(for: subject) == true }
}

extension Expression.Node {
  /// Kleene's logic of three values; `nil` is unknown.
  func holds(for subject: some ExpressionSubject) -> Bool? {
    switch self {
    case .all(let parts): Self.verdict(parts, of: subject, decisive: false)
    case .any(let parts): Self.verdict(parts, of: subject, decisive: true)
    case .not(let part): part.holds(for: subject).map { !$0 }
    case .flag(let field):
      if case .flag(let value) = subject.value(of: field) { value } else { nil }
    case .compare(let field, let comparison, let bound):
      if case .number(let value) = subject.value(of: field) { comparison.holds(value, bound) } else { nil }
    case .text(let field, let isNot, let match):
      if case .texts(let values) = subject.value(of: field) {
        values.contains(where: match.holds) != isNot
      } else {
        nil
      }
    case .word(let match): subject.words.contains(where: match.holds)
    }
  }

  /// One part that is `decisive` decides; else one that is unknown leaves the whole so.
  private static func verdict(_ parts: [Self], of subject: some ExpressionSubject, decisive: Bool) -> Bool? {
    var isKnown = true
    for part in parts {
      guard let holds = part.holds(for: subject) else {
        isKnown = false
        continue
      }
      if holds == decisive { return decisive }
    }
    return isKnown ? !decisive : nil
  }
}

extension Expression.Comparison {
  fileprivate func holds(_ value: Double, _ bound: Double) -> Bool {
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

/// A text that another one must be or contain, whatever the case of its Latin letters.
struct TextMatch: Hashable, Sendable {
  let isWhole: Bool
  private let needle: [UInt8]

  init(_ text: String, isWhole: Bool) {
    self.isWhole = isWhole
    needle = text.utf8.map(Self.folded)
  }

  func holds(_ text: String) -> Bool {
    let count = text.utf8.count
    guard count >= needle.count, !isWhole || count == needle.count else { return false }
    if needle.isEmpty { return true }
    var text = text
    return text.withUTF8 { bytes in
      (0...bytes.count - needle.count).contains { start in
        needle.indices.allSatisfy { Self.folded(bytes[start + $0]) == needle[$0] }
      }
    }
  }

  private static func folded(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 0x20 : byte }
}
