/// Reads an expression by recursive descent.
///
///     or      = and { ("or" | "|") and }
///     and     = unary { ["and" | "&"] unary }
///     unary   = { "not" | "!" } ( "(" or ")" | field operator value | flag | word | pattern )
struct ExpressionParser {
  private typealias Node = Logic<Expression.Term>

  private let tokens: [ExpressionToken]
  private let fields: [ExpressionField]
  private var place = 0
  private var depth = 0
  private var parts = 0

  init(_ text: String, fields: [ExpressionField]) throws(ExpressionProblem) {
    tokens = try ExpressionToken.read(text)
    self.fields = fields
  }

  mutating func parse() throws(ExpressionProblem) -> Logic<Expression.Term> {
    guard token != .end else { throw problem("an expression is missing, such as \(example)") }
    let node = try alternatives()
    guard token == .end else { throw problem("“)” closes nothing") }
    return node
  }

  private var token: ExpressionToken.Kind { tokens[place].kind }
  private var column: Int { tokens[place].column }

  private func problem(_ what: String) -> ExpressionProblem { ExpressionProblem(what, at: column) }

  private var example: String {
    guard let field = fields.first(where: { $0.kind != .flag }) ?? fields.first else { return "a word" }
    return field.kind == .flag ? field.name : "\(field.name) \(field.kind.example)"
  }

  private mutating func alternatives() throws(ExpressionProblem) -> Node {
    var nodes = [try conjunction()]
    while token == .or {
      place += 1
      nodes.append(try conjunction())
    }
    return nodes.count == 1 ? nodes[0] : .any(nodes)
  }

  private mutating func conjunction() throws(ExpressionProblem) -> Node {
    var nodes = [try unary()]
    while true {
      switch token {
      case .and: place += 1
      case .not, .open, .word, .quoted, .pattern: break
      case .or, .close, .end, .comparison:
        return nodes.count == 1 ? nodes[0] : .all(nodes)
      }
      nodes.append(try unary())
    }
  }

  private mutating func unary() throws(ExpressionProblem) -> Node {
    depth += 1
    parts += 1
    defer { depth -= 1 }
    guard depth <= Expression.deepest else { throw problem("too many parentheses one inside the other") }
    guard parts <= Expression.mostParts else { throw problem("too many parts") }
    switch token {
    case .not:
      place += 1
      return .not(try unary())
    case .open:
      let start = column
      place += 1
      let node = try alternatives()
      guard token == .close else { throw ExpressionProblem("this “(” is not closed", at: start) }
      place += 1
      return node
    case .word(let text):
      let start = column
      place += 1
      return try term(text, at: start)
    case .quoted(let text):
      place += 1
      return .term(.word(.part(FoldedText(text))))
    case .pattern(let pattern):
      place += 1
      return .term(.word(.pattern(pattern)))
    case .comparison(let sign): throw problem("what is compared is missing before “\(sign)”")
    case .and: throw problem("something is missing before “and”")
    case .or: throw problem("something is missing before “or”")
    case .close: throw problem("something is missing before “)”")
    case .end: throw problem("something is missing at the end")
    }
  }

  private mutating func term(_ name: String, at start: Int) throws(ExpressionProblem) -> Node {
    let field = fields.first { $0.name == name.lowercased() }
    guard case .comparison(let sign) = token else {
      guard let field else { return .term(.word(.part(FoldedText(name)))) }
      guard field.kind == .flag else {
        throw problem("\(field.name) must be compared, such as \(field.name) \(field.kind.example)")
      }
      return .term(.flag(field))
    }
    guard let field else { throw .noField(name, fields, at: start) }
    guard field.kind != .flag else {
      throw problem("\(field.name) stands alone, as \(field.name) or !\(field.name)")
    }
    let signColumn = column
    place += 1
    if field.kind == .text {
      let match = try textMatch(field, sign, at: signColumn)
      place += 1
      return .term(.text(field, isNot: sign.hasPrefix("!"), match))
    }
    guard let comparison = Expression.Comparison(rawValue: sign) else {
      throw ExpressionProblem("\(field.name) is a figure: =, !=, <, <=, > or >=", at: signColumn)
    }
    let value = try value(of: field)
    guard let bound = field.kind.number(value) else {
      throw problem("“\(value.prefix(24))” is \(field.kind.refusal): write \(field.name) \(field.kind.example)")
    }
    place += 1
    return .term(.compare(field, comparison, bound))
  }

  private func value(of field: ExpressionField) throws(ExpressionProblem) -> String {
    switch token {
    case .word(let text), .quoted(let text): return text
    case .pattern: throw problem("a pattern is compared with texts alone, and \(field.name) is none")
    default:
      throw problem("what \(field.name) is compared with is missing, such as \(field.name) \(field.kind.example)")
    }
  }

  private func textMatch(_ field: ExpressionField, _ sign: String, at signColumn: Int) throws(ExpressionProblem)
    -> TextMatch
  {
    switch sign {
    case "=", "!=":
      if case .pattern = token { throw ExpressionProblem("a pattern is compared by ~ or !~", at: signColumn) }
      return .whole(FoldedText(try value(of: field)))
    case "~", "!~":
      if case .pattern(let pattern) = token { return .pattern(pattern) }
      return .part(FoldedText(try value(of: field)))
    default: throw ExpressionProblem("\(field.name) is a text: =, !=, ~ (contains) or !~", at: signColumn)
    }
  }
}

extension ExpressionField.Kind {
  fileprivate var example: String {
    switch self {
    case .number: "> 10"
    case .share: "> 1%"
    case .time: "> 500ms"
    case .text: "= name"
    case .ordered(let words): ">= \(words.last ?? "")"
    case .flag: ""
    }
  }

  fileprivate var refusal: String {
    if case .ordered(let words) = self { "none of \(words.joined(separator: ", "))" } else { "no \(noun)" }
  }

  private var noun: String {
    switch self {
    case .number: "number"
    case .share: "share in percent"
    case .time: "time with its unit"
    case .text: "text"
    case .ordered: "word of an order"
    case .flag: "flag"
    }
  }

  /// A figure with its unit, in what a subject's values are in.
  fileprivate func number(_ text: String) -> Double? {
    if case .ordered(let words) = self {
      let folded = text.lowercased()
      let begun = words.indices.filter { words[$0].hasPrefix(folded) }
      return (words.firstIndex(of: folded) ?? (begun.count == 1 ? begun[0] : nil)).map(Double.init)
    }
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let value = Double(digits), value.isFinite else { return nil }
    return switch (self, text.dropFirst(digits.count)) {
    case (.number, ""): value
    case (.number, "k"): value * 1_000
    case (.number, "M"): value * 1_000_000
    case (.share, "%"): value / 100
    case (.time, "ms"): value / 1_000
    case (.time, "s"): value
    case (.time, "m"): value * 60
    default: nil
    }
  }
}
