import Glibc

/// Two shares of errors side by side: how likely mere chance is to set them that far apart. A test of two proportions
/// with the pooled variance, one-sided (D. Altman, Practical Statistics for Medical Research, 1991, 10.3).
public struct Comparison: Equatable, Sendable {
  /// The probability that the first would fail so much more often than the second if both were alike.
  public let chance: Double

  /// `nil` where there are too few requests for the test.
  public init?(
    _ one: (requests: Double, errors: Double), worseThan other: (requests: Double, errors: Double), least: Int
  ) {
    let (n, m) = (one.requests, other.requests)
    guard n >= Double(least), m >= Double(least), n.isFinite, m.isFinite else { return nil }
    let (p, q) = (min(1, one.errors / n), min(1, other.errors / m))
    guard p > q else {
      chance = 1
      return
    }
    let pooled = (one.errors + other.errors) / (n + m)
    let deviation = (pooled * (1 - pooled) * (1 / n + 1 / m)).squareRoot()
    guard deviation > 0 else {
      chance = p > q ? 0 : 1
      return
    }
    chance = erfc((p - q) / deviation / 2.0.squareRoot()) / 2
  }

  /// As a person reads it: `p < 0.001`.
  public var text: String { chance < 0.001 ? "p < 0.001" : "p = \(Figures.decimals(chance, 3))" }
}
