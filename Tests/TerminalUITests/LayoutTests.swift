import Testing

@testable import TerminalUI

@Suite struct LayoutTests {
  private let columns = [
    Column("ROUTE", minimum: 10, grows: true),
    Column("ASKED", .right, minimum: 5),
    Column("P99", .right, minimum: 6, priority: 2),
    Column("TREND", minimum: 8, maximum: 20, priority: 3),
  ]

  @Test(arguments: [
    (60, ["0+15", "17+5", "24+6", "32+20"]), (44, ["0+11", "13+5", "20+6", "28+16"]),
    (30, ["0+15", "17+5", "24+6", nil]),
    (20, ["0+13", "15+5", nil, nil]), (12, ["0+10", "12+0", nil, nil]), (0, ["0+0", "12+0", nil, nil]),
  ])
  func columnsGiveWayByPriority(room: Int, expected: [String?]) {
    let layout = TableLayout(columns, room: room)
    let shown = layout.fields.map { field in field.map { "\($0.column)+\($0.columns)" } }
    for field in layout.fields.compactMap({ $0 }) where field.columns > 0 { #expect(field.endColumn <= room) }
    #expect(shown.map { $0 == nil } == expected.map { $0 == nil }, "\(shown)")
  }

  @Test func withWantedWidthsNothingTakesMoreThanItNeeds() {
    let layout = TableLayout(columns, from: 2, room: 80, wanted: [12, 5, 6, 9])
    #expect(layout[3]?.columns == 9)
    #expect(layout[0]?.column == 2)
    #expect(layout[3]?.endColumn == 82, "what is left over goes to the column that grows")
  }

  @Test func tablesAreDrawnInTheirFields() {
    var frame = Frame(size: Size(columns: 30, rows: 2))
    let layout = TableLayout(columns, room: 30)
    frame.putHeadings(columns, layout, row: 0)
    for (text, field) in zip(["reviews.bookinfo.svc", "75", "11 ms", "-"], layout.fields) {
      frame.put(Line(text), in: field, row: 1)
    }
    #expect(frame.text == "ROUTE            ASKED     P99\nreviews.bookin…     75   11 ms")
  }

  @Test func theSelectionStaysInSight() {
    var scroll = Scroll()
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SplitMix(state: seed)
    for _ in 0..<2_000 {
      let count = Int(random.next() % 50), rows = Int(random.next() % 12)
      guard count > 0 else {
        scroll.keep(nil, visibleIn: rows, of: 0)
        #expect(scroll.offset == 0)
        continue
      }
      let selection = Int(random.next() % UInt64(count))
      scroll.keep(selection, visibleIn: rows, of: count)
      let visible = scroll.visible(in: max(1, rows), of: count)
      #expect(visible.contains(selection), "seed \(seed)")
      #expect(visible.upperBound <= count && visible.lowerBound >= 0, "seed \(seed)")
      #expect(visible.count == min(count, max(1, rows)), "no empty rows at the end, seed \(seed)")
    }
  }

  @Test(arguments: [
    ("one two three", 7, ["one two", "three"]), ("abcdefgh", 3, ["abc", "def", "gh"]), ("a\nb", 9, ["a", "b"]),
    ("", 5, [""]),
    ("漢字 漢字", 5, ["漢字", "漢字"]), ("a  b", 2, ["a", "b"]), ("x", 0, ["x"]), ("to be or", 5, ["to be", "or"]),
  ])
  func wraps(text: String, columns: Int, rows: [String]) {
    let wrapped = text.wrapped(columns: columns)
    #expect(wrapped == rows)
    #expect(wrapped.allSatisfy { CellWidth.columns(of: $0) <= max(1, columns) })
  }

  @Test func inputsAreEdited() {
    var input = TextInput("ab")
    let keys: [Key] = [
      Key(.character("c")), Key(.home), Key(.delete), Key(.character("é")), Key(.end), Key(.left), Key(.backspace),
    ]
    func take(_ key: Key) -> Bool { input.take(key) }
    for key in keys { #expect(take(key)) }
    #expect(input.text == "éc" && input.position == 1)
    #expect(!take(Key(.up)) && !take(Key(.enter)) && !take(Key(.character("x"), .alt)))
    input.insert("two\r\nlines\u{1b}[0m")
    #expect(input.text == "étwo lines[0mc")
    #expect(take(Key(.character("w"), .control)) && input.text == "étwo c")
    #expect(take(Key(.character("u"), .control)) && input.text == "c" && input.position == 0)
    input.insert(String(repeating: "x", count: 5_000))
    #expect(input.text.count == TextInput.mostCharacters)
  }

  @Test func theCursorOfAnInputIsInSight() {
    var frame = Frame(size: Size(columns: 12, rows: 1))
    frame.put(TextInput("filter by reviews"), at: Point(column: 2, row: 0), columns: 8)
    #expect(frame.rowText(0) == "  reviews")
    #expect(frame.cursor == Point(column: 9, row: 0))
  }
}
