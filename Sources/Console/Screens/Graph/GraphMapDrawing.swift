import MeshGraph
import MeshModel
import TerminalUI

extension GraphHealth {
  func sign(_ glyphs: Glyphs) -> String { health?.sign(glyphs) ?? glyphs.separator }
  var role: Role { health?.role ?? .dim }

  /// `nil` for what is idle: there is nothing to be well or unwell.
  private var health: Health? {
    switch self {
    case .idle: nil
    case .healthy: .good
    case .unknown: .unknown
    case .warning: .warning
    case .failing: .failing
    }
  }
}

extension State {
  func drawGraph(on frame: inout Frame) {
    let layout = GraphScreenLayout(self)
    drawGraphStatus(row: layout.status, on: &frame)
    if graphScreen.isList {
      drawEdgeList(in: layout.map, on: &frame)
    } else if let empty = emptyGraphText {
      frame.put(empty, at: Point(column: 2, row: layout.map.row + 1), .dim, limit: frame.size.columns - 3)
      return
    } else {
      frame.clipped(to: layout.map) { frame in
        GraphDrawing(
          graph: graphScreen.shown, plan: graphScreen.plan, selection: selection, view: layout.map, pan: graphScreen.pan
        ).draw(on: &frame)
      }
    }
    drawGraphPanel(in: layout, on: &frame)
  }

  /// Why nothing is shown, and what to do about it.
  var emptyGraphText: String? {
    guard graphScreen.shown.nodes.isEmpty else { return nil }
    if graphScreen.whole.nodes.isEmpty {
      if edges.value == nil { return edges.trouble == nil ? "gathering who calls whom" : "nothing could be read yet" }
      return "no requests in the last \(Figures.span(edges.value?.window ?? window)), and no services are known"
    }
    if graphScreen.isOnlyUnhealthy { return "nothing of what is shown is unhealthy: z shows the rest" }
    return "everything is hidden: esc shows it again"
  }
}

/// Draws so much of a graph as is in sight.
struct GraphDrawing {
  let graph: ServiceGraph
  let plan: GraphPlan
  let selection: GraphScreen.Selection?
  let view: Rect
  let pan: GridPoint

  private typealias Pen = EdgeCanvas.Pen

  func draw(on frame: inout Frame) {
    guard let layout = plan.layout else { return }
    let seen = GridRect(column: pan.column, row: pan.row, columns: view.columns, rows: view.rows)
    let all = graph.boxes
    let inBox = Set(all.flatMap(\.nodes))
    let nodes = zip(graph.nodes, layout.nodes).enumerated().filter { seen.meets($1.1) }
      .map { (node: $1.0, rect: $1.1, isInBox: inBox.contains($0)) }
    let boxes = zip(all, layout.groups).filter { seen.meets($1) }
    let edges = zip(graph.edges, layout.edges).filter { seen.meets($1.area) }
      .map { (edge: $0, path: $1, pen: pen(of: $0)) }.sorted { $0.pen.rank < $1.pen.rank }

    var canvas = EdgeCanvas(view: seen)
    for (_, rect) in boxes { canvas.draw(rect, Pen(stroke: .light, role: .border, rank: 0)) }
    for (_, path, pen) in edges { canvas.draw(path.points, pen, isOpen: true) }
    for (node, rect, _) in nodes { canvas.draw(rect, pen(of: node)) }
    canvas.put(on: &frame, at: Point(column: view.column, row: view.row))

    for (box, rect) in boxes { drawTitle(of: box.service, rect, on: &frame) }
    for (node, rect, isInBox) in nodes { draw(node, isInBox: isInBox, rect, on: &frame) }
    for (edge, path, pen) in edges { drawEnds(of: edge, path, pen, on: &frame) }
  }

  private func point(_ place: GridPoint) -> Point {
    Point(column: view.column + place.column - pan.column, row: view.row + place.row - pan.row)
  }

  // MARK: Edges

  private func pen(of edge: ServiceGraph.Edge) -> Pen {
    let isSelected = selection == .edge(edge.id)
    let stroke: EdgeCanvas.Stroke = edge.health == .failing ? .heavy : .light
    let (role, rank): (Role, UInt8) =
      switch edge.health {
      case .idle: (.border, 1)
      case .healthy, .unknown: (.dim, 2)
      case .warning: (.warning, 4)
      case .failing: (.failing, 5)
      }
    return isSelected ? Pen(stroke: stroke, role: .accent, rank: 7) : Pen(stroke: stroke, role: role, rank: rank)
  }

