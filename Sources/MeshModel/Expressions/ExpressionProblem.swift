/// What is wrong with an expression, and where.
public struct ExpressionProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// In characters, from 1.
  public let column: Int
  /// A sentence without a full stop, with what there is instead.
  public let what: String

  init(_ what: String, at column: Int) {
    self.what = what
    self.column = column
  }

  public var description: String { "column \(column): \(what)" }
}

extension ExpressionProblem {
  static func noField(_ name: String, _ fields: [ExpressionField], at column: Int) -> ExpressionProblem {
    let names = fields.map(\.name)
    let folded = name.lowercased()
    let near = names.map { (name: $0, distance: editDistance($0, folded)) }.min { $0.distance < $1.distance }
    let guess = near.flatMap { $0.distance <= max(1, $0.name.count / 2) ? " (did you mean \($0.name)?)" : nil } ?? ""
    return ExpressionProblem(
      "there is no “\(name.prefix(24))”\(guess): \(names.joined(separator: ", "))", at: column)
  }

  /// How many letters must be put in, left out, changed, or swapped with the next one (optimal string alignment).
  static func editDistance(_ one: String, _ other: String) -> Int {
    let a = Array(one.utf8.prefix(32)), b = Array(other.utf8.prefix(32))
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var least = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, beforeLast[j - 1] + 1) }
        row.append(least)
      }
      (beforeLast, last) = (last, row)
    }
    return last[b.count]
  }
}
