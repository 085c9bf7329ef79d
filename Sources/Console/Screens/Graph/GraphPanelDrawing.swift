import MeshGraph
import MeshHealth
import MeshModel
import TerminalUI

extension State {
  /// What is known of what is selected, in rows of pieces: a row is one line where the panel is wide, else each piece is.
  func drawGraphPanel(in layout: GraphScreenLayout, on frame: inout Frame) {
    guard layout.panel.rows > 0 else { return }
    let rect: Rect
    if layout.isBeside {
      frame.verticalLine(at: Point(column: layout.panel.column, row: layout.panel.row), rows: layout.panel.rows)
      rect = Rect(
        column: layout.panel.column + 2, row: layout.panel.row + 1, columns: layout.panel.columns - 2,
        rows: layout.panel.rows - 1)
    } else {
      frame.horizontalLine(at: Point(column: 0, row: layout.panel.row), columns: layout.panel.columns)
      rect = Rect(
        column: 2, row: layout.panel.row + 1, columns: layout.panel.columns - 3, rows: layout.panel.rows - 1)
    }
    let rows = panelRows(frame.glyphs)
    let lines: [Line] =
      layout.isBeside
      ? rows.flatMap { $0 + [[]] }
      : rows.flatMap { Self.joined($0, columns: rect.columns) }
    let wrapped = lines.flatMap { $0.wrapped(columns: rect.columns, most: rect.rows) }
    for (offset, line) in wrapped.prefix(rect.rows).enumerated() {
      frame.put(line, at: Point(column: rect.column, row: rect.row + offset), limit: rect.columns)
    }
  }

  /// Pieces side by side in as few lines as hold them; none is broken that fits.
  private static func joined(_ pieces: [Line], columns: Int) -> [Line] {
    pieces.reduce(into: []) { lines, piece in
      guard let last = lines.last, last.columns + 3 + piece.columns <= columns else { return lines.append(piece) }
      lines[lines.count - 1] = last + "   " + piece
    }
  }

  private func panelRows(_ glyphs: Glyphs) -> [[Line]] {
    let graph = graphScreen.shown
    switch selection {
    case .edge(let id):
      guard let edge = graph.edge(id), let source = graph.node(id.source), let end = graph.node(id.destination) else {
        return []
      }
      let title: Line = [
        Span(source.title, .strong), Span(" \(glyphs.arrow) ", .dim), Span(end.title, .strong),
        Span(id.traffic == .http ? "" : "  \(id.traffic.rawValue)", .dim),
      ]
      var head = [title] + rates(of: edge.traffic, edge.health, glyphs)
      head += security(edge.traffic.security, glyphs) + endpoints(of: end)
      let why = reasons(of: edge.findings + end.findings, glyphs)
      return [head] + answers(of: edge.traffic, why, glyphs) + marks(of: end, glyphs)
    case .node(let id):
      guard let node = graph.node(id) else { return [] }
      var head = [Line(node.title, .strong) + Line(node.isService ? "" : node.kindName.map { "  \($0)" } ?? "", .dim)]
      if let traffic = node.traffic { head += rates(of: traffic, node.health, glyphs) }
      head += security(node.security, glyphs) + endpoints(of: node)
      let why = reasons(of: node.findings, glyphs)
      var rows = [head] + (node.traffic.map { answers(of: $0, why, glyphs) } ?? why)
      if node.isFold { rows.append([Line(Set(node.members.map(\.name)).sorted().joined(separator: ", "), .dim)]) }
      return rows + marks(of: node, glyphs)
    case nil: return []
    }
  }

  private func rates(of traffic: EdgeTraffic, _ health: GraphHealth, _ glyphs: Glyphs) -> [Line] {
    let rate = graphScreen.shown.perSecond(traffic.requests).map(Figures.perSecond) ?? glyphs.dash
    var pieces: [Line] = [Line("\(rate)/s", .text)]
    if traffic.requests > 0 {
      let role = health.isUnhealthy ? health.role : Role.text
      pieces.append(
        traffic.errorRate.map { Line(Figures.rate($0), role) + Line(" err", .dim) } ?? Line("errors not counted", .dim))
      func latency(_ name: String, _ span: Duration?) -> Line {
        Line(name + " ", .dim) + Line(span.map(Figures.latency) ?? glyphs.dash, .text)
      }
      pieces.append(
        latency("p50", traffic.p50) + Line("  ") + latency("p95", traffic.p95) + Line("  ")
          + latency("p99", traffic.p99))
    }
    return pieces
  }

