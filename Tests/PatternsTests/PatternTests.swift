import Patterns
import Peers
import Testing

@Suite struct PatternTests {
  private func matches(_ pattern: String, _ subject: [UInt8], ignoresCase: Bool = false) throws -> Bool? {
    try Pattern(pattern, ignoresCase: ignoresCase).matches(subject.span)
  }

  @Test(arguments: [
    ("b+c", "abbc", true), ("^b", "abbc", false), ("5\\d\\d", "a 503 b", true), ("", "", true), ("a", "", false),
    ("caf\u{E9}$", "caf\u{E9}", true), ("\\p{Lu}", "\u{C9}", true), ("(?i)X", "x", true), ("a|b", "b", true),
  ])
  func asPerlHasIt(_ pattern: String, _ subject: String, _ expected: Bool) throws {
    #expect(try matches(pattern, Array(subject.utf8)) == expected)
  }

  @Test func caseIsMindedUnlessToldOtherwise() throws {
    #expect(try matches("get", Array("GET".utf8)) == false)
    #expect(try matches("get", Array("GET".utf8), ignoresCase: true) == true)
  }

  /// Neither kind of pattern trips over bytes that are no text.
  @Test func subjectsNeedNotBeText() throws {
    let broken: [UInt8] = [0xFF, 0xC3, 0x28, 0x00, 0x61, 0xE2, 0x82]
    #expect(try matches("a", broken) == true && matches("\\x00a", broken) == true)
    #expect(try matches("\u{E9}|a", broken) == true && matches("\u{E9}.*a", broken) == false)
    for seed in 1...50 as ClosedRange<UInt64> {
      var random = SeededGenerator(seed: seed)
      let noise = (0..<200).map { _ in UInt8.random(in: 0...255, using: &random) }
      for pattern in ["\u{E9}", "(?:\\xff.)+$", "\\p{L}+x", "."] {
        #expect(try matches(pattern, noise) != nil, "seed \(seed)")
      }
    }
  }

  @Test(arguments: [
    ("a(b", 4, "missing closing parenthesis"), ("[", 2, "missing terminating ] for character class"),
    ("é*+*", 4, "quantifier does not follow a repeatable item"), ("\\", 2, "\\ at end of pattern"),
    ("a\\Cb", 4, "using \\C is disabled by the application"),
  ])
  func problemsTellTheirPlace(_ pattern: String, _ column: Int, _ what: String) {
    do throws(PatternProblem) {
      _ = try Pattern(pattern)
      Issue.record("\(pattern) was taken")
    } catch { #expect(error.column == column && error.what == what, "\(error)") }
  }

  @Test func aLongPatternIsRefused() {
    #expect(throws: PatternProblem.self) { try Pattern(String(repeating: "a", count: Pattern.longest + 1)) }
  }

  /// Backtracking without end is ended, and is neither a match nor none.
  @Test(arguments: ["(a+)+$", "(a|aa)+$", "(?:a?){30}a{30}b", "(.*)(.*)(.*)(.*)(.*)x"])
  func hostilePatternsAreGivenUp(_ pattern: String) throws {
    let subject = [UInt8](repeating: UInt8(ascii: "a"), count: 4_000) + [UInt8(ascii: "!")]
    let compiled = try Pattern(pattern)
    let took = ContinuousClock().measure { #expect(compiled.matches(subject.span) != true) }
    #expect(took < .seconds(1), "\(pattern) took \(took)")
  }

  @Test func placesAreInOrderAndNeverEmpty() throws {
    func places(_ pattern: String, _ text: String) throws -> [Range<Int>] {
      try Pattern(pattern).places(in: Array(text.utf8).span)
    }
    #expect(try places("a+", "aabaa") == [0..<2, 3..<5])
    #expect(try places("a*", "baab") == [1..<3])
    #expect(try places("x", "aab") == [] && places("", "ab") == [])
    #expect(try Pattern("a").places(in: [UInt8](repeating: 0x61, count: 500).span, most: 7).count == 7)
  }

  @Test func oneOfManyThreads() async throws {
    let pattern = try Pattern("(\\w+) \\1")
    let all = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<64 {
        group.addTask { pattern.matches(Array("x\(number) x\(number)".utf8).span) == true }
      }
      return await group.allSatisfy { $0 }
    }
    #expect(all)
  }
}
