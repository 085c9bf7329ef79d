/// Reads a format string: `%NAME(argument):length%` between literals, `%%` for a percent sign. What begins with `{` is
/// an object, whose values are such strings, in quotes or bare.
struct AccessLogFormatParser {
  private let text: [Character]
  private var place = 0
  private(set) var unknown: [(name: String, column: Int)] = []

  private static let mostOperators = 200

  init(_ text: String) {
    self.text = Array(text)
  }

  mutating func parse() throws(AccessLogFormat.Problem) -> AccessLogFormat.Shape {
    skipBlanks()
    if peek == "{" { return .json(try object()) }
    place = 0
    // The line's own end is no part of it.
    let end = text.last.map { $0.isNewline } == true ? text.count - 1 : text.count
    let template = try template(to: end) { _ in false }
    guard template.operators.contains(where: { $0.field != nil }) else {
      throw problem("a format has operators, such as %RESPONSE_CODE%", at: 0)
    }
    return .text(template)
  }

  private var peek: Character? { place < text.count ? text[place] : nil }

  private func problem(_ what: String, at place: Int) -> AccessLogFormat.Problem {
    AccessLogFormat.Problem(column: place + 1, what: what)
  }

  private mutating func skipBlanks() { while let next = peek, next.isWhitespace { place += 1 } }

  /// - Parameter isEnd: Whether a character ends it, outside of operators.
  private mutating func template(
    to end: Int, _ isEnd: (Character) -> Bool
  ) throws(AccessLogFormat.Problem) -> AccessLogTemplate {
    var template = AccessLogTemplate()
    while place < end, !isEnd(text[place]) {
      if text[place] == "%", place + 1 < end, text[place + 1] == "%" {
        template.literals[template.operators.count].append(UInt8(ascii: "%"))
        place += 2
      } else if text[place] == "%" {
        let start = place
        let next = try operation(to: end)
        if !template.operators.isEmpty, template.literals[template.operators.count].isEmpty {
          throw problem("nothing stands between two operators: nothing tells where the first one ends", at: start)
        }
        guard template.operators.count < Self.mostOperators else { throw problem("too many operators", at: start) }
        template.operators.append(next)
        template.literals.append([])
      } else if text[place].isNewline {
        throw problem("a line ends here, and a format is of one line", at: place)
      } else {
        template.literals[template.operators.count] += Array(String(text[place]).utf8)
        place += 1
      }
    }
    template.finish()
    return template
  }

  /// From one percent sign to the next outside of parentheses.
  private mutating func operation(to end: Int) throws(AccessLogFormat.Problem) -> AccessLogTemplate.Operator {
    let start = place
    place += 1
    var name = "", argument = ""
    while place < end, text[place].isOperatorName {
      name.append(text[place])
      place += 1
    }
    guard !name.isEmpty else { throw problem("an operator's name is missing; %% is a percent sign", at: start) }
    if place < end, text[place] == "(" {
      place += 1
      while place < end, text[place] != ")" {
        argument.append(text[place])
        place += 1
      }
      guard place < end else { throw problem("this %\(name)( is not closed", at: start) }
      place += 1
    }
    if place < end, text[place] == ":" {
      place += 1
      let digits = place
      while place < end, text[place].isASCII, text[place].isNumber { place += 1 }
      guard place > digits else { throw problem("a length is missing behind :", at: place) }
    }
    guard place < end, text[place] == "%" else { throw problem("this %\(name) is not closed by %", at: start) }
    place += 1
    guard let known = AccessLogTemplate.Operator(name, argument) else {
      unknown.append((name, start + 2))
      return AccessLogTemplate.Operator(field: nil, value: .anything)
    }
    return known
  }

  // MARK: Objects

  private mutating func object() throws(AccessLogFormat.Problem) -> [(key: [UInt8], value: AccessLogTemplate)] {
    place += 1
    var members: [(key: [UInt8], value: AccessLogTemplate)] = []
    skipBlanks()
    while peek != "}" {
      guard peek == "\"" else { throw problem("a key in quotes is missing", at: place) }
      let start = place
      place += 1
      var key = ""
      while let next = peek, next != "\"" {
        key.append(next)
        place += 1
      }
      guard peek != nil else { throw problem("this quote is not closed", at: start) }
      guard !members.contains(where: { $0.key.elementsEqual(key.utf8) }) else {
        throw problem("the key “\(key)” is there already", at: start)
      }
      place += 1
      skipBlanks()
      guard peek == ":" else { throw problem("“:” is missing behind the key", at: place) }
      place += 1
      skipBlanks()
      let value: AccessLogTemplate
      if peek == "\"" {
        place += 1
        value = try template(to: text.count) { $0 == "\"" }
        guard peek == "\"" else { throw problem("this value is not closed by a quote", at: place) }
        place += 1
      } else {
        guard peek != "{", peek != "[" else { throw problem("what lies within another object is not read", at: place) }
        value = try template(to: text.count) { ",} \n\t".contains($0) }
      }
      members.append((Array(key.utf8), value))
      skipBlanks()
      if peek == "," {
        place += 1
        skipBlanks()
      } else if peek != "}" {
        throw problem("“,” or “}” is missing", at: place)
      }
    }
    place += 1
    skipBlanks()
    guard peek == nil else { throw problem("something stands behind the object", at: place) }
    guard members.contains(where: { $0.value.operators.contains { $0.field != nil } }) else {
      throw problem("a format has operators, such as %RESPONSE_CODE%", at: 0)
    }
    return members
  }
}

extension Character {
  fileprivate var isOperatorName: Bool { ("A"..."Z").contains(self) || ("0"..."9").contains(self) || self == "_" }
}
