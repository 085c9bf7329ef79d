import Glibc
import Testing

@testable import TerminalUI

@Suite struct GraphemeTests {
  private func drawn(_ text: String, _ glyphs: Glyphs = .unicode) -> String {
    var frame = Frame(size: Size(columns: 40, rows: 1), glyphs: glyphs)
    frame.put(text, at: Point(column: 0, row: 0))
    return frame.rowText(0)
  }

  @Test(arguments: [
    ("plain", "plain", 5), ("\u{1b}[31m", "·[31m", 5), ("a\tb\nc", "a·b·c", 5), ("a\r\nb", "a·b", 3),
    ("\u{7f}\u{9b}2J", "··2J", 4), ("a\u{202e}b", "a·b", 3), ("\u{2066}x\u{2069}", "·x·", 3),
    ("a\u{200b}b", "a·b", 3), ("a\u{feff}b", "a·b", 3), ("\u{301}x", "·x", 2), ("\u{fffd}", "·", 1),
    ("\u{e000}", "·", 1), ("\u{10ffff}", "·", 1), ("a\u{2028}b", "a·b", 3), ("x\u{e0041}", "·", 1),
    ("e\u{301}", "e\u{301}", 1), ("漢", "漢", 2), ("각", "각", 2), ("\u{1100}\u{1161}", "\u{1100}\u{1161}", 2),
    ("👍", "👍", 2), ("👍🏽", "👍", 2), ("👩‍🚀", "👩", 2), ("👨‍👩‍👧", "👨", 2), ("❤️", "❤", 1), ("🇩🇪", "DE", 2), ("1️⃣", "1", 1),
    ("é", "é", 1), ("±–…│█●", "±–…│█●", 6), ("\u{a0}x", " x", 2), ("\u{3000}x", "  x", 3), ("ｱ", "ｱ", 1), ("Ａ", "Ａ", 2),
  ])
  func drawsWhatAllTerminalsAgreeOn(text: String, shown: String, columns: Int) {
    #expect(drawn(text) == shown)
    #expect(CellWidth.columns(of: text) == columns)
  }

  @Test func marksDoNotPileUp() {
    let shown = drawn("z" + String(repeating: "\u{301}", count: 1_000))
    #expect(shown.unicodeScalars.count <= 1 + Grapheme.mostMarks)
  }

  @Test func anAsciiSetDrawsNothingElse() {
    #expect(drawn("漢 é ✓", .ascii) == "?? ? ?")
    let unicode = Glyphs.ascii
    for value in Mirror(reflecting: unicode).children.flatMap({ strings(in: $0.value) }) {
      #expect(value.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f })
    }
  }

  private func strings(in value: Any) -> [String] {
    if let text = value as? String { return [text] }
    if let texts = value as? [String] { return texts }
    return Mirror(reflecting: value).children.flatMap { strings(in: $0.value) }
  }

  /// Whatever a text holds, its cells hold nothing that a terminal would obey, and the C library agrees on the widths.
  @Test func noTextBreaksARow() {
    setlocale(LC_CTYPE, "C.UTF-8")
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SplitMix(state: seed)
    let interesting: [ClosedRange<UInt32>] = [
      0...0x20, 0x7f...0xa0, 0x300...0x36f, 0x600...0x61c, 0x900...0x97f, 0x1100...0x11ff, 0x200b...0x206f,
      0x2600...0x27bf,
      0xfe00...0xfe0f, 0x1f1e6...0x1f1ff, 0x1f300...0x1faff, 0xe0000...0xe007f,
    ]
    for _ in 0..<3_000 {
      var text = String.UnicodeScalarView()
      for _ in 0..<Int(random.next() % 12) {
        let range = random.next() % 3 == 0 ? 0...0x10FFFF : interesting[Int(random.next() % UInt64(interesting.count))]
        let value = range.lowerBound + UInt32(random.next() % UInt64(range.count))
        if let scalar = Unicode.Scalar(value) { text.append(scalar) }
      }
      var frame = Frame(size: Size(columns: 8, rows: 1))
      frame.put(String(text), at: Point(column: Int(random.next() % 10) - 1, row: 0))
      for (column, cell) in frame.cells.enumerated() {
        for scalar in cell.text.unicodeScalars {
          let category = scalar.properties.generalCategory
          let isSafe = ![.control, .format, .lineSeparator, .paragraphSeparator, .unassigned].contains(category)
          #expect(isSafe, "U+\(String(scalar.value, radix: 16)) in a cell, seed \(seed)")
        }
        if cell.text.isEmpty {
          #expect(column > 0 && !frame.cells[column - 1].text.isEmpty, "a right half alone, seed \(seed)")
        }
      }
    }
  }
}

struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
