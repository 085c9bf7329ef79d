/// What the word that is being typed can become.
public struct ExpressionCompletion: Hashable, Sendable {
  /// In characters of the text: what is replaced.
  public let range: Range<Int>
  /// What can stand there, with what it means; in the order of the fields, or of the field's values.
  public let choices: [Choice]

  public struct Choice: Hashable, Sendable {
    public let word: String
    public let meaning: String

    public init(word: String, meaning: String) {
      self.word = word
      self.meaning = meaning
    }
  }

  public init(range: Range<Int>, choices: [Choice]) {
    self.range = range
    self.choices = choices
  }

  /// - Parameter cursor: In characters of the text. Fields are offered in the place of a field, and behind a comparison
  ///   what that field can be. `nil` where there is nothing to offer.
  public init?(of text: String, at cursor: Int, fields: [ExpressionField]) {
    let before = Array(text.prefix(max(0, min(cursor, Expression.longest))))
    let isWord = { (letter: Character) in !letter.isWhitespace && !"()!=~<>&|\"'".contains(letter) }
    let start = before.lastIndex { !isWord($0) }.map { $0 + 1 } ?? 0
    // Within quotes nothing is a field.
    guard before[..<start].filter({ $0 == "\"" }).count.isMultiple(of: 2) else { return nil }
    let typed = String(before[start...]).lowercased()
    range = start..<before.count
    var place = start
    func skipBackwards(while condition: (Character) -> Bool) {
      while place > 0, condition(before[place - 1]) { place -= 1 }
    }
    skipBackwards { $0.isWhitespace }
    let signEnd = place
    skipBackwards { "!=~<>".contains($0) }
    let sign = String(before[place..<signEnd])
    if sign.isEmpty || sign == "!" {
      choices = fields.filter { $0.name.hasPrefix(typed) }.map { Choice(word: $0.name, meaning: $0.meaning) }
    } else {
      skipBackwards { $0.isWhitespace }
      let end = place
      skipBackwards(while: isWord)
      let name = String(before[place..<end]).lowercased()
      guard let field = fields.first(where: { $0.name == name }) else { return nil }
      choices = field.values.filter { $0.lowercased().hasPrefix(typed) }.map {
        Choice(word: $0, meaning: field.meaning)
      }
    }
    guard !choices.isEmpty else { return nil }
  }
}
