import MeshGraph

/// What must be true of every layout, as the list of what is not.
struct LayoutChecks {
  private let graph: LayoutGraph
  private let layout: GraphLayout
  private let found = Found()

  var faults: [String] { found.faults }

  private final class Found {
    var faults: [String] = []
  }

  init(_ graph: LayoutGraph, _ layout: GraphLayout) {
    self.graph = graph
    self.layout = layout
    checkBoxes()
    checkGroups()
    checkPaths()
    checkLabels()
  }

  private func expect(_ isTrue: Bool, _ fault: @autoclosure () -> String) {
    if !isTrue { found.faults.append(fault()) }
  }

  private func name(_ edge: Int) -> String {
    "\(graph.nodes[graph.edges[edge].source].key) → \(graph.nodes[graph.edges[edge].destination].key) (\(edge))"
  }

  private func checkBoxes() {
    let plane = GridRect(column: 0, row: 0, columns: layout.columns, rows: layout.rows)
    var holder: [GridPoint: Int] = [:]
    for (index, rect) in layout.nodes.enumerated() {
      let node = graph.nodes[index]
      expect(rect.columns == node.columns && rect.rows == node.rows, "\(node.key) has another size")
      for cell in rect.cells {
        expect(plane.contains(cell), "\(node.key) stands outside")
        if let other = holder.updateValue(index, forKey: cell) {
          found.faults.append("\(node.key) lies on \(graph.nodes[other].key)")
          return
        }
      }
    }
  }

  private func checkGroups() {
    for (group, rect) in layout.groups.enumerated() {
      let key = graph.groups[group].key
      guard graph.nodes.contains(where: { $0.group == group }) else {
        expect(rect.columns == 0, "\(key) is empty")
        continue
      }
      expect(rect.columns >= graph.groups[group].columns, "\(key) has no room for its title")
      let inner = GridRect(
        column: rect.column + 1, row: rect.row + 1, columns: rect.columns - 2, rows: rect.rows - 2)
      for (index, node) in graph.nodes.enumerated() {
        let cells = layout.nodes[index].cells
        expect(
          node.group == group ? cells.allSatisfy(inner.contains) : !cells.contains(where: rect.contains),
          "\(node.key) and \(key)")
      }
      for other in layout.groups.indices where other != group {
        expect(!layout.groups[other].cells.contains(where: rect.contains), "\(key) lies on another group")
      }
    }
  }

  private func checkPaths() {
    /// Which edges run through a cell, and whether straight on, from left to right or from top to bottom.
    var passing: [GridPoint: [(edge: Int, isAcross: Bool?)]] = [:]
    var boxes: [GridPoint: Int] = [:]
    for (node, rect) in layout.nodes.enumerated() { for cell in rect.cells { boxes[cell] = node } }
    for (index, path) in layout.edges.enumerated() {
      let edge = graph.edges[index], points = path.points
      guard let first = points.first, let last = points.last else {
        found.faults.append("\(name(index)) has no path")
        continue
      }
      let source = layout.nodes[edge.source], destination = layout.nodes[edge.destination]
      expect(
        first.column == source.column + source.columns && source.rowRange.contains(first.row),
        "\(name(index)) does not begin beside its source")
      expect(
        last.column == destination.column - 1 && destination.rowRange.contains(last.row),
        "\(name(index)) does not end beside its destination")
      var wasAcross: Bool?
      for (start, end) in zip(points, points.dropFirst()) {
        expect((start.column == end.column) != (start.row == end.row), "\(name(index)) runs askew")
        let isAcross = start.row == end.row
        expect(isAcross != wasAcross, "\(name(index)) has a corner that is none")
        wasAcross = isAcross
      }
      expect(
        points.count < 2 || points[points.count - 2].row == last.row && points[points.count - 2].column < last.column,
        "\(name(index)) does not enter from the left")
      for (cell, isAcross) in path.cells {
        expect(boxes[cell] == nil, "\(name(index)) runs through a box")
        for (group, rect) in layout.groups.enumerated() where rect.columns > 0 && rect.contains(cell) {
          let isOwn = graph.nodes[edge.source].group == group || graph.nodes[edge.destination].group == group
          expect(isOwn, "\(name(index)) runs through a group")
        }
        for other in passing[cell, default: []] where !haveCommonEnd(index, other.edge) {
          let isCrossing = isAcross.flatMap { own in other.isAcross.map { $0 != own } } ?? false
          expect(isCrossing, "\(name(index)) lies on \(name(other.edge)) at \(cell)")
        }
        passing[cell, default: []].append((index, isAcross))
      }
    }
  }

  private func checkLabels() {
    var lines: [GridPoint: Set<Int>] = [:]
    for (index, path) in layout.edges.enumerated() {
      for (cell, _) in path.cells { lines[cell, default: []].insert(index) }
    }
    var labels = Set<GridPoint>()
    for (index, path) in layout.edges.enumerated() {
      guard let label = path.label else { continue }
      let rect = GridRect(column: label.column, row: label.row, columns: graph.edges[index].label, rows: 1)
      expect(rect.columns > 0, "\(name(index)) has a label of no width")
      for cell in rect.cells {
        expect(
          layout.nodes.allSatisfy { !$0.contains(cell) } && layout.groups.allSatisfy { !$0.contains(cell) },
          "the label of \(name(index)) lies on a box")
        expect(
          0..<layout.columns ~= cell.column && 0..<layout.rows ~= cell.row, "the label of \(name(index)) is outside")
        expect(labels.insert(cell).inserted, "the label of \(name(index)) lies on another")
        expect(
          lines[cell, default: []].allSatisfy { $0 == index }, "the label of \(name(index)) lies on another edge")
      }
    }
  }

  private func haveCommonEnd(_ first: Int, _ second: Int) -> Bool {
    let first = graph.edges[first], second = graph.edges[second]
    return !Set([first.source, first.destination]).isDisjoint(with: [second.source, second.destination])
  }
}

extension GridRect {
  var rowRange: Range<Int> { row..<row + rows }

  var cells: [GridPoint] {
    rowRange.flatMap { row in (column..<column + columns).map { GridPoint(column: $0, row: row) } }
  }

  func contains(_ point: GridPoint) -> Bool {
    column..<column + columns ~= point.column && rowRange ~= point.row
  }
}

extension GraphLayout.Path {
  /// Every cell that it runs through, and whether it runs straight on there: from left to right, or from top to bottom.
  var cells: [(cell: GridPoint, isAcross: Bool?)] {
    var cells: [(cell: GridPoint, isAcross: Bool?)] = []
    for (index, (start, end)) in zip(points, points.dropFirst()).enumerated() {
      let isAcross = start.row == end.row
      let length = max(abs(end.column - start.column), abs(end.row - start.row))
      let step = (column: (end.column - start.column).signum(), row: (end.row - start.row).signum())
      for place in 0..<length {
        let cell = GridPoint(column: start.column + step.column * place, row: start.row + step.row * place)
        cells.append((cell, place == 0 && index > 0 ? nil : isAcross))
      }
    }
    if let last = points.last { cells.append((last, true)) }
    return cells
  }
}
