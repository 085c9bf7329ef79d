/// A line of text that is being typed.
public struct TextInput: Hashable, Sendable {
  public private(set) var text: String
  /// How many characters stand before the cursor.
  public private(set) var position: Int

  /// More characters than this are not taken.
  public static let mostCharacters = 1_000

  public init(_ text: String = "") {
    self.text = text
    position = text.count
  }

  /// Does what a key asks for; gives false for a key that means nothing here, and leaves it to others.
  public mutating func take(_ key: Key) -> Bool {
    switch (key.code, key.modifiers) {
    case (.character(let character), []): insert(String(character))
    case (.left, []), (.character("b"), .control): position = max(0, position - 1)
    case (.right, []), (.character("f"), .control): position = min(text.count, position + 1)
    case (.home, []), (.character("a"), .control): position = 0
    case (.end, []), (.character("e"), .control): position = text.count
    case (.backspace, []): remove(position - 1..<position)
    case (.delete, []), (.character("d"), .control): remove(position..<position + 1)
    case (.character("u"), .control): remove(0..<position)
    case (.character("k"), .control): remove(position..<text.count)
    case (.character("w"), .control), (.backspace, .alt): remove(startOfWord..<position)
    default: return false
    }
    return true
  }

  /// Puts text, typed or pasted, where the cursor stands. Line ends become spaces; other control characters go.
  public mutating func insert(_ pasted: String) {
    let room = Self.mostCharacters - text.count
    let shown = pasted.lazy.compactMap { character -> Character? in
      if character.isNewline || character == "\t" { return " " }
      return character.unicodeScalars.contains { $0.properties.generalCategory == .control } ? nil : character
    }
    let after = text.dropFirst(position)
    let before = text.prefix(position) + String(shown.prefix(max(0, room)))
    text = String(before + after)
    // Counted anew: a mark that is typed joins the character before it.
    position = before.count
  }

  /// Puts text in the place of other text, and the cursor behind it.
  public mutating func replace(_ range: Range<Int>, with new: String) {
    remove(range)
    insert(new)
  }

  private mutating func remove(_ range: Range<Int>) {
    let range = range.clamped(to: 0..<text.count)
    text = String(text.prefix(range.lowerBound) + text.dropFirst(range.upperBound))
    position = range.lowerBound
  }

  private var startOfWord: Int {
    var start = position
    let characters = Array(text)
    while start > 0, characters[start - 1] == " " { start -= 1 }
    while start > 0, characters[start - 1] != " " { start -= 1 }
    return start
  }
}

extension Frame {
  /// Draws a line that is being typed, so much of it that the cursor is in sight, and places the terminal's cursor.
  public mutating func put(
    _ input: TextInput, at point: Point, columns: Int, _ role: Role = .strong, on ground: Role? = nil
  ) {
    guard columns > 0 else { return }
    let before = Line(String(input.text.prefix(input.position)), role)
    // One column is kept for the cursor behind the last character.
    let shift = max(0, before.columns - (columns - 1))
    let field = Rect(column: point.column, row: point.row, columns: columns, rows: 1)
    clipped(to: field) { frame in
      let start = Point(column: point.column - shift, row: point.row)
      frame.put(Line(input.text, role), at: start, on: ground, limit: shift + columns + 1)
    }
    cursor = Point(column: point.column + before.columns - shift, row: point.row)
  }
}
