import MeshModel
import TerminalUI

/// Where things stand on the Proxies screen: the list, and below it what is to be said of the selected one.
struct ProxiesLayout {
  let heading: Int
  let list: Rect
  let detail: Rect
  let columns: [Column]
  let fields: TableLayout

  init(_ state: State) {
    let body = Layout(state).body
    let detailRows = body.rows >= 12 ? min(8, body.rows / 3) : 1
    heading = body.row
    list = Rect(column: 0, row: body.row + 1, columns: body.columns, rows: body.rows - 1 - detailRows)
    detail = Rect(column: 2, row: list.endRow, columns: body.columns - 3, rows: detailRows)
    let gap = body.columns < 100 ? 1 : 2
    columns =
      [
        Column("PROXY", minimum: body.columns < 60 ? 20 : 30, maximum: 64, grows: true),
        Column("KIND", minimum: 7, priority: 4, gap: gap),
        Column("VERSION", minimum: 7, priority: 3, gap: gap),
        Column("STATE", minimum: 8, gap: gap),
      ] + XDSType.allCases.map { Column($0.rawValue, minimum: 5, maximum: 6, gap: gap) } + [
        Column("READ", .right, minimum: 4, priority: 2, gap: gap)
      ]
    fields = TableLayout(columns, from: 2, room: body.columns - 3)
  }
}

extension State {
  func drawProxies(on frame: inout Frame) {
    let layout = ProxiesLayout(self)
    frame.putHeadings(layout.columns, layout.fields, row: layout.heading)
    let rows = proxyList.rows
    guard !rows.isEmpty else {
      let text =
        proxies.value == nil
        ? proxies.trouble == nil ? "reading the proxies" : "no proxy could be read yet"
        : proxyList.filter.isEmpty
          ? "no proxy in \(identity.scope.name)"
          : "no proxy contains \"\(proxyList.filter.text)\": esc shows all"
      frame.put(text, at: Point(column: 2, row: layout.list.row + 1), .dim)
      return
    }
    let selected = rows.firstIndex { $0.id == proxyList.selection } ?? 0
    let top = proxyList.scrolling.top(selected: selected, count: rows.count, height: layout.list.rows)
    for row in 0..<min(layout.list.rows, rows.count - top) {
      let place = Point(column: 0, row: layout.list.row + row)
      draw(rows[top + row], row: place.row, layout, on: &frame)
      if top + row == selected {
        frame.put(frame.glyphs.arrow, at: place, .accent)
        frame.restyle(Rect(column: 0, row: place.row, columns: frame.size.columns, rows: 1), ground: .selection)
        frame.cursor = place
      }
    }
    drawDetail(rows[selected], in: layout.detail, on: &frame)
  }

  private func draw(_ proxy: ProxyStatus, row: Int, _ layout: ProxiesLayout, on frame: inout Frame) {
    let glyphs = frame.glyphs
    let health = proxy.health
    let fields = layout.fields
    frame.put(
      [Span(health.sign(glyphs) + " ", health.role), Span(label(proxy.id), .text)], in: fields[0], row: row,
      cut: .middle)
    frame.put(Line(proxy.kind.rawValue, .dim), in: fields[1], row: row)
    frame.put(Line(proxy.version ?? glyphs.dash, .dim), in: fields[2], row: row)
    frame.put(stateLine(proxy.reach), in: fields[3], row: row)
    for (place, type) in XDSType.allCases.enumerated() {
      frame.put(syncLine(proxy.sync[type] ?? .unknown, glyphs), in: fields[4 + place], row: row)
    }
    frame.put(Line(proxy.read.map { Figures.age(now - $0) } ?? glyphs.dash, .dim), in: fields[8], row: row)
  }

  /// A proxy's name: without the namespace where all of the screen is of that one.
  func label(_ proxy: ProxyID) -> String {
    if case .namespace(let namespace) = identity.scope, proxy.namespace == namespace { return proxy.pod }
    return proxy.name
  }

  private func stateLine(_ reach: ProxyStatus.Reach) -> Line {
    switch reach {
    case .answering(let word): Line(word, word == "LIVE" ? .text : .warning)
    case .silent: Line("silent", .failing)
    case .unreached: Line("not read", .dim)
    }
  }

  private func syncLine(_ state: SyncState, _ glyphs: Glyphs) -> Line {
    func age(_ since: Timestamp?) -> String { since.map { " " + Figures.age(now - $0) } ?? "" }
    return switch state {
    case .synced(let since): [Span(glyphs.check, .good), Span(age(since), .dim)]
    case .stale(let since): [Span(glyphs.ellipsis, .warning), Span(age(since), .warning)]
    case .rejected(_, let since): [Span(glyphs.cross, .rejected), Span(age(since), .rejected)]
    case .notSent: Line("unsent", .dim)
    case .notSubscribed: Line("none", .dim)
    case .unknown: Line(glyphs.dash, .dim)
    }
  }

  private func drawDetail(_ proxy: ProxyStatus, in rect: Rect, on frame: inout Frame) {
    let glyphs = frame.glyphs
    var lines: [Line] = []
    for rejection in proxy.rejections {
      let age = rejection.since.map { " \(Figures.age(now - $0)) ago" } ?? ""
      lines.append([
        Span("\(glyphs.cross) \(rejection.type.rawValue) rejected\(age), so it keeps what it had: ", .rejected),
        Span(rejection.reason, .text),
      ])
    }
    if case .silent(let trouble) = proxy.reach {
      lines.append([Span(glyphs.failing + " ", .failing), Span("\(trouble)", .text)])
    }
    if case .unreached = proxy.reach {
      lines.append(Line("no way to its admin API is known: what is said here comes from the control plane", .dim))
    }
    let behind = (proxies.value?.applied ?? [:]).filter { $0.value.behind.contains(proxy.id) }.keys
    if !behind.isEmpty {
      let names = behind.map(\.description).sorted().joined(separator: ", ")
      lines.append([Span("\(glyphs.warning) has not taken: ", .warning), Span(names, .text)])
    }
    if lines.isEmpty { lines.append(Line("\(proxy.id): nothing is wrong", .dim)) }
    let rows = lines.flatMap { $0.wrapped(columns: rect.columns, most: rect.rows) }
    guard rect.rows > 1 else {
      frame.put(lines[0], at: Point(column: rect.column, row: rect.row), limit: rect.columns)
      return
    }
    frame.horizontalLine(at: Point(column: 0, row: rect.row), columns: frame.size.columns)
    for (offset, row) in rows.prefix(rect.rows - 1).enumerated() {
      frame.put(row, at: Point(column: rect.column, row: rect.row + 1 + offset), limit: rect.columns)
    }
  }
}
