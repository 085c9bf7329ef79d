import MeshModel
import TerminalUI

extension State {
  /// What the console is connected to, how the whole fares, and how fresh that is.
  func drawHeader(on frame: inout Frame) {
    let glyphs = frame.glyphs
    let width = frame.size.columns
    frame.fill(Rect(column: 0, row: 0, columns: width, rows: 1), Style(.text, on: .bar))
    let fresh = freshnessLine(glyphs)
    let freshColumns = min(fresh.columns, width)
    frame.put(fresh, at: Point(column: width - freshColumns - 1, row: 0), on: .bar)

    var parts = headerParts(glyphs)
    let room = width - freshColumns - 4
    func needed() -> Int { parts.reduce(0) { $0 + $1.line.columns } + 3 * (parts.count - 1) }
    while needed() > room, let least = parts.indices.max(by: { parts[$0].priority < parts[$1].priority }),
      parts[least].priority > 0
    {
      parts.remove(at: least)
    }
    var column = 1
    for part in parts {
      column += frame.put(part.line, at: Point(column: column, row: 0), on: .bar, limit: max(0, room + 1 - column)) + 3
    }
  }

  /// From left to right. Where there is no room, those of the greatest priority number are left out first; the one of 0
  /// never is. Errors outlast rates: they are what one looks for.
  private func headerParts(_ glyphs: Glyphs) -> [(line: Line, priority: Int)] {
    var parts: [(line: Line, priority: Int)] = [(Line("meshdeck", .title), 6)]
    let scope: Line = [
      Span(identity.context, .dim), Span(" \(glyphs.chevron) ", .dim), Span(identity.scope.name, .strong),
    ]
    parts.append((scope, 0))
    if identity.isReadOnly { parts.append((Line("read-only", .warning), 1)) }
    if let caveat = identity.caveat { parts.append((Line(caveat, .warning), 2)) }
    // What follows is of now.
    guard pastMoment == nil else { return parts }
    if let report = proxies.value, !report.proxies.isEmpty || routes.asOf != nil {
      parts.append((syncPart(report, glyphs), 4))
    }
    if let total = totalTraffic {
      var place = "\(total.place) "
      if let rate = total.traffic.errorRate {
        let role = total.traffic.health >= .warning ? total.traffic.health.role : Role.text
        parts.append(([Span(place, .dim), Span(Figures.rate(rate), role), Span(" err", .dim)], 3))
        place = ""
      }
      let rate: Line = [Span(place, .dim), Span(Figures.perSecond(total.perSecond), .text), Span(" rps", .dim)]
      parts.append((rate, 5))
    }
    if let version = proxies.value?.controlPlane {
      let mesh = routes.value?.first?.mesh ?? "control plane"
      parts.append((Line("\(mesh) \(version)", .dim), 7))
    }
    return parts
  }

  /// How many proxies have what was sent to them, as far as anything tells.
  private func syncPart(_ report: ProxyReport, _ glyphs: Glyphs) -> Line {
    let all = report.proxies.count
    let count = Figures.count(all, "proxy", "proxies")
    let worst = report.proxies.map(\.health).max() ?? .unknown
    guard report.proxies.contains(where: { $0.health != .unknown }) else {
      return Line(all == 0 ? "no proxies" : "\(count), sync not known", .dim)
    }
    let inSync = report.proxies.filter { $0.health == .good }.count
    let line: Line = [
      Span(worst.sign(glyphs) + " ", worst.role), Span("\(inSync)", inSync == all ? .text : .strong),
    ]
    return line + Line("/\(all) in sync", .dim)
  }