  private func drawEnds(of edge: ServiceGraph.Edge, _ path: GraphLayout.Path, _ pen: Pen, on frame: inout Frame) {
    guard let last = path.points.last else { return }
    let before = path.points.dropLast().last ?? GridPoint(column: last.column - 1, row: last.row)
    let glyphs = frame.glyphs
    let head =
      last.column != before.column
      ? last.column > before.column ? glyphs.headRight : glyphs.headLeft
      : last.row > before.row ? glyphs.headDown : glyphs.headUp
    frame.put(head, at: point(last), pen.role)
    guard let label = path.label else { return }
    frame.put(self.label(of: edge, pen.role, glyphs), at: point(label), limit: GraphPlan.labelColumns)
  }

  /// The rate, the share of errors where that is what is wrong, and a mark where it is not encrypted.
  private func label(of edge: ServiceGraph.Edge, _ role: Role, _ glyphs: Glyphs) -> Line {
    let isUnhealthy = edge.health.isUnhealthy
    let rate = graph.perSecond(edge.traffic.requests).map { Figures.shortRate($0) + "/s" } ?? glyphs.dash
    let line = Line((edge.id.traffic == .tcp ? "tcp " : "") + rate, isUnhealthy || role == .accent ? role : .text)
    var more: Line = []
    if isUnhealthy, let errors = edge.traffic.errorRate {
      more = Line(" " + Figures.decimals(errors * 100, 0) + "%", edge.health.role)
    } else if edge.traffic.security.isPlain {
      more = Line(" " + glyphs.plaintext, .warning)
    }
    return line.columns + more.columns <= GraphPlan.labelColumns ? line + more : line
  }

  // MARK: Boxes

  private func pen(of node: ServiceGraph.Node) -> Pen {
    let stroke: EdgeCanvas.Stroke = node.health == .failing ? .heavy : .light
    let role = isSelected(node) ? Role.accent : node.health.isUnhealthy ? node.health.role : .border
    return Pen(stroke: stroke, role: role, rank: 8)
  }

  private func isSelected(_ node: ServiceGraph.Node) -> Bool {
    switch selection {
    case .node(let id): node.id == id
    // The box that a selected edge leads to is what one acts on.
    case .edge(let id): node.id == id.destination
    case nil: false
    }
  }

  private func drawTitle(of service: ServiceID, _ rect: GridRect, on frame: inout Frame) {
    let marks = marksLine(graph.serviceMarks[service] ?? [], frame.glyphs)
    let name: Line = plan.isNamed ? [Span(service.namespace + "/", .dim), Span(service.name)] : Line(service.name)
    let start = point(GridPoint(column: rect.column + 2, row: rect.row))
    frame.put(Line(" ") + name + marks + Line(" "), at: start, limit: rect.columns - 4)
  }

  private func draw(_ node: ServiceGraph.Node, isInBox: Bool, _ rect: GridRect, on frame: inout Frame) {
    let glyphs = frame.glyphs
    let origin = point(GridPoint(column: rect.column, row: rect.row))
    let room = rect.columns - GraphPlan.boxColumns
    let inner = Rect(
      column: origin.column + 1, row: origin.row + 1, columns: rect.columns - 2, rows: rect.rows - 2)
    if selection == .node(node.id) {
      frame.restyle(inner, ground: .selection)
      frame.cursor = Point(column: max(view.column, inner.column), row: max(view.row, inner.row))
    }
    let border: String? =
      node.kindName ?? (plan.isNamed && !isInBox && !node.id.namespace.isEmpty ? node.id.namespace : nil)
    if let border {
      frame.put(
        " \(border) ", at: Point(column: origin.column + 2, row: origin.row), .dim, limit: rect.columns - 4)
    }
    let nameRole: Role =
      node.health == .idle || node.isOutside && !node.health.isUnhealthy
      ? .dim : isSelected(node) ? .accent : node.health.isUnhealthy ? .strong : .text
    let marks = marksLine(node.marks, glyphs)
    let left = origin.column + 2
    let signs = marks + Line(" " + node.health.sign(glyphs), node.health.role)
    frame.put(
      Line(node.name(isInBox: isInBox), nameRole), at: Point(column: left, row: inner.row),
      limit: room - signs.columns, cut: .middle)
    frame.put(signs, at: Point(column: left, row: inner.row), limit: room, align: .right)
    frame.put(figures(of: node, glyphs), at: Point(column: left, row: inner.row + 1), limit: room)
    if let split = node.split {
      frame.put(line(of: split, glyphs), at: Point(column: left, row: inner.row + 2), limit: room)
    }
  }

