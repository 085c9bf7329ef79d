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

    var room = width - freshColumns - 4
    var column = 1
    // From left to right; what has no room is left out, the parts behind it too.
    for (place, part) in headerParts(glyphs).enumerated() where room > 0 {
      let gap = place == 0 ? 0 : 3
      guard place < 2 || part.columns + gap <= room else { break }
      let taken = frame.put(part, at: Point(column: column + gap, row: 0), on: .bar, limit: max(0, room - gap)) + gap
      column += taken
      room -= taken
    }
  }

  private func headerParts(_ glyphs: Glyphs) -> [Line] {
    var parts: [Line] = [Line("meshdeck", .title)]
    parts.append([
      Span(identity.context, .dim), Span(" \(glyphs.chevron) ", .dim), Span(identity.scope.name, .strong),
    ])
    if identity.isReadOnly { parts.append(Line("read-only", .warning)) }
    if let caveat = identity.caveat { parts.append(Line(caveat, .warning)) }
    if let report = proxies.value {
      let inSync = report.proxies.filter { $0.health == .good }.count
      let isAll = inSync == report.proxies.count
      let worst = report.proxies.map(\.health).max() ?? .unknown
      var line: Line = [Span(worst.sign(glyphs) + " ", worst.role), Span("\(inSync)", isAll ? .text : .strong)]
      line += Line("/\(report.proxies.count) in sync", .dim)
      parts.append(line)
    }
    if let (perSecond, total) = totalTraffic {
      parts.append([Span(Figures.perSecond(perSecond), .text), Span(" rps", .dim)])
      if let rate = total.errorRate {
        let role = total.health >= .warning ? total.health.role : Role.text
        parts.append([Span(Figures.rate(rate), role), Span(" err", .dim)])
      }
    }
    if let version = proxies.value?.controlPlane {
      let mesh = routes.value?.first?.mesh ?? "control plane"
      parts.append(Line("\(mesh) \(version)", .dim))
    }
    return parts
  }

  /// All requests of the scope; where a source cannot tell rules apart, each destination counts once.
  private var totalTraffic: (perSecond: Double, DestinationTraffic)? {
    guard let sample = traffic.value, !sample.routes.isEmpty else { return nil }
    var requests = 0, errors = 0, counted = 0
    var rate = 0.0
    var seen: Set<Destination> = []
    for (route, traffic) in sample.routes {
      for (destination, figures) in traffic.destinations where traffic.isByRule || seen.insert(destination).inserted {
        requests += figures.requests
        rate += perSecond(figures.requests, of: route) ?? 0
        guard let failed = figures.errors else { continue }
        errors += failed
        counted += figures.requests
      }
    }
    return (rate, DestinationTraffic(requests: requests, errors: counted == requests ? errors : nil))
  }

  private func freshnessLine(_ glyphs: Glyphs) -> Line {
    let feeds = [
      (routes.trouble, routes.asOf), (proxies.trouble, proxies.asOf), (traffic.trouble, trafficObserved),
    ]
    let stale = feeds.filter { $0.0 != nil }.map(\.1)
    if !stale.isEmpty {
      guard let oldest = stale.compactMap({ $0 }).min() else {
        return [Span("\(glyphs.failing) ", .failing), Span("no answer", .failing)]
      }
      return [Span("\(glyphs.failing) ", .failing), Span("stale \(Figures.age(now - oldest))", .failing)]
    }
    // Resources speak when they change. What is read every second is as old as the slowest of it: that it is silent
    // means something.
    let isPolled = proxies.value?.proxies.contains { $0.read != nil } ?? false
    let polled = [isPolled ? proxies.asOf : nil, trafficObserved].compactMap { $0 }
    guard let oldest = polled.min() ?? routes.asOf else {
      return [Span("\(glyphs.unknown) ", .unknown), Span("connecting", .dim)]
    }
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
