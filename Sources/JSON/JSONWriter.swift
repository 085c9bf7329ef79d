extension JSONValue {
  /// The value as UTF-8 JSON text, members in their order. `indent` is the number of spaces a level; without it
  /// everything stands on one line. NaN and infinities, which JSON cannot write, become null.
  public func text(indent: Int? = nil) -> String {
    var writer = Writer(indent: indent)
    writer.write(self, level: 0)
    return writer.text
  }

  public func bytes(indent: Int? = nil) -> [UInt8] { Array(text(indent: indent).utf8) }
}

private struct Writer {
  let indent: Int?
  var text = ""

  mutating func write(_ value: JSONValue, level: Int) {
    switch value {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .int(let value): text += String(value)
    case .unsigned(let value): text += String(value)
    case .double(let value): text += value.isFinite ? String(describing: value) : "null"
    case .string(let value): write(string: value)
    case .array(let elements):
      write(open: "[", close: "]", elements, level) { $0.write($1, level: level + 1) }
    case .object(let members):
      write(open: "{", close: "}", Array(members), level) { writer, member in
        writer.write(string: member.key)
        writer.text += writer.indent == nil ? ":" : ": "
        writer.write(member.value, level: level + 1)
      }
    }
  }

  private mutating func write<Item>(
    open: String, close: String, _ items: [Item], _ level: Int, each: (inout Writer, Item) -> Void
  ) {
    text += open
    for (place, item) in items.enumerated() {
      if place > 0 { text += "," }
      newLine(level + 1)
      each(&self, item)
    }
    if !items.isEmpty { newLine(level) }
    text += close
  }

  private mutating func newLine(_ level: Int) {
    guard let indent else { return }
    text += "\n" + String(repeating: " ", count: indent * level)
  }

  private mutating func write(string: String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      // C1 too: a terminal that the text is printed on would obey them.
      case "\u{0}"..<"\u{20}", "\u{7F}"..."\u{9F}":
        text += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
