/// Reads an expression by recursive descent.
///
///     or      = and { ("or" | "|") and }
///     and     = unary { ["and" | "&"] unary }
///     unary   = { "not" | "!" } ( "(" or ")" | field operator value | flag | word )
struct ExpressionParser {
  private typealias Node = Expression.Node

  private let tokens: [ExpressionToken]
  private let fields: [ExpressionField]
  private var place = 0
  private var depth = 0
  private var parts = 0

  init(_ text: String, fields: [ExpressionField]) throws(ExpressionProblem) {
    tokens = try ExpressionToken.read(text)
    self.fields = fields
  }

  mutating func parse() throws(ExpressionProblem) -> Expression.Node {
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
      case .not, .open, .word, .quoted: break
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
      return .word(TextMatch(text, isWhole: false))
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
      guard let field else { return .word(TextMatch(name, isWhole: false)) }
      guard field.kind == .flag else {
        throw problem("\(field.name) must be compared, such as \(field.name) \(field.kind.example)")
      }
      return .flag(field)
    }
    guard let field else { throw .noField(name, fields, at: start) }
    guard field.kind != .flag else {
      throw problem("\(field.name) stands alone, as \(field.name) or !\(field.name)")
    }
    let signColumn = column
    place += 1
    let value: String
    switch token {
    case .word(let text), .quoted(let text): value = text
    default:
      throw problem("what \(field.name) is compared with is missing, such as \(field.name) \(field.kind.example)")
    }
    if field.kind == .text {
      guard let match = TextMatch(value, comparedBy: sign) else {
        throw ExpressionProblem("\(field.name) is a text: =, !=, ~ (contains) or !~", at: signColumn)
      }
      place += 1
      return .text(field, isNot: sign.hasPrefix("!"), match)
    }
    guard let comparison = Expression.Comparison(rawValue: sign) else {
      throw ExpressionProblem("\(field.name) is a figure: =, !=, <, <=, > or >=", at: signColumn)
    }
    guard let bound = field.kind.number(value) else {
      throw problem("“\(value.prefix(24))” is no \(field.kind.noun): write \(field.name) \(field.kind.example)")
    }
    place += 1
    return .compare(field, comparison, bound)
  }
}

extension TextMatch {
  fileprivate init?(_ text: String, comparedBy sign: String) {
    switch sign {
    case "=", "!=": self.init(text, isWhole: true)
    case "~", "!~": self.init(text, isWhole: false)
    default: return nil
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
    case .flag: ""
    }
  }

  fileprivate var noun: String {
    switch self {
    case .number: "number"
    case .share: "share in percent"
    case .time: "time with its unit"
    case .text: "text"
    case .flag: "flag"
    }
  }

  /// A figure with its unit, in what a subject's values are in.
  fileprivate func number(_ text: String) -> Double? {
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
