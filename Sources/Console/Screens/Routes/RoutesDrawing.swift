import MeshModel
import TerminalUI

extension State {
  func drawRoutes(on frame: inout Frame) {
    let layout = RoutesLayout(self)
    frame.putHeadings(layout.columns, layout.fields, row: layout.heading)
    guard routes.value != nil else { return drawNothingYet(on: &frame, in: layout.list) }
    let table = routeList.table
    guard !table.lines.isEmpty else { return drawNoRoutes(on: &frame, in: layout.list) }

    let selected = routeList.selection.flatMap { table.lineOf[$0] } ?? 0
    let top = routeList.scrolling.top(selected: selected, count: table.lines.count, height: layout.list.rows)
    for row in 0..<min(layout.list.rows, table.lines.count - top) {
      draw(table.lines[top + row], row: layout.list.row + row, layout, on: &frame)
      if top + row == selected {
        let place = Point(column: 0, row: layout.list.row + row)
        frame.put(frame.glyphs.arrow, at: place, .accent)
        frame.restyle(Rect(column: 0, row: place.row, columns: frame.size.columns, rows: 1), ground: .selection)
        frame.cursor = place
      }
    }
    drawMore(above: top, below: table.lines.count - top - layout.list.rows, layout, on: &frame)
    for (offset, change) in layout.strips.enumerated() {
      let row = layout.stripRow + offset
      drawStrip(change, at: Point(column: 2, row: row), columns: frame.size.columns - 3, on: &frame)
    }
    drawSelected(in: layout.detail, on: &frame)
  }

  private func draw(_ line: RouteTable.Line, row: Int, _ layout: RoutesLayout, on frame: inout Frame) {
    switch line {
    case .gap: break
    case .heading(let id): drawHeading(id, row: row, on: &frame)
    case .behind(let id): drawBehind(id, row: row, on: &frame)
    case .share(let share, let isFirst):
      guard let route = route(share.route) else { return }
      if isFirst, share.route.resource.kind != .service {
        var rule: Line = [Span("  #\(share.route.rule) ", .dim), Span(route.match, .text)]
        if let name = route.name { rule += Line(" \(name)", .dim) }
        frame.put(rule, in: layout[.route], row: row)
      }
      let identity = identityRole(share.destination, in: route)
      let label = label(share.destination, in: route)
      drawFigures(share, route, label: label, identity, bar: identity, row: row, layout, on: &frame)
    case .folded(let share):
      guard let route = route(share.route) else { return }
      let isService = share.route.resource.kind == .service
      let kind = isService ? "by replicas" : share.route.resource.kind.rawValue
      var title: Line = [Span(frame.glyphs.closed + " ", .dim), Span(route.service, .text), Span(" \(kind)", .dim)]
      if case .allNamespaces = identity.scope { title += Line(" \(share.route.resource.namespace)", .dim) }
      frame.put(title, in: layout[.route], row: row)
      let count = route.split.shares.count
      let label =
        count > 1 ? "\(count) versions" : share.destination.subset == nil ? "all" : label(share.destination, in: route)
      drawFigures(share, route, label: label, .text, bar: .border, isWhole: count > 1, row: row, layout, on: &frame)
    }
  }

  private func drawHeading(_ id: ResourceID, row: Int, on frame: inout Frame) {
    guard let rules = routeList.table.rules[id], let first = rules.first else { return }
    var line: Line = [
      Span(frame.glyphs.open + " ", .dim), Span(first.service, .strong), Span(" \(id)", .dim),
    ]
    if id.kind == .service { line += Line("  by replicas", .dim) }
    if !first.gateways.isEmpty { line += Line("  gateways: \(first.gateways.joined(separator: ", "))", .dim) }
    if let write = rules.compactMap(\.lastWrite).max(by: { $0.time < $1.time }) {
      line += Line("  written \(Figures.age(now - write.time)) ago by \(write.manager)", .dim)
    }
    frame.put(line, at: Point(column: 2, row: row), limit: frame.size.columns - 3)
  }

