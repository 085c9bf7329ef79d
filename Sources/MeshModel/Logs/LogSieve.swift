internal import ProxyLogs

/// What a line must have to pass a filter, as far as its bytes tell without its fields: what a sieve stops, the filter
/// would.
struct LogSieve: Sendable {
  private var codes: [(comparison: Expression.Comparison, bound: Double)] = []
  /// Each must be in the line.
  private var parts: [FoldedText] = []

  /// - Parameter knowsCodes: Whether lines that begin with `[` are of known formats alone.
  init(_ root: Logic<LogTest>, writer: ProxyID?, knowsCodes: Bool = true) {
    require(root, writer)
    if !knowsCodes { codes = [] }
  }

  private mutating func require(_ logic: Logic<LogTest>, _ writer: ProxyID?) {
    switch logic {
    case .all(let all): for one in all { require(one, writer) }
    case .any, .not: break
    case .term(.number(.responseCode, let comparison, let bound)): codes.append((comparison, bound))
    case .term(.word(.part(let text))): requirePart(text, unlessIn: writer)
    // An absent field is `-`, which need not be written.
    case .term(.text(_, isNot: false, .part(let text))), .term(.text(_, isNot: false, .whole(let text))),
      .term(.flags(isNot: false, .part(let text))), .term(.flags(isNot: false, .whole(let text))):
      if !text.isPartOfDash { parts.append(text) }
    case .term(.destination(isNot: false, .part(let text))), .term(.destination(isNot: false, .whole(let text))),
      .term(.source(isNot: false, .part(let text))), .term(.source(isNot: false, .whole(let text))):
      // `reviews/v3` is composed: its sides are in the line.
      for side in text.sides { requirePart(side, unlessIn: writer) }
    case .term: break
    }
  }

  /// A name of who wrote the line need not be in it.
  private mutating func requirePart(_ text: FoldedText, unlessIn writer: ProxyID?) {
    if writer.map({ TextMatch.part(text).holds($0.name) == true }) != true { parts.append(text) }
  }

  func passes(_ line: Span<UInt8>) -> Bool {
    guard line.count > 0 else { return true }
    if !codes.isEmpty, line[0] == UInt8(ascii: "[") {
      guard let code = LogLineReader.code(in: line) else { return false }
      for (comparison, bound) in codes where !comparison.holds(Double(code), bound) { return false }
    }
    // What stands in JSON may be written with escapes.
    if !parts.isEmpty, line[0] != UInt8(ascii: "{") {
      for part in parts where !part.isIn(line) { return false }
    }
    return true
  }
}