  /// What comes in at the gateways, where a rule of theirs is counted; else all requests between services, of which
  /// each that comes in causes several (`hops`). Where a source cannot tell rules apart, each destination counts once.
  private var totalTraffic: (place: String, perSecond: Double, traffic: DestinationTraffic)? {
    guard let sample = traffic.value, !sample.routes.isEmpty else { return nil }
    // What is counted by service has come from anywhere.
    let atGateways = Set((routes.value ?? []).filter { !$0.gateways.isEmpty }.map(\.id))
    let edge = sample.routes.filter { $0.value.isByRule && atGateways.contains($0.key) }
    var requests = 0, errors = 0, counted = 0
    var rate = 0.0
    var seen: Set<Destination> = []
    for (route, traffic) in edge.isEmpty ? sample.routes : edge {
      for (destination, figures) in traffic.destinations where traffic.isByRule || seen.insert(destination).inserted {
        requests += figures.requests
        rate += perSecond(figures.requests, of: route) ?? 0
        guard let failed = figures.errors else { continue }
        errors += failed
        counted += figures.requests
      }
    }
    let total = DestinationTraffic(requests: requests, errors: counted == requests ? errors : nil)
    return (edge.isEmpty ? "hops" : "edge", rate, total)
  }

  /// The moment that the screen is of, where that is not now.
  private var pastMoment: Timestamp? { screen == .graph || screen == .pulse ? moment : nil }

  private func freshnessLine(_ glyphs: Glyphs) -> Line {
    if let moment = pastMoment {
      let ago = now - moment
      let time =
        ago < .seconds(86_400) ? "\(moment.clock) UTC" : moment.rfc3339.replacing("T", with: " ").prefix(16) + " UTC"
      return [Span("\(glyphs.timeout) as of \(time), \(Figures.age(ago)) ago", .warning)]
    }
    let feeds = [
      (routes.trouble, routes.asOf), (proxies.trouble, proxies.asOf), (traffic.trouble, trafficObserved),
    ]
    let stale = feeds.filter { $0.0 != nil }.map(\.1)
    if !stale.isEmpty {
      guard let oldest = stale.compactMap({ $0 }).min() else {
        let kinds = [routes.trouble, proxies.trouble, traffic.trouble].compactMap { $0?.kind }
        let isRefused = kinds.contains { $0 == .unauthenticated || $0 == .forbidden }
        return [Span("\(glyphs.failing) ", .failing), Span(isRefused ? "refused" : "no answer", .failing)]
      }
      return [Span("\(glyphs.failing) ", .failing), Span("stale \(Figures.age(now - oldest))", .failing)]
    }
    // Resources speak when they change. What is read every second is as old as the slowest of it: that it is silent
    // means something.
    let isPolled = proxies.value?.proxies.contains { $0.read != nil } ?? false
    let polled = [isPolled ? proxies.asOf : nil, trafficObserved].compactMap { $0 }
    // Feeds that have read nothing yet may tell that they know of nothing.
    guard let read = routes.asOf else {
      let waited = now - started
      guard waited > Self.lateAfter else { return [Span("\(glyphs.unknown) ", .unknown), Span("connecting", .dim)] }
      return [Span("\(glyphs.warning) ", .warning), Span("connecting \(Figures.age(waited))", .warning)]
    }
    let oldest = polled.min() ?? read
    if !polled.isEmpty, now - oldest > Self.lateAfter {
      return [Span("\(glyphs.warning) ", .warning), Span("late \(Figures.age(now - oldest))", .warning)]
    }
    return [Span("\(glyphs.good) ", .good), Span("live \(Figures.age(now - oldest))", .dim)]
  }

  /// A sample that comes in time may tell of what was observed long before.
  private var trafficObserved: Timestamp? {
    traffic.asOf.map { came in traffic.value.map { min(came, $0.end) } ?? came }
  }

  /// What is read every second and has not come for this long is told to be late, though nothing has failed yet.
  private static let lateAfter: Duration = .seconds(5)

  func drawTabs(on frame: inout Frame) {
    var column = 1
    for tab in Screen.tabs {
      let isOpen = tab == screen
      let line: Line = [
        Span(" \(tab.rawValue) ", isOpen ? .accent : .dim), Span(tab.title, isOpen ? .strong : .dim), Span(" "),
      ]
      column += frame.put(line, at: Point(column: column, row: 1)) + 1
    }
    let help: Line = [Span("? ", screen == .help ? .accent : .dim), Span("help", screen == .help ? .strong : .dim)]
    if column + help.columns + 1 < frame.size.columns {
      frame.put(help, at: Point(column: frame.size.columns - help.columns - 2, row: 1))
    }
    frame.horizontalLine(at: Point(column: 0, row: 2), columns: frame.size.columns)
  }
}