  private func drawFigures(
    _ share: ShareID, _ route: Route, label: String, _ identity: Role, bar: Role, isWhole: Bool = false, row: Int,
    _ layout: RoutesLayout,
    on frame: inout Frame
  ) {
    let glyphs = frame.glyphs
    let unknown = Line(glyphs.dash, .dim)
    let traffic = isWhole ? wholeTraffic(of: route) : traffic(of: share)
    let health = traffic?.health ?? .unknown

    let sign = health >= .warning ? health.sign(glyphs) : " "
    if let field = layout[.to] {
      let place = Point(column: field.column, row: row)
      frame.put(sign, at: place, health.role)
      frame.put(label, at: Point(column: place.column + 2, row: row), identity, limit: field.columns - 2, cut: .middle)
    }
    let asked = isWhole ? 1 : route.split.fraction(of: share.destination)
    if let field = layout[.bar] {
      frame.bar(asked ?? 0, at: Point(column: field.column, row: row), columns: field.columns, bar)
    }
    frame.put(asked.map { Line(Figures.asked($0), .strong) } ?? unknown, in: layout[.asked], row: row)
    frame.put(appliedLine(share.route) ?? unknown, in: layout[.applied], row: row)
    // The whole of what goes by replicas has no share to tell.
    frame.put((isWhole ? nil : seenLine(share, route, glyphs)) ?? unknown, in: layout[.seen], row: row)
    frame.put(
      traffic.flatMap { perSecond($0.requests, of: share.route) }.map { Line(Figures.perSecond($0), .text) } ?? unknown,
      in: layout[.perSecond], row: row)
    let errors = traffic?.errorRate.map { Line(Figures.rate($0), health == .good ? .dim : health.role) }
    frame.put(errors ?? unknown, in: layout[.errors], row: row)
    frame.put(traffic?.p50.map { Line(Figures.latency($0), .dim) } ?? unknown, in: layout[.p50], row: row)
    frame.put(
      traffic?.p99.map { Line(Figures.latency($0), traffic?.isSlow == true ? .warning : .text) } ?? unknown,
      in: layout[.p99], row: row)
    if let field = layout[.trend], let history = traffic?.history {
      let rates = history.map { $0.requests > 0 ? Double($0.errors) / Double($0.requests) : nil }
      // Never scaled to less than 5 %: noise must not look like a mountain.
      let top = max(0.05, rates.compactMap { $0 }.max() ?? 0)
      frame.sparkline(
        rates, at: Point(column: field.column, row: row), columns: field.columns, top: top,
        health >= .warning ? health.role : .dim)
    }
  }

  private func appliedLine(_ id: RouteID) -> Line? {
    guard let applied = proxies.value?.applied[id], applied.of > 0 else { return nil }
    return Line("\(applied.taken.count)/\(applied.of)", applied.isComplete ? .dim : .rejected)
  }

  private func seenLine(_ share: ShareID, _ route: Route, _ glyphs: Glyphs) -> Line? {
    guard let traffic = traffic.value?.routes[share.route], let seen = traffic.seen(share.destination) else {
      return nil
    }
    // Host counters tell a service's destinations apart, but not its rules.
    let about: Line = traffic.isByRule ? [] : Line("~", .dim)
    let value = about + Line(Figures.percent(seen.share), .strong)
    guard route.split.shares.count > 1 else { return value }
    return value + Line(" \(Figures.interval(seen, glyphs))", .dim)
  }

  private func drawBehind(_ id: RouteID, row: Int, on frame: inout Frame) {
    guard let applied = proxies.value?.applied[id] else { return }
    let statuses = proxies.value?.proxies ?? []
    let refused = applied.rejected.map { rejection -> String in
      var age = ""
      if case .rejected(_, let since?) = statuses.first(where: { $0.id == rejection.proxy })?.sync[.routes] {
        age = " \(Figures.age(now - since)) ago"
      }
      return "\(label(rejection.proxy)) rejected it\(age): \(rejection.reason)"
    }
    let late = applied.behind.map { "\(label($0)) has not taken it" }
    let count = Figures.count(applied.rejected.count + applied.behind.count, "proxy", "proxies")
    let line = Line(
      "    \(frame.glyphs.rejected) \(count) behind: \((refused + late).joined(separator: "; "))", .rejected)
    frame.put(line, at: Point(column: 2, row: row), limit: frame.size.columns - 3)
  }

  private func drawMore(above: Int, below: Int, _ layout: RoutesLayout, on frame: inout Frame) {
    let hidden = routeList.table.hidden
    var parts: [String] = []
    if above > 0 { parts.append("\(frame.glyphs.up)\(above)") }
    if below > 0 { parts.append("\(frame.glyphs.down)\(below)") }
    if !routeList.filter.isEmpty { parts.append("\(hidden) hidden") }
    guard !parts.isEmpty else { return }
    let line = Line(parts.joined(separator: " "), .accent)
    let column = 2 + 6
    let room = (layout[.to]?.column ?? frame.size.columns) - column - 1
    frame.put(line, at: Point(column: column, row: layout.heading), limit: max(0, room))
  }

