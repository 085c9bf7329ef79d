public import MeshGraph
public import TerminalUI

extension ServiceGraph {
  /// The whole graph as the screen draws it, as text. The picture has at most `mostCells` cells: what lies beyond is cut
  /// off.
  public func picture(glyphs: Glyphs) -> String {
    let isNamed = Set(nodes.lazy.filter(\.isService).map(\.id.namespace)).count > 1
    var plan = GraphPlan()
    plan.lay(out: self, isNamed: isNamed, nameColumns: 40)
    let columns = min(plan.columns, Self.mostCells)
    let rows = min(plan.rows, Self.mostCells / max(1, columns))
    var frame = Frame(size: Size(columns: columns, rows: rows), glyphs: glyphs)
    GraphDrawing(graph: self, plan: plan, selection: nil, view: frame.bounds, pan: GridPoint(column: 0, row: 0))
      .draw(on: &frame)
    return frame.text
  }

  private static var mostCells: Int { 4_000_000 }
}
