import MeshModel
import TerminalUI

extension State {
  /// The request that is followed: its hops in causal order, each with when it was under way and how long, one row
  /// each.
  func trail(columns: Int, most: Int, _ glyphs: Glyphs) -> [Line] {
    guard let following = logTail.following else { return [] }
    let found = following.found.value
    let hops = RequestHop.all(in: found?.lines ?? [])
    var head = Line(following.id, .accent)
    if let found {
      let proxies = Set(hops.map(\.line.proxy)).count
      head += Line(
        "  \(Figures.count(hops.count, "hop", "hops")), \(Figures.count(proxies, "proxy", "proxies"))", .text)
      head += Line("  read \(found.coverage.followed) of \(found.coverage.wanted) logs", found.isDone ? .dim : .warning)
      if let trouble = found.troubles.first {
        let more = found.troubles.count > 1 ? " (and \(found.troubles.count - 1) more)" : ""
        head += Line("  \(trouble.what)\(more)", .failing)
      }
    } else {
      head += Line("  reading the logs of all proxies", .dim)
    }
    if let trouble = following.found.trouble { head += Line("  \(trouble.what)", .failing) }
    var lines = [head]
    let room = max(0, most - 1)
    // One row says what is left out.
    let shown = hops.count > room ? max(0, room - 1) : hops.count
    let span = RequestSpan(hops)
    for hop in hops.prefix(shown) { lines.append(row(of: hop, span, columns: columns, glyphs)) }
    if shown < hops.count { lines.append(Line("  \(hops.count - shown) hops more", .dim)) }
    return lines
  }

  private func row(of hop: RequestHop, _ span: RequestSpan, columns: Int, _ glyphs: Glyphs) -> Line {
    let nameColumns = min(32, columns / 3)
    let name = String(repeating: " ", count: min(2 * hop.depth, nameColumns / 2) + 2) + hop.line.proxy.pod
    let barColumns = max(8, columns / 4)
    let code = hop.line.access?.code ?? 0
    let role: Role = code >= 500 || code == 0 ? .failing : code >= 400 ? .warning : .good
    var line = Line(name.fitting(nameColumns, glyphs), .text) + " "
    let bar = span.cells(of: hop, columns: barColumns)
    line += Line(String(repeating: " ", count: bar.lowerBound), .dim)
    line += Line(String(repeating: glyphs.box.horizontal, count: bar.count), role)
    line += Line(String(repeating: " ", count: barColumns - bar.upperBound), .dim)
    line += Line(" \(hop.line.access?.direction.rawValue ?? glyphs.dash)", .dim)
    line += Line(" \(code)", role)
    line += Line("  \(hop.duration.map(Figures.latency) ?? glyphs.dash)", .strong)
    if hop.children > 0, let own = hop.ownTime { line += Line(", \(Figures.latency(own)) here", .dim) }
    if hop.children > 1, hop.line.access?.direction == .outbound { line += Line(", \(hop.children) tries", .warning) }
    if let flags = hop.line.access?.flagCodes, flags != "-" { line += Line("  \(flags)", .warning) }
    return line
  }
}

/// The time over which a request was under way in any proxy.
private struct RequestSpan {
  private let start: Timestamp
  private let nanoseconds: Double

  init(_ hops: [RequestHop]) {
    start = hops.map(\.start).min() ?? Timestamp(nanoseconds: 0)
    let end = hops.map { $0.start + ($0.duration ?? .zero) }.max() ?? start
    nanoseconds = max(1, Double((end - start).nanoseconds))
  }

  /// Of so many columns those in which a hop was under way, at least one.
  func cells(of hop: RequestHop, columns: Int) -> Range<Int> {
    func column(_ moment: Timestamp) -> Int {
      Int(min(1, max(0, Double((moment - start).nanoseconds) / nanoseconds)) * Double(columns))
    }
    let first = min(column(hop.start), columns - 1)
    return first..<max(first + 1, column(hop.start + (hop.duration ?? .zero)))
  }
}

extension String {
  /// Exactly so many columns: filled up with blanks, or cut.
  fileprivate func fitting(_ columns: Int, _ glyphs: Glyphs) -> String {
    let width = CellWidth.columns(of: self)
    guard width > columns else { return self + String(repeating: " ", count: columns - width) }
    var kept = ""
    var used = 0
    for character in self {
      let width = CellWidth.columns(of: String(character))
      guard used + width < columns else { break }
      kept.append(character)
      used += width
    }
    return kept + glyphs.ellipsis + String(repeating: " ", count: max(0, columns - used - 1))
  }
}
