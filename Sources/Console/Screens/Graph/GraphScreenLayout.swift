import MeshModel
import TerminalUI

/// Where things stand on the Graph screen: the graph, what is said of what is selected (at its side where there is
/// room, else below), and a line about the whole.
struct GraphScreenLayout {
  /// From this width the panel stands at the side.
  static let wide = 150

  let map: Rect
  let panel: Rect
  let isBeside: Bool
  let status: Int

  init(_ state: State) {
    let body = Layout(state).body
    status = body.endRow - 1
    let rows = body.rows - 1
    isBeside = body.columns >= Self.wide && rows >= 12 && !state.graphScreen.isList
    if isBeside {
      let columns = min(60, body.columns / 4)
      map = Rect(column: 1, row: body.row, columns: body.columns - columns - 3, rows: rows)
      panel = Rect(column: map.endColumn + 1, row: body.row, columns: columns, rows: rows)
    } else {
      let panelRows = rows >= 24 ? 6 : rows >= 12 ? 5 : rows >= 8 ? 3 : 0
      map = Rect(column: 1, row: body.row, columns: body.columns - 2, rows: rows - panelRows)
      panel = Rect(column: 0, row: map.endRow, columns: body.columns, rows: panelRows)
    }
  }
}