  private func security(_ security: EdgeTraffic.Security, _ glyphs: Glyphs) -> [Line] {
    switch security {
    case .mutualTLS: [Line("mTLS ", .dim) + Line(glyphs.check, .good)]
    case .plaintext: [Line("\(glyphs.plaintext) plaintext", .warning)]
    case .mixed(let mutual): [Line("\(glyphs.plaintext) mTLS \(Figures.percent(mutual))%", .warning)]
    case .unknown: [Line("mTLS \(glyphs.dash)", .dim)]
    }
  }

  private func endpoints(of node: ServiceGraph.Node) -> [Line] {
    guard let pods = node.pods, pods.total > 0 else {
      return node.ejected > 0 ? [Line("ejected \(node.ejected)", .warning)] : []
    }
    var pieces = [
      Line("ready ", .dim) + Line("\(pods.ready)/\(pods.total)", pods.ready < pods.total ? .warning : .text)
    ]
    pieces.append(
      Line("ejected ", .dim) + Line("\(node.ejected)/\(pods.total)", node.ejected > 0 ? .warning : .text))
    return pieces
  }

  /// Codes and flags by their rates, what is wrong, how errors went, and what the most frequent flags mean.
  private func answers(of traffic: EdgeTraffic, _ reasons: [[Line]], _ glyphs: Glyphs) -> [[Line]] {
    guard traffic.requests > 0 else { return reasons }
    let graph = graphScreen.shown
    func rate(_ count: Double) -> String { graph.perSecond(count).map { Figures.perSecond($0) + "/s" } ?? glyphs.dash }
    var first: [Line] = []
    let codes = traffic.codes.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    if !codes.isEmpty {
      first.append(
        codes.prefix(5).reduce(Line("codes", .dim)) { line, code in
          line
            + Line(
              "  \(code.key == "-" ? "none" : code.key) \(rate(code.value))",
              EdgeTraffic.isError(code.key) ? .failing : .text)
        })
    }
    let flags = traffic.flags.filter { $0.value > 0 }.sorted { ($1.value, $0.key.code) < ($0.value, $1.key.code) }
    if !flags.isEmpty {
      first.append(
        flags.prefix(4).reduce(Line("flags", .dim)) { $0 + Line("  \($1.key.code) \(rate($1.value))", .warning) })
    }
    var rows = (first.isEmpty ? [] : [first]) + reasons
    if traffic.errors ?? 0 > 0, !traffic.history.isEmpty {
      let shares = traffic.history.suffix(24).map { $0.requests > 0 ? $0.errors / $0.requests : nil }
      rows.append([Line("errors ", .dim) + Line(glyphs.sparkline(shares), .failing)])
    }
    for flag in flags.prefix(2).map(\.key) {
      guard let meaning = flag.meaning else { continue }
      rows.append([
        Line(flag.code, .warning) + Line("  \(meaning)", .text)
          + Line(flag.usualCause.map { ": \($0)" } ?? "", .dim)
      ])
    }
    return rows
  }

  /// What is wrong, since when, and why one says so.
  private func reasons(of ids: [Finding.ID], _ glyphs: Glyphs) -> [[Line]] {
    var known: [Finding] = []
    // That of an edge may be that of its destination too.
    for id in ids where known.count < 2 && !known.contains(where: { $0.id == id }) {
      known += [moment == nil ? diagnosis[id] : pastFindings.first { $0.id == id }].compactMap { $0 }
    }
    return known.map { finding in
      let health: Health = finding.severity == .failing ? .failing : .warning
      let since = (finding.isOlder ? "since before " : "since ") + finding.since.clock
      let why = finding.evidence.prefix(2).joined(separator: "; ")
      return [
        Line("\(health.sign(glyphs)) \(finding.figure)", health.role)
          + Line("  \(since)  ", .text) + Line(why, .dim)
      ]
    }
  }

