/// What is wrong with a pattern, and where.
public struct PatternProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// In characters of the pattern, from 1.
  public let column: Int
  /// A sentence without a full stop.
  public let what: String

  public var description: String { "column \(column): \(what)" }
}
