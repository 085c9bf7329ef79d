/// A piece of an expression, and where it stands.
struct ExpressionToken: Hashable {
  enum Kind: Hashable {
    case word(String)
    case quoted(String)
    /// `=`, `!=`, `~`, `!~`, `<`, `<=`, `>`, `>=`.
    case comparison(String)
    case and, or, not
    case open, close
    case end
  }

  let kind: Kind
  /// In characters, from 1.
  let column: Int

  /// All pieces, the last of them `end`.
  static func read(_ text: String) throws(ExpressionProblem) -> [ExpressionToken] {
    var rest = text.prefix(Expression.longest + 1)
    guard rest.count <= Expression.longest else {
      throw ExpressionProblem("an expression has at most \(Expression.longest) characters", at: Expression.longest + 1)
    }
    var tokens: [ExpressionToken] = []
    var column = 1
    while let first = rest.first {
      let start = rest.startIndex
      var kind: Kind?
      switch first {
      case _ where first.isWhitespace: rest.removeFirst()
      case "\"", "'":
        rest.removeFirst()
        guard let end = rest.firstIndex(of: first) else {
          throw ExpressionProblem("this quotation is not closed", at: column)
        }
        kind = .quoted(String(rest[..<end]))
        rest = rest[rest.index(after: end)...]
      case "(", ")":
        rest.removeFirst()
        kind = first == "(" ? .open : .close
      case "&", "|":
        rest.removeFirst()
        if rest.first == first { rest.removeFirst() }
        kind = first == "&" ? .and : .or
      case "!", "=", "~", "<", ">":
        rest.removeFirst()
        var sign = String(first)
        if let next = rest.first, next == "=" || (next == "~" && first == "!") {
          rest.removeFirst()
          // `==` is what some write for `=`.
          if first != "=" { sign.append(next) }
        }
        kind = sign == "!" ? .not : .comparison(sign)
      default:
        let word = String(rest.prefix { !$0.isWhitespace && !"()!=~<>&|\"'".contains($0) })
        rest.removeFirst(word.count)
        switch word.lowercased() {
        case "and": kind = .and
        case "or": kind = .or
        case "not": kind = .not
        default: kind = .word(word)
        }
      }
      if let kind { tokens.append(ExpressionToken(kind: kind, column: column)) }
      column += text.distance(from: start, to: rest.startIndex)
    }
    return tokens + [ExpressionToken(kind: .end, column: column)]
  }
}
