import Testing

@testable import Settings

/// The parser is another's: whatever it reads, it must end in entries or in a sentence.
@Suite struct TOMLTests {
  private func problem(in text: String) -> TOML.SyntaxError? {
    do throws(TOML.SyntaxError) {
      _ = try TOML.entries(of: Array(text.utf8))
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: [
    ("[\n", 1, 2), ("[[\n", 1, 3), ("[[[\n", 1, 3), ("[\r\na = 1", 1, 2), ("a = 1\n[ \n", 2, 3), ("a.\n= 1", 1, 3),
    ("é = 1", 1, 1), ("\u{3042}", 1, 1), ("[é]", 1, 2),
  ])
  func aKeyThatIsMissingIsTold(text: String, line: Int, column: Int) throws {
    let error = try #require(problem(in: text))
    #expect(error.place == Place(line: line, column: column), "\(error.words)")
  }

  @Test(arguments: [
    ("a", ".a", " = 1"), ("[a", ".a", "]"), ("a", " . 'b'", "=1"), ("a = ", "[", ""), ("a = ", "{a=", ""),
  ])
  func depthIsBounded(head: String, level: String, end: String) {
    #expect(problem(in: head + String(repeating: level, count: 100_000) + end) != nil)
  }

  @Test func dotsSideBySideAreNoKey() {
    #expect(problem(in: "# " + String(repeating: ".", count: 80) + "\na.b.c = '1.2.3.4'") == nil)
  }

  @Test func noTextEndsTheProgram() {
    let pieces = [
      "[", "[[", "]", "=", "\n", "\r\n", "\"", "'", "\"\"\"", "'''", "{", "}", ",", ".", "#", "\\u", "_", "-", "0x",
      "1e",
      "inf", "1979-05-27", "T07:32", "Z", " ", "\u{a1}", "\u{3042}", "\u{2028}", "\u{feff}", "a", "theme", "true",
    ]
    let seed = UInt64.random(in: 0...UInt64.max)
    var state = seed
    func next(below limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    for _ in 0..<20_000 {
      let text = (0...next(below: 10)).map { _ in pieces[next(below: pieces.count)] }.joined()
      guard let error = problem(in: text) else { continue }
      #expect(error.place.line >= 1 && !error.words.isEmpty, "\(text.debugDescription), seed \(seed)")
    }
  }
}