  private func drawNothingYet(on frame: inout Frame, in rect: Rect) {
    let text = routes.trouble == nil ? "reading the routes" : "no routes could be read yet"
    frame.put(text, at: Point(column: 2, row: rect.row + 1), .dim)
  }

  private func drawNoRoutes(on frame: inout Frame, in rect: Rect) {
    let text =
      routeList.filter.isEmpty
      ? "no service and no route in \(identity.scope.name): -n NAMESPACE or -A looks elsewhere"
      : "nothing contains \"\(routeList.filter.text)\": esc shows all \(routeList.table.hidden)"
    frame.put(text, at: Point(column: 2, row: rect.row + 1), .dim, limit: frame.size.columns - 3)
  }

  private func sourceName(of traffic: TrafficSample.RouteTraffic) -> String {
    guard traffic.source == .accessLogs, let sample = self.traffic.value?.sample else { return traffic.source.name }
    return "\(sample.followed) of \(sample.wanted) \(traffic.source.name)"
  }

  /// What the columns cannot say of the selected share.
  private func drawSelected(in rect: Rect, on frame: inout Frame) {
    guard let share = routeList.selection, let route = route(share.route) else { return }
    let dot = " \(frame.glyphs.separator) "
    var parts: [String] = []
    if let traffic = traffic.value?.routes[share.route] {
      let all = traffic.destinations.values.reduce(0) { $0 + $1.requests }
      let window = self.traffic.value?.window(of: share.route) ?? self.window
      // Shorter than the heading says, where the rule has changed since, or is new.
      parts.append(
        (traffic.since == nil ? "" : "only the \(Figures.window(window)) since the rule changed: ")
          + "\(Figures.count(all, "request", "requests")) from \(sourceName(of: traffic))"
          + (traffic.isByRule ? "" : ", of the whole service, not of this rule alone"))
    } else if traffic.value != nil {
      parts.append("no source tells of its requests")
    }
    // Weights are relative: where they do not add up to 100 the share is another number than the weight.
    if route.isSplit, route.split.total != 100, let weight = route.split[share.destination] {
      parts.append("weight \(weight) of \(route.split.total)")
    }
    if foldedGroup != nil {
      parts.append("\(frame.glyphs.enter) opens them")
    } else if let readiness = route.readiness[share.destination] {
      parts.append("\(readiness.ready)/\(readiness.total) ready")
    } else {
      parts.append("matches no known pods")
    }
    if foldedGroup == nil, let flag = traffic(of: share)?.topFlag {
      parts.append("errors mostly \(flag)" + (flag.meaning.map { " (\($0))" } ?? ""))
    }
    let identity = identityRole(share.destination, in: route)
    var title: Line = [Span("\(share.destination)", identity), Span(" \(frame.glyphs.left) ", .dim)]
    title += Line(share.route.resource.kind == .service ? route.service : "\(share.route) \(route.match)")
    if foldedGroup != nil {
      let versions = route.split.destinations.map { destination in
        "\(label(destination, in: route)) \(route.split.fraction(of: destination).map(Figures.asked) ?? "?")"
      }
      title = [Span(route.service, .text), Span(" by replicas: \(versions.joined(separator: ", "))", .dim)]
    }
    let figures = Line(parts.joined(separator: dot), .dim)
    // A match that is too long for the first row goes on in the second.
    let rows = rect.rows > 1 ? title.wrapped(columns: rect.columns, most: 3) : [title]
    let first = rows[0]
    let rest = rows.dropFirst().reduce(Line([])) { $0 + $1 + "  " } + figures
    if rect.rows > 1 {
      frame.put(first, at: Point(column: rect.column, row: rect.row), limit: rect.columns)
      frame.put(rest, at: Point(column: rect.column, row: rect.row + 1), limit: rect.columns)
    } else {
      frame.put(first + "  " + rest, at: Point(column: rect.column, row: rect.row), limit: rect.columns)
    }
  }
}

extension State {
  /// The colour by which a destination is known in all rules of its resource.
  func identityRole(_ destination: Destination, in route: Route) -> Role {
    let all = routeList.table.identities[route.id.resource] ?? route.split.destinations
    let place = all.firstIndex(of: destination) ?? 0
    return Role.identities[place % Role.identities.count]
  }

  func label(_ destination: Destination, in route: Route) -> String { route.label(of: destination) }
}

extension Scope {
  var name: String {
    switch self {
    case .namespace(let name): name
    case .allNamespaces: "all namespaces"
    }
  }
}