  /// What is wrong where something is, else how much and how fast.
  private func figures(of node: ServiceGraph.Node, _ glyphs: Glyphs) -> Line {
    if node.unhealthy > 0 { return Line("\(node.unhealthy) unhealthy", node.health.role) }
    guard let traffic = node.traffic else { return Line("not counted", .dim) }
    guard traffic.requests > 0 else { return Line("no requests", .dim) }
    if node.health.isUnhealthy, let culprit = node.culprit {
      let caller = graph.node(.mesh(culprit.caller))?.shortTitle ?? "\(culprit.caller)"
      return Line("\(Figures.rate(culprit.errorRate)) from \(caller)", node.health.role)
    }
    if node.health.isUnhealthy, let rate = traffic.errorRate, rate >= 0.0005 {
      let reason = [traffic.worstCode, traffic.worstFlag?.code].compactMap { $0 }.joined(separator: " ")
      return [
        Span(Figures.rate(rate), node.health.role), Span(" " + (reason.isEmpty ? "err" : reason), node.health.role),
      ]
    }
    let rate = Line((graph.perSecond(traffic.requests).map { Figures.shortRate($0) } ?? glyphs.dash) + "/s", .dim)
    guard node.health.isUnhealthy else {
      return rate + Line(traffic.p99.map { "  " + Figures.latency($0) } ?? "", .dim)
    }
    let reason: String? =
      switch node.findings.first?.kind {
      case .ejected: "\(node.ejected)/\(node.pods?.total ?? node.ejected) ejected"
      case .unready: node.pods.map { "\($0.ready)/\($0.total) ready" }
      default: traffic.p99.map { "p99 " + Figures.latency($0) }
      }
    return reason.map { Line($0, node.health.role) } ?? rate
  }

  private func line(of split: ServiceGraph.Split, _ glyphs: Glyphs) -> Line {
    let asked = split.asked.map(Figures.asked) ?? glyphs.dash, seen = split.seen.map(Figures.percent) ?? glyphs.dash
    if split.asked == 0, split.seen ?? 0 == 0 { return Line("0 asked", .dim) }
    return Line(asked, .text) + Line(" asked ", .dim) + Line(seen, .text) + Line(" seen", .dim)
  }

  private func marksLine(_ marks: [Topology.Mark], _ glyphs: Glyphs) -> Line {
    let kinds = Topology.Mark.Kind.allCases.filter { kind in marks.contains { $0.kind == kind } }
    return Line(kinds.map { Span(" " + $0.sign(glyphs), $0 == .fault ? .warning : .dim) })
  }
}

extension Topology.Mark.Kind {
  func sign(_ glyphs: Glyphs) -> String {
    switch self {
    case .circuitBreaker: glyphs.breaker
    case .fault: glyphs.fault
    case .mirror: glyphs.mirror
    case .timeout: glyphs.timeout
    case .retries: glyphs.retries
    }
  }
}

extension EdgeTraffic {
  /// The code seen most among those that are errors.
  var worstCode: String? { codes.filter { Self.isError($0.key) && $0.key != "-" }.most }

  /// The flag seen most, where there were errors.
  var worstFlag: ResponseFlag? { errors ?? 1 > 0 ? flags.most : nil }

  /// Whether an answer is counted among the errors, by its code.
  static func isError(_ code: String) -> Bool {
    code == "-" || code == "0" || code.hasPrefix("5") || code.hasPrefix("grpc") && code != "grpc 0"
  }
}

extension Dictionary where Value == Double, Key: CustomStringConvertible {
  /// The key of the greatest value; of several alike the first by name.
  fileprivate var most: Key? {
    filter { $0.value > 0 }.max { ($0.value, $1.key.description) < ($1.value, $0.key.description) }?.key
  }
}

extension EdgeTraffic.Security {
  /// Whether it is known that some of it is not encrypted.
  var isPlain: Bool {
    switch self {
    case .plaintext, .mixed: true
    case .mutualTLS, .unknown: false
    }
  }
}

extension GridRect {
  func meets(_ other: GridRect) -> Bool {
    column < other.column + other.columns && other.column < column + columns && row < other.row + other.rows
      && other.row < row + rows
  }
}

extension GraphLayout.Path {
  /// The cells within which it and its label lie.
  fileprivate var area: GridRect {
    guard let first = points.first else { return GridRect(column: 0, row: 0, columns: 0, rows: 0) }
    var (left, right, top, bottom) = (first.column, first.column, first.row, first.row)
    for point in points {
      (left, right) = (min(left, point.column), max(right, point.column))
      (top, bottom) = (min(top, point.row), max(bottom, point.row))
    }
    if let label {
      (left, right) = (min(left, label.column), max(right, label.column + GraphPlan.labelColumns))
      (top, bottom) = (min(top, label.row), max(bottom, label.row))
    }
    return GridRect(column: left, row: top, columns: right - left + 1, rows: bottom - top + 1)
  }
}
