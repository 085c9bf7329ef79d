import MeshModel
import TerminalUI

/// Where things stand on the Pulse screen: the findings; below them the reasons for the selected one; then what changed
/// of late; and a line about all the rest.
struct PulseLayout {
  let heading: Int
  let list: Rect
  /// `nil` where nothing is wrong.
  let reasons: Rect?
  /// Its first row is a heading.
  let changes: Rect
  let elsewhere: Int
  /// Whether there are blank lines between findings.
  let isRoomy: Bool
  let fields: TableLayout

  enum Field: Int { case title, figure, flag, trend, since, reason }

  init(_ state: State) {
    let body = Layout(state).body
    let findings = state.shownFindings
    heading = body.row + (body.rows >= 20 ? 1 : 0)
    elsewhere = body.endRow - 1
    let listStart = heading + (body.rows >= 20 ? 2 : 1)
    var room = max(0, elsewhere - listStart)

    let wantedReasons = state.selectedFinding.map { min(5, $0.evidence.count + max(0, $0.precededBy.count - 1)) } ?? 0
    let wantedChanges = min(state.recentChanges.count, room >= 24 ? 8 : room >= 16 ? 4 : 2)
    let dense = PulseLines(findings, isRoomy: false).lines.count
    let roomy = PulseLines(findings, isRoomy: true).lines.count
    // What is wrong comes first, its reasons second; what changed takes what is left.
    var reasonRows = wantedReasons > 0 && room >= 6 ? 1 + min(wantedReasons, max(1, room / 4)) : 0
    var changeRows = room >= 10 ? 2 + max(1, wantedChanges) : 0
    let need = max(2, min(dense, room / 2))
    if need + reasonRows + changeRows > room {
      changeRows = max(0, room - need - reasonRows) < 3 ? 0 : room - need - reasonRows
    }
    if need + reasonRows > room { reasonRows = 0 }
    let spare = room - reasonRows - changeRows - roomy - 2
    if changeRows > 0, spare > 0 { changeRows += min(spare, max(0, state.recentChanges.count - wantedChanges)) }
    room -= reasonRows + changeRows
    isRoomy = roomy <= room && body.rows >= 20
    let listRows = min(room, max(2, isRoomy ? roomy + 1 : dense))
    list = Rect(column: 0, row: listStart, columns: body.columns, rows: listRows)
    reasons =
      reasonRows > 0
      ? Rect(column: 2, row: listStart + room, columns: body.columns - 3, rows: reasonRows) : nil
    changes = Rect(column: 2, row: elsewhere - changeRows, columns: body.columns - 3, rows: changeRows)

    let isNarrow = body.columns < 100
    let gap = isNarrow ? 1 : 2
    // Titles and figures get what they need, the reasons the rest.
    let titles = findings.map { Line($0.title).columns }.max() ?? 0
    let figures = findings.map { Line($0.figure).columns }.max() ?? 0
    fields = TableLayout(
      [
        Column("", minimum: min(max(20, titles), isNarrow ? 30 : body.columns / 3)),
        Column("", minimum: min(max(10, figures), isNarrow ? 16 : 26), gap: gap),
        Column("", minimum: isNarrow ? 4 : 6, priority: 3, gap: gap),
        Column("", minimum: 8, maximum: body.columns >= 160 ? 24 : 12, priority: 2, gap: gap),
        Column("", .right, minimum: 7, gap: gap),
        Column("", minimum: 12, priority: 4, grows: true, gap: gap),
      ], from: 4, room: body.columns - 5)
  }

  subscript(field: Field) -> TableLayout.Field? { fields[field.rawValue] }
}
