import Testing

@testable import TerminalUI

@Suite struct DrawingTests {
  @Test func drawsTextAndGivesItsColumns() {
    var frame = Frame(size: Size(columns: 20, rows: 2))
    let end = frame.put("reviews", at: Point(column: 1, row: 0), .strong)
    frame.put(" v3", at: Point(column: 1 + end, row: 0), .failing)
    frame.put("42/42", at: Point(column: 0, row: 1), limit: 20, align: .right)
    #expect(end == 7)
    #expect(frame.text == " reviews v3\n               42/42")
    #expect(frame.roles(in: 0, [.strong: "s", .failing: "F"]) == " sssssss FF")
  }
}
