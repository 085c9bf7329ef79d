import Testing

@testable import TerminalUI

@Suite struct DrawingTests {
  private func frame(_ columns: Int = 20, _ rows: Int = 3, glyphs: Glyphs = .unicode) -> Frame {
    Frame(size: Size(columns: columns, rows: rows), glyphs: glyphs)
  }

  @Test func drawsTextAndGivesItsColumns() {
    var frame = frame()
    let end = frame.put("reviews", at: Point(column: 1, row: 0), .strong)
    frame.put(" v3", at: Point(column: 1 + end, row: 0), .failing)
    frame.put("42/42", at: Point(column: 0, row: 1), limit: 20, align: .right)
    frame.put("mid", at: Point(column: 0, row: 2), limit: 9, align: .center)
    #expect(end == 7)
    #expect(frame.text == " reviews v3\n               42/42\n   mid")
    #expect(frame.roles(in: 0, [.strong: "s", .failing: "F"]) == " sssssss FF")
  }

  @Test func textKeepsTheGroundUnlessItBringsItsOwn() {
    var frame = frame()
    frame.restyle(frame.bounds, ground: .selection)
    frame.put("kept", at: Point(column: 0, row: 0))
    frame.put("own", at: Point(column: 5, row: 0), Style(.text, on: .panel))
    #expect(
      frame.grounds(in: 0, [.selection: "s", .panel: "p"]) == "sssss" + "ppp" + String(repeating: "s", count: 12))
  }

  @Test(arguments: [
    ("productpage", 20, Cut.end, "productpage"), ("productpage", 7, .end, "produc…"),
    ("productpage", 7, .start, "…ctpage"),
    ("productpage", 7, .middle, "pro…age"), ("productpage", 1, .end, "…"), ("productpage", 0, .end, ""),
    ("漢字漢字", 5, .end, "漢字…"), ("漢字漢字", 4, .end, "漢…"), ("漢字漢字", 4, .start, "…字"), ("漢字", 4, .end, "漢字"),
  ])
  func cutsWhatDoesNotFit(text: String, limit: Int, cut: Cut, shown: String) {
    var frame = frame()
    let columns = frame.put(text, at: Point(column: 0, row: 0), limit: limit, cut: cut)
    #expect(frame.rowText(0) == shown)
    #expect(columns == CellWidth.columns(of: shown) && columns <= limit)
  }

  @Test func aWideGraphemeAtAnEdgeBecomesBlank() {
    var frame = frame(4, 2)
    frame.put("漢", at: Point(column: 3, row: 0), limit: 2)
    frame.put("漢", at: Point(column: -1, row: 1))
    frame.put("ab", at: Point(column: 1, row: 1))
    #expect(frame.text == "\n ab")
  }

  @Test func overwritingHalfOfAWideGraphemeBlanksTheOther() {
    for column in 0...1 {
      var frame = frame(4, 1)
      frame.put("漢字", at: Point(column: 0, row: 0))
      frame.put("x", at: Point(column: column, row: 0))
      #expect(frame.rowText(0) == (column == 0 ? "x 字" : " x字"))
    }
  }

  @Test func nothingIsDrawnOutsideOfTheClip() {
    var frame = frame(6, 3)
    frame.clipped(to: Rect(column: 1, row: 1, columns: 3, rows: 1)) { frame in
      for row in -1...3 { frame.put("abcdefgh", at: Point(column: -1, row: row), limit: 20) }
      frame.clipped(to: Rect(column: 3, row: 0, columns: 9, rows: 9)) { $0.fill($0.bounds, Style(.text, on: .bar)) }
    }
    #expect(frame.text == "\n cd")
    #expect(frame.grounds(in: 1, [.bar: "b"]) == "   b")
    #expect(frame.clip == frame.bounds)
  }

  @Test func boxesHaveTitlesAndGiveWhatIsInside() {
    var frame = frame(14, 4)
    let inside = frame.box(frame.bounds, title: Line("reviews", .title))
    frame.put("in", at: Point(column: inside.column, row: inside.row))
    #expect(
      frame.text == """
        ╭─ reviews ──╮
        │in          │
        │            │
        ╰────────────╯
        """)
    var small = self.frame(6, 2, glyphs: .ascii)
    small.box(small.bounds, title: "long title")
    #expect(small.text == "+----+\n+----+")
    // Nothing to draw is nothing drawn.
    for size in [(0, 0), (1, 1), (1, 5), (-3, 2)] {
      small.box(Rect(column: 0, row: 0, columns: size.0, rows: size.1), title: "t")
    }
  }

  @Test(arguments: [
    (1.0, "████"), (0.5, "██··"), (0.53, "██▏·"), (0.001, "▏···"), (0.999, "███▉"), (0, "····"), (-1, "····"),
    (7, "████"),
    (Double.nan, "····"), (.infinity, "████"),
  ])
  func barsNeverHideASmallShare(share: Double, shown: String) {
    var frame = frame()
    frame.bar(share, at: Point(column: 0, row: 0), columns: 4, .good)
    #expect(frame.rowText(0) == shown)
  }

  @Test func sparklinesShowTheLastValuesAndGaps() {
    var frame = frame()
    frame.sparkline([9, 0, nil, 1, 2, .nan, 4], at: Point(column: 0, row: 0), columns: 6, .good)
    frame.sparkline([1, 2], at: Point(column: 0, row: 1), columns: 4, top: 4, .good)
    frame.sparkline([0, 0], at: Point(column: 0, row: 2), columns: 4, .good)
    #expect(frame.text == "▁ ▃▅ █\n  ▃▅\n  ▁▁")
  }

  @Test func aSharedRowOfSeveralRolesIsOneLine() {
    var frame = frame()
    let line: Line = "seen " + Line("24.7", .strong) + Line(" ±1.2", .dim)
    let columns = frame.put(line, at: Point(column: 0, row: 0))
    #expect(columns == line.columns)
    #expect(frame.rowText(0) == "seen 24.7 ±1.2")
    #expect(frame.roles(in: 0, [.text: "t", .strong: "s", .dim: "d"]) == "tttt ssss dddd")
  }
}
