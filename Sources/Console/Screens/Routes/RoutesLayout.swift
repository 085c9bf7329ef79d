import MeshModel
import TerminalUI

/// Where things stand on the Routes screen.
struct RoutesLayout {
  /// Sparklines of errors appear from this width.
  static let wide = 140
  /// From this width bars and names get more than they need.
  static let roomy = 170

  let heading: Int
  let list: Rect
  /// One row for each change on its way, oldest first.
  let strips: [Underway]
  let stripRow: Int
  /// What the selected line cannot say: two rows where there is room.
  let detail: Rect
  let columns: [Column]
  let fields: TableLayout

  enum Field: Int { case route, to, bar, asked, applied, seen, perSecond, errors, p50, p99, trend }

  init(_ state: State) {
    let body = Layout(state).body
    heading = body.row
    let detailRows = body.rows >= 14 ? 2 : 1
    detail = Rect(column: 2, row: body.endRow - detailRows, columns: body.columns - 3, rows: detailRows)
    // The editor shows its own.
    let strips = state.underway.filter { $0.applied.change.route != state.editor?.route }
    self.strips = Array(strips.suffix(body.rows >= 12 ? 2 : 1))
    stripRow = detail.row - self.strips.count
    list = Rect(
      column: 0, row: heading + 1, columns: body.columns, rows: body.rows - 1 - detailRows - self.strips.count)

    let window = Figures.window(state.traffic.value?.window ?? state.window)
    let isNarrow = body.columns < 100
    let gap = isNarrow ? 1 : 2
    // Names that are told apart by their ends come before bars and the median; the sign of health stands before them.
    let (least, most) = isNarrow ? (8, 17) : body.columns >= Self.roomy ? (16, 40) : (12, 22)
    let names = min(max(least, state.routeList.table.labelColumns + 2), most)
    var columns = [
      Column("ROUTE", minimum: isNarrow ? 14 : 24, maximum: 56, grows: true),
      Column("  TO", minimum: names, gap: gap),
      Column(
        "", minimum: isNarrow ? 5 : 10, maximum: isNarrow ? 6 : body.columns >= Self.roomy ? 20 : 10, priority: 7,
        gap: gap),
      Column("ASKED", .right, minimum: 5, gap: gap - 1),
      Column("APPLIED", minimum: 7, priority: 4, gap: gap),
      Column("SEEN \(window)", minimum: 10, maximum: isNarrow ? 10 : 11, priority: 3, gap: gap),
      Column("RPS", .right, minimum: 5, priority: 5, gap: gap),
      Column("ERR", .right, minimum: 6, gap: gap),
      Column("P50", .right, minimum: 6, priority: 8, gap: gap),
      Column("P99", .right, minimum: 7, priority: 6, gap: gap),
    ]
    if body.columns >= Self.wide {
      columns.append(Column("ERR TREND", minimum: 12, priority: 9, gap: gap))
    }
    self.columns = columns
    fields = TableLayout(columns, from: 2, room: body.columns - 3)
  }

  subscript(field: Field) -> TableLayout.Field? {
    field.rawValue < fields.fields.count ? fields[field.rawValue] : nil
  }
}
