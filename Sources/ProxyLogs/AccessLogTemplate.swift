/// Literals and operators in turn, and how to find in a text what the operators wrote.
struct AccessLogTemplate: Hashable, Sendable {
  /// What an operator can write: the bytes that are never in it tell where it ends.
  enum Value: Hashable, Sendable {
    /// Digits, or `-`.
    case number
    /// Letters, digits, and what may stand between them in a name of Envoy's own: `HTTP/1.1`, `UF,URX`.
    case token
    /// No blanks and no quotes.
    case word
    /// No blanks: a path may hold quotes.
    case path
    /// No quotes, brackets and tabs.
    case time
    /// Whatever a client writes into a header.
    case anything

    /// Whether a text cannot stand within such a value.
    func excludes(_ literal: [UInt8]) -> Bool {
      literal.contains { byte in
        switch self {
        case .number: byte &- 0x30 > 9 && byte != UInt8(ascii: "-")
        case .token: !Self.isOfToken(byte)
        case .word: byte <= 0x20 || byte == UInt8(ascii: "\"")
        case .path: byte <= 0x20
        case .time: byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "]") || byte == 0x09
        case .anything: false
        }
      }
    }

    private static func isOfToken(_ byte: UInt8) -> Bool {
      byte &- 0x30 <= 9 || (byte | 0x20) &- UInt8(ascii: "a") < 26 || "/.,_-".utf8.contains(byte)
    }
  }

  struct Operator: Hashable, Sendable {
    /// `nil` where what it writes is passed over.
    let field: LogField?
    let value: Value
  }

  /// What stands before the first operator, between two, and behind the last: one more than there are operators.
  var literals: [[UInt8]] = [[]]
  var operators: [Operator] = []
  /// How many operators from the left, and from the right, end where their literal is found first.
  private var fromLeft = 0, fromRight = 0

  /// To be called when all is there.
  mutating func finish() {
    fromLeft = 0
    while fromLeft < operators.count, operators[fromLeft].value.excludes(literals[fromLeft + 1]) { fromLeft += 1 }
    fromRight = 0
    while fromRight < operators.count - fromLeft,
      operators[operators.count - 1 - fromRight].value.excludes(literals[operators.count - 1 - fromRight])
    {
      fromRight += 1
    }
  }

  /// Whether the range of the line is written so. Fields may be set where it is not.
  func read(_ line: Span<UInt8>, _ range: Range<Int>, _ fields: inout LogFields) -> Bool {
    let (first, last) = (literals[0], literals[operators.count])
    guard !operators.isEmpty else { return range.count == first.count && line.has(first, at: range.lowerBound) }
    guard range.count >= first.count + last.count, line.has(first, at: range.lowerBound),
      line.has(last, at: range.upperBound - last.count)
    else { return false }
    var start = range.lowerBound + first.count
    var end = range.upperBound - last.count
    guard readForwards(0..<fromLeft, isAll: fromLeft == operators.count, line, &start, end, &fields) else {
      return false
    }
    let stop = operators.count - fromRight
    for place in stride(from: operators.count - 1, through: stop, by: -1) {
      // What stands before the first one of these was passed already.
      guard place > fromLeft else { return set(operators[place], start..<end, line, &fields) }
      guard let open = line.lastPlace(of: literals[place], from: start, to: end),
        set(operators[place], open + literals[place].count..<end, line, &fields)
      else { return false }
      end = open
    }
    return readForwards(fromLeft..<stop, isAll: true, line, &start, end, &fields)
  }

  /// Each up to the first place of the literal behind it. `isAll` where nothing follows: then the last one goes to the end.
  private func readForwards(
    _ places: Range<Int>, isAll: Bool, _ line: Span<UInt8>, _ start: inout Int, _ end: Int, _ fields: inout LogFields
  ) -> Bool {
    for place in places {
      let isLast = isAll && place == places.upperBound - 1
      guard let close = isLast ? end : line.place(of: literals[place + 1], from: start, to: end),
        set(operators[place], start..<close, line, &fields)
      else { return false }
      start = isLast ? end : close + literals[place + 1].count
    }
    return true
  }

  private func set(
    _ part: Operator, _ range: Range<Int>, _ line: Span<UInt8>, _ fields: inout LogFields
  ) -> Bool {
    let isAbsent = range.count == 1 && line[range.lowerBound] == UInt8(ascii: "-")
    if part.value == .number, !isAbsent, line.number(in: range) == nil { return false }
    // A field that is written twice is what was found first.
    if let field = part.field, !isAbsent, fields[field].isEmpty { fields[field] = range }
    return true
  }
}

extension Span<UInt8> {
  func has(_ text: [UInt8], at start: Int) -> Bool {
    guard start >= 0, start + text.count <= count else { return false }
    for place in text.indices where self[start + place] != text[place] { return false }
    return true
  }

  /// The first place of a text that is not empty.
  func place(of text: [UInt8], from start: Int, to end: Int) -> Int? {
    var next = start
    while let found = place(of: text[0], from: next, to: end - text.count + 1) {
      if has(text, at: found) { return found }
      next = found + 1
    }
    return nil
  }

  /// The last place of a text that is not empty.
  func lastPlace(of text: [UInt8], from start: Int, to end: Int) -> Int? {
    var next = end - text.count
    while next >= start {
      if has(text, at: next) { return next }
      next -= 1
    }
    return nil
  }
}
