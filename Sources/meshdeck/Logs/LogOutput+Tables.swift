internal import Console
internal import JSON
internal import MeshModel
internal import ProxyLogs

/// What is made of many lines: a table for a person, and rows for programs.
extension LogOutput {
  mutating func write(_ top: LogTop, most: Int) {
    let rows = top.rows(most: most)
    switch format {
    case .jsonl:
      for row in rows {
        write(
          text: (JSONValue.object(
            JSONObject([
              ("name", .string(row.name)), ("lines", .int(row.lines)), ("errors", .int(row.errors)),
              ("longest_seconds", row.longest.map { .double(Double($0) / 1_000) } ?? .null),
            ])
          ).text()) + "\n")
      }
    case .csv:
      write(text: "name,lines,errors,longest_ms\n")
      for row in rows {
        let figures = [String(row.lines), String(row.errors), row.longest.map { String($0) } ?? ""]
        write(text: ([LogWriter.quoted(printable(row.name))] + figures).joined(separator: ",") + "\n")
      }
    case .text, .raw:
      var table = TextTable(top.subject.rawValue.uppercased(), "LINES", "SHARE", "ERRORS", "LONGEST")
      for row in rows {
        let share = percent(Double(row.lines) / Double(max(1, top.lines)), suffix: "%")
        let longest = row.longest.map { milliseconds(.milliseconds(Int64(clamping: $0))) } ?? "–"
        table.add(row.name, String(row.lines), share, String(row.errors), longest)
      }
      write(text: table.text)
    }
    if !top.isExact {
      StandardError.write(
        "meshdeck: there are too many different \(top.subject.rawValue) to keep all: a row may be short by"
          + " \(Figures.count(Int(top.mostMissing), "line", "lines"))\n")
    }
  }

  /// A request's hops in causal order, and behind them the lines that name it and are no hop.
  mutating func write(trail lines: [LogLine], origins: [ProxyID: LogOrigin]) {
    let hops = RequestHop.all(in: lines)
    let known = Set(hops.map(\.line))
    let others = lines.filter { !known.contains($0) }.sorted { $0.time < $1.time }
    guard format == .text, columns == nil else {
      for hop in hops { write(hop.line, of: origins[hop.line.proxy] ?? .proxy(hop.line.proxy), hop: hop) }
      for line in others { write(line, of: origins[line.proxy] ?? .proxy(line.proxy)) }
      return
    }
    var table = TextTable("TIME", "PROXY", "DIR", "REQUEST", "CODE", "FLAGS", "TOOK", "HERE", "UPSTREAM")
    for hop in hops {
      guard let access = hop.line.access else { continue }
      let indent = String(repeating: "  ", count: min(hop.depth, 20))
      table.add(
        hop.start.clockWithMilliseconds, indent + (origins[hop.line.proxy]?.name ?? hop.line.proxy.pod),
        access.direction.rawValue, "\(access.method) \(access.path)", String(access.code), access.flagCodes,
        milliseconds(hop.duration), milliseconds(hop.ownTime), access.line.upstreamLabel)
    }
    if !hops.isEmpty { write(text: table.text) }
    for line in others {
      let name = origins[line.proxy]?.name ?? line.proxy.pod
      write(text: printable("\(line.time.clockWithMilliseconds)  \(name)  \(line.text)") + "\n")
    }
  }
}

extension Timestamp {
  fileprivate var clockWithMilliseconds: String { "\(clock).\(String(millisecond + 1_000).dropFirst())" }
}
