/// A character as a terminal may show it: what stands in the cell and how many cells that takes.
///
/// Terminals disagree about joined emoji, skin tones, variation selectors and flags: some give them two cells, others
/// two for each part, and one wrong guess shifts the rest of the row. So what all of them agree on is drawn: a joined
/// emoji as its first part, without tone or selector; a flag as its two letters. Whatever could control the terminal or
/// deceive a reader (controls, bidirectional overrides, invisible and unassigned characters, a mark without a letter)
/// is drawn as one `hidden` sign.
struct Grapheme {
  var text: String
  var columns: Int

  /// How many marks may stack upon one letter: a terminal's cell holds few, and more are a prank.
  static let mostMarks = 3

  /// Gives the parts of a character to `cell`, from left to right; `hidden` stands for each that must not be shown.
  @inline(__always)
  static func forEach(of character: Character, glyphs: Glyphs, _ cell: (Grapheme) -> Void) {
    if let byte = character.utf8.first, byte >= 0x20, byte < 0x7f, character.utf8.count == 1 {
      return cell(Grapheme(text: String(character), columns: 1))
    }
    forEachForeign(of: character, glyphs: glyphs, cell)
  }

  private static func forEachForeign(of character: Character, glyphs: Glyphs, _ cell: (Grapheme) -> Void) {
    let hidden = Grapheme(text: glyphs.hidden, columns: 1)
    let scalars = character.unicodeScalars
    guard let first = scalars.first else { return }
    if scalars.count == 2, let letters = flag(scalars) {
      letters.forEach { cell(Grapheme(text: $0, columns: 1)) }
      return
    }
    let columns = CellWidth.columns(of: first)
    guard columns > 0, isShown(first) else { return cell(hidden) }
    if first.properties.generalCategory == .spaceSeparator {
      return (0..<columns).forEach { _ in cell(Grapheme(text: " ", columns: 1)) }
    }
    var text = String(Character(first))
    var total = columns, marks = 0
    scan: for scalar in scalars.dropFirst() {
      switch scalar.properties.generalCategory {
      case .nonspacingMark, .enclosingMark:
        if isVariationSelector(scalar) { continue }
        if marks < mostMarks { text.unicodeScalars.append(scalar) }
        marks += 1
      case .spacingMark where isShown(scalar), .otherLetter where CellWidth.columns(of: scalar) == 0:
        // Spacing vowels take a cell of their own; vowels and finals of Hangul join their syllable.
        guard total < 2 || CellWidth.columns(of: scalar) == 0 else { break scan }
        text.unicodeScalars.append(scalar)
        total += CellWidth.columns(of: scalar)
      case .format where scalar != "\u{200D}" && scalar != "\u{200C}":
        return cell(hidden)
      case .control:
        return cell(hidden)
      default:
        break scan
      }
    }
    guard !glyphs.isASCII else { return (0..<total).forEach { _ in cell(hidden) } }
    cell(Grapheme(text: text, columns: total))
  }

  private static func isVariationSelector(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isVariationSelector || scalar.value == 0x20E3
  }

  private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .unassigned, .lineSeparator, .paragraphSeparator, .privateUse: false
    case .nonspacingMark, .enclosingMark: false
    default: scalar != "\u{FFFD}" && !scalar.properties.isDefaultIgnorableCodePoint
    }
  }

  private static func flag(_ scalars: Character.UnicodeScalarView) -> [String]? {
    let letters = scalars.compactMap { scalar -> String? in
      guard (0x1F1E6...0x1F1FF).contains(scalar.value) else { return nil }
      return String(UnicodeScalar(UInt8(scalar.value - 0x1F1E6) + 65))
    }
    return letters.count == 2 ? letters : nil
  }
}
