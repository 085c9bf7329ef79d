import MeshGraph
import MeshModel
import TerminalUI

/// The graph as a list of its edges: what the picture shows, in figures that can be compared.
enum EdgeList {
  /// What comes first.
  enum Sort: Int, CaseIterable, Sendable {
    case errors, requests, p99, source, destination

    var next: Sort { Sort(rawValue: rawValue + 1) ?? .errors }

    fileprivate var column: Int {
      switch self {
      case .source: 0
      case .destination: 1
      case .requests: 2
      case .errors: 3
      case .p99: 6
      }
    }

    var name: String {
      switch self {
      case .errors: "errors"
      case .requests: "requests"
      case .p99: "P99"
      case .source: "where they come from"
      case .destination: "where they go"
      }
    }
  }

  static func columns(_ sort: Sort, room: Int, glyphs: Glyphs) -> [Column] {
    let gap = room < 100 ? 1 : 2
    var columns = [
      Column("FROM", minimum: room < 100 ? 16 : 22, maximum: 48, grows: true),
      Column("TO", minimum: 16, maximum: 48, grows: true, gap: gap),
      Column("RPS", .right, minimum: 6, gap: gap),
      Column("ERR", .right, minimum: 7, gap: gap),
      Column("P50", .right, minimum: 7, priority: 5, gap: gap),
      Column("P95", .right, minimum: 7, priority: 6, gap: gap),
      Column("P99", .right, minimum: 7, priority: 1, gap: gap),
      Column("mTLS", minimum: 5, priority: 4, gap: gap),
      Column("CODES", minimum: 12, priority: 3, gap: gap),
      Column("FLAGS", minimum: 8, priority: 2, gap: gap),
    ]
    columns[sort.column].title += glyphs.down
    return columns
  }
}

extension State {
  /// The edges that are shown, in the order that was chosen; of equals, in the order of their names.
  var edgeRows: [ServiceGraph.Edge] {
    let edges = graphScreen.shown.edges
    func descending(_ key: (ServiceGraph.Edge) -> Double?) -> [ServiceGraph.Edge] {
      edges.map { (key($0) ?? -1, $0) }.sorted { ($1.0, $0.1.id) < ($0.0, $1.1.id) }.map(\.1)
    }
    switch graphScreen.sort {
    // What fails by enough requests to tell comes before what fails by few.
    case .errors: return descending { Double($0.health.rawValue) + ($0.traffic.errorRate ?? -0.5) }
    case .requests: return descending(\.traffic.requests)
    case .p99: return descending { $0.traffic.p99?.seconds }
    case .source: return edges
    case .destination: return edges.sorted { ($0.id.destination, $0.id) < ($1.id.destination, $1.id) }
    }
  }

  private func selectedRow(of rows: [ServiceGraph.Edge]) -> Int {
    switch selection {
    case .edge(let id): rows.firstIndex { $0.id == id } ?? 0
    case .node(let id): rows.firstIndex { $0.id.destination == id } ?? rows.firstIndex { $0.id.source == id } ?? 0
    case nil: 0
    }
  }

  mutating func moveInEdges(_ movement: Movement) {
    let rows = edgeRows
    let place = selectedRow(of: rows)
    let height = GraphScreenLayout(self).map.rows - 1
    guard let target = movement.target(from: place, count: rows.count, height: height) else { return }
    graphScreen.scrolling.moved(from: place, to: target, count: rows.count, height: height)
    select(.edge(rows[target].id))
  }

  func drawEdgeList(in rect: Rect, on frame: inout Frame) {
    let rows = edgeRows
    let columns = EdgeList.columns(graphScreen.sort, room: rect.columns, glyphs: frame.glyphs)
    let fields = TableLayout(columns, from: 2, room: rect.columns - 2)
    frame.putHeadings(columns, fields, row: rect.row)
    guard !rows.isEmpty else {
      let text = emptyGraphText ?? "no requests between what is shown"
      frame.put(text, at: Point(column: 2, row: rect.row + 2), .dim, limit: rect.columns - 2)
      return
    }
    let height = rect.rows - 1
    let selected = selectedRow(of: rows)
    let top = graphScreen.scrolling.top(selected: selected, count: rows.count, height: height)
    for offset in 0..<min(height, rows.count - top) {
      let place = Point(column: 0, row: rect.row + 1 + offset)
      draw(rows[top + offset], row: place.row, fields, on: &frame)
      if top + offset == selected {
        frame.put(frame.glyphs.arrow, at: place, .accent)
        frame.restyle(Rect(column: 0, row: place.row, columns: frame.size.columns, rows: 1), ground: .selection)
        frame.cursor = place
      }
    }
  }

  private func draw(_ edge: ServiceGraph.Edge, row: Int, _ fields: TableLayout, on frame: inout Frame) {
    let glyphs = frame.glyphs
    let graph = graphScreen.shown
    let traffic = edge.traffic
    let role: Role = edge.health.isUnhealthy ? edge.health.role : .text
    func name(_ id: ServiceGraph.NodeID) -> String {
      let title = graph.node(id)?.title ?? ""
      return graphScreen.plan.isNamed && !id.namespace.isEmpty ? "\(id.namespace)/\(title)" : title
    }
    func figure(_ span: Duration?) -> Line { Line(span.map(Figures.latency) ?? glyphs.dash, .dim) }
    func most<Key>(_ counts: [Key: Double], _ text: (Key) -> String) -> String {
      counts.filter { $0.value > 0 }.map { (text($0.key), $0.value) }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.prefix(4)
        .map(\.0).joined(separator: " ")
    }
    let from: Line = [Span(edge.health.sign(glyphs) + " ", edge.health.role), Span(name(edge.id.source), .text)]
    frame.put(from, in: fields[0], row: row, cut: .middle)
    frame.put(
      Line(name(edge.id.destination), edge.health.isUnhealthy ? .strong : .text), in: fields[1], row: row, cut: .middle)
    frame.put(Line(graph.perSecond(traffic.requests).map(Figures.perSecond) ?? glyphs.dash), in: fields[2], row: row)
    frame.put(Line(traffic.errorRate.map(Figures.rate) ?? glyphs.dash, role), in: fields[3], row: row)
    frame.put(figure(traffic.p50), in: fields[4], row: row)
    frame.put(figure(traffic.p95), in: fields[5], row: row)
    frame.put(figure(traffic.p99), in: fields[6], row: row)
    let security: Line =
      switch traffic.security {
      case .mutualTLS: Line(glyphs.check, .good)
      case .plaintext: Line(glyphs.plaintext, .warning)
      case .mixed(let mutual): Line("\(Figures.percent(mutual))%", .warning)
      case .unknown: Line(glyphs.dash, .dim)
      }
    frame.put(security, in: fields[7], row: row)
    frame.put(Line(most(traffic.codes) { $0 == "-" ? "none" : $0 }, .dim), in: fields[8], row: row)
    frame.put(Line(most(traffic.flags, \.code), .warning), in: fields[9], row: row)
  }
}