  private func marks(of node: ServiceGraph.Node, _ glyphs: Glyphs) -> [[Line]] {
    var marks = node.marks
    if case .mesh(let member) = node.id { marks += graphScreen.shown.serviceMarks[member.service] ?? [] }
    let pieces = marks.map { mark in
      Line("\(mark.kind.sign(glyphs)) \(mark.kind.rawValue)", .text) + Line("  \(mark.detail)", .dim)
    }
    return pieces.isEmpty ? [] : [pieces]
  }

  // MARK: The line about the whole

  /// Where the figures come from and of when they are, what is hidden, and how much lies outside of the picture.
  func drawGraphStatus(row: Int, on frame: inout Frame) {
    let glyphs = frame.glyphs
    var pieces: [Line] = []
    if let sample = edges.value {
      var source: Line = [Span(sample.source.name, .text), Span("  last \(Figures.window(sample.window))", .dim)]
      source += moment == nil ? Line("  \(Figures.age(now - sample.end)) old", .dim) : []
      pieces.append(source)
      if let coverage = sample.coverage, coverage.isSample {
        pieces.append(Line("a sample: \(coverage.followed) of \(coverage.wanted) logs", .warning))
      }
    }
    if let focus = graphScreen.focus {
      pieces.append(Line("focus \(Figures.count(focus.hops, "hop", "hops"))", .accent))
    }
    if graphScreen.isOnlyUnhealthy { pieces.append(Line("only unhealthy", .accent)) }
    if moment != nil { pieces.append(Line("of a past moment: T \(glyphs.enter) is back now", .warning)) }
    if !graphScreen.hide.text.isEmpty, prompt?.purpose != .hide {
      pieces.append(Line("\\\(graphScreen.hide.text)", .accent))
    }
    if let hidden = hiddenPiece { pieces.append(hidden) }
    if !graphScreen.isList, let outside = outsidePiece(glyphs) { pieces.append(outside) }
    pieces += (edges.value?.remarks ?? []).map { Line($0, .warning) }
    let line = pieces.dropFirst().reduce(pieces.first ?? []) { $0 + "   " + $1 }
    frame.put(line, at: Point(column: 2, row: row), limit: frame.size.columns - 3)
  }

  private var hiddenPiece: Line? {
    let hidden = graphScreen.hidden
    guard hidden.count > 0 else { return nil }
    return Line("hidden: \(hidden.count)", .dim)
      + (hidden.unhealthy > 0 ? Line(", \(hidden.unhealthy) unhealthy", .warning) : Line(", none unhealthy", .dim))
  }

  private func outsidePiece(_ glyphs: Glyphs) -> Line? {
    guard let layout = graphScreen.plan.layout else { return nil }
    let map = GraphScreenLayout(self).map
    let pan = graphScreen.pan
    var (left, right, above, below) = (0, 0, 0, 0)
    for rect in layout.nodes {
      if rect.column + rect.columns <= pan.column {
        left += 1
      } else if rect.column >= pan.column + map.columns {
        right += 1
      } else if rect.row + rect.rows <= pan.row {
        above += 1
      } else if rect.row >= pan.row + map.rows {
        below += 1
      }
    }
    let sides = [(glyphs.left, left), (glyphs.up, above), (glyphs.down, below), (glyphs.right, right)]
    let text = sides.filter { $0.1 > 0 }.map { "\($0.0)\($0.1)" }.joined(separator: " ")
    return text.isEmpty ? nil : Line("outside: \(text)", .text)
  }
}

extension Glyphs {
  /// Shares as heights, the greatest of them at the top; a blank where nothing is known.
  func sparkline(_ values: [Double?]) -> String {
    let top = values.lazy.compactMap { $0 }.max() ?? 0
    return values.map { value in
      guard let value, top > 0, value.isFinite else { return value == nil ? " " : spark[0] }
      return spark[Int((min(1, max(0, value / top)) * Double(spark.count - 1)).rounded())]
    }.joined()
  }
}
