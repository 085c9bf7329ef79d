import MeshModel
import TerminalUI
import Peers
import Testing

@testable import Console

@Suite struct FiguresTests {
  @Test(arguments: [
    (0.0, "0"), (1.0, "100"), (0.247, "24.7"), (0.0004, "<0.1"), (0.9999, ">99.9"), (0.5, "50.0"), (1.0 / 3, "33.3"),
  ]) func percent(_ share: Double, _ text: String) { #expect(Figures.percent(share) == text) }

  @Test(arguments: [(0.25, "25"), (1.0 / 3, "33.3"), (0.0, "0"), (0.005, "0.5")])
  func asked(_ share: Double, _ text: String) { #expect(Figures.asked(share) == text) }

  @Test(arguments: [
    (0.0, "0"), (0.04, "<0.1"), (9.9, "9.9"), (9.96, "10"), (181.4, "181"), (999.6, "1.0k"), (12_400.0, "12.4k"),
    (99_960.0, "100k"), (2_500_000.0, "2.5M"), (-1.0, "?"),
  ]) func perSecond(_ value: Double, _ text: String) { #expect(Figures.perSecond(value) == text) }

  @Test(arguments: [
    (Duration.microseconds(400), "0.4 ms"), (.milliseconds(12), "12 ms"), (.microseconds(999_600), "1.00 s"),
    (.milliseconds(1210), "1.21 s"), (.seconds(61), "61.0 s"),
  ]) func latency(_ span: Duration, _ text: String) { #expect(Figures.latency(span) == text) }

  @Test(arguments: [
    (Duration.milliseconds(400), "0.4s"), (.seconds(12), "12s"), (.seconds(99), "99s"), (.seconds(100), "2m"),
    (.seconds(7200), "2h"), (.seconds(9 * 86_400), "9d"), (.seconds(-5), "0.0s"),
  ]) func age(_ span: Duration, _ text: String) { #expect(Figures.age(span) == text) }

  /// Near 0 and 100 a margin would reach past them, and hide how far the interval reaches on the other side.
  @Test(arguments: [
    (0, 11, "≤25.9", "<=25.9"), (0, 200, "≤1.9", "<=1.9"), (200, 200, "≥98.1", ">=98.1"), (0, 14_400, "≤0.1", "<=0.1"),
    (14_400, 14_400, "≥99.9", ">=99.9"),
    (1, 400, "≤1.4", "<=1.4"),
    (1, 1, "≥20.7", ">=20.7"), (50, 200, "±6.0", "+-6.0"), (5, 11, "±25", "+-25"),
  ]) func interval(_ hits: Int, _ all: Int, _ text: String, _ ascii: String) throws {
    let seen = try #require(Seen(requests: hits, of: all))
    #expect(Figures.interval(seen, .unicode) == text)
    #expect(Figures.interval(seen, .ascii) == ascii)
  }

  @Test func whatIsNoNumberIsNotWritten() {
    #expect(Figures.decimals(.nan, 1) == "?")
    #expect(Figures.decimals(.infinity, 1) == "?")
    #expect(Figures.decimals(-0.06, 1) == "-0.1")
  }
}

@Suite struct ScrollingTests {
  /// Wherever one moves, the selected line is in the window, and lines that come above it move nothing on screen.
  @Test(arguments: 0..<50) func theSelectionStaysInSight(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var scrolling = Scrolling()
    var count = Int.random(in: 1...80, using: &generator)
    var selected = 0
    for _ in 0..<100 {
      let height = Int.random(in: 1...30, using: &generator)
      let movements: [Movement] = [.lines(1), .lines(-1), .pages(1), .pages(-1), .first, .last]
      if let target = movements.randomElement(using: &generator)!.target(from: selected, count: count, height: height) {
        scrolling.moved(from: selected, to: target, count: count, height: height)
        selected = target
      }
      let top = scrolling.top(selected: selected, count: count, height: height)
      #expect((top..<top + height).contains(selected), "seed \(seed)")
      #expect(top >= 0 && top <= max(0, count - height), "seed \(seed)")
      let more = Int.random(in: 0...5, using: &generator)
      let after = scrolling.top(selected: selected + more, count: count + more, height: height)
      if top > 0 { #expect(selected + more - after == selected - top, "seed \(seed)") }
      count += more
      selected += more
    }
  }
}

@Suite struct TextFilterTests {
  @Test(arguments: [
    ("", "anything", true), ("REV", "reviews", true), ("views", "Reviews", true), ("x", "reviews", false),
    ("reviewsx", "reviews", false), ("aab", "aaab", true), ("ß", "Straße", true), ("é", "É", false),
  ]) func matches(_ needle: String, _ hay: String, _ expected: Bool) {
    #expect(TextFilter(needle).matches(hay) == expected)
  }
}
