internal import Patterns

/// A piece of an expression, and where it stands.
struct ExpressionToken: Hashable {
  enum Kind: Hashable {
    case word(String)
    case quoted(String)
    /// `/…/` or `/…/i`.
    case pattern(Pattern)
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
      case "/":
        guard let (source, ignoresCase, end) = pattern(in: rest) else {
          kind = word(&rest)
          break
        }
        do throws(PatternProblem) {
          kind = .pattern(try Pattern(source, ignoresCase: ignoresCase))
        } catch {
          throw ExpressionProblem("this pattern is wrong: \(error.what)", at: column + error.column)
        }
        rest = rest[end...]
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
      default: kind = word(&rest)
      }
      if let kind { tokens.append(ExpressionToken(kind: kind, column: column)) }
      column += text.distance(from: start, to: rest.startIndex)
    }
    return tokens + [ExpressionToken(kind: .end, column: column)]
  }

  private static func word(_ rest: inout Substring) -> Kind {
    let word = String(rest.prefix { !$0.isWhitespace && !"()!=~<>&|\"'".contains($0) })
    rest.removeFirst(word.count)
    return switch word.lowercased() {
    case "and": .and
    case "or": .or
    case "not": .not
    default: .word(word)
    }
  }

  /// `/…/` or `/…/i`, without a blank in it: then what begins with a slash is a path.
  private static func pattern(in text: Substring) -> (source: String, ignoresCase: Bool, end: Substring.Index)? {
    var place = text.index(after: text.startIndex)
    let start = place
    while place < text.endIndex, !text[place].isWhitespace {
      let next = text.index(after: place)
      if text[place] == "/", place > start {
        let ignoresCase = next < text.endIndex && text[next] == "i"
        let end = ignoresCase ? text.index(after: next) : next
        if end == text.endIndex || text[end].isWhitespace || text[end] == ")" {
          return (String(text[start..<place]), ignoresCase, end)
        }
      }
      place = text[place] == "\\" && next < text.endIndex ? text.index(after: next) : next
    }
    return nil
  }
}
