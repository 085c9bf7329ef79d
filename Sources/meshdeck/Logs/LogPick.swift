internal import MeshModel
internal import ProxyLogs
internal import Synchronization

/// Which lines are wanted.
struct LogPick: Sendable {
  var filter: LogFilter?
  var excluded: [LogFilter] = []
  /// Lines of an earlier time are not wanted.
  var since: Timestamp?
  /// What lines of files may be written in besides the formats that are known.
  var formats: [AccessLogFormat] = []

  /// Those of the lines that are wanted.
  func wanted(of lines: [LogLine]) -> [LogLine] {
    since == nil && filter == nil && excluded.isEmpty ? lines : lines.filter(wants)
  }

  func wants(_ line: LogLine) -> Bool {
    if let since, line.time < since { return false }
    return filter?.matches(line) != false && !excluded.contains { $0.matches(line) }
  }
}

/// Asks in place, of lines whose writer and time count for nothing.
struct LogScans {
  private var filter: LogScan?
  private var excluded: [LogScan]

  init(_ pick: LogPick) {
    filter = pick.filter.map { LogScan($0, reader: LogLineReader(formats: pick.formats)) }
    excluded = pick.excluded.map { LogScan($0, reader: LogLineReader(formats: pick.formats)) }
  }

  mutating func wants(_ line: Swift.Span<UInt8>) -> Bool {
    if filter?.matches(line) == false { return false }
    for place in excluded.indices where excluded[place].matches(line) { return false }
    return true
  }
}

/// How many lines were read, and what became of them. Whoever ends the program may ask at any time.
final class LogCounts: Sendable {
  private let readLines = Atomic(0)
  private let wantedLines = Atomic(0)
  private let droppedLines = Atomic(0)
  private let cutLines = Atomic(0)

  func add(read: Int = 0, wanted: Int = 0, dropped: Int = 0, cut: Int = 0) {
    readLines.add(read, ordering: .relaxed)
    wantedLines.add(wanted, ordering: .relaxed)
    droppedLines.add(dropped, ordering: .relaxed)
    cutLines.add(cut, ordering: .relaxed)
  }

  /// A sentence of what was left out; `nil` where nothing was.
  var summary: String? {
    let (read, wanted) = (readLines.load(ordering: .relaxed), wantedLines.load(ordering: .relaxed))
    let (dropped, cut) = (droppedLines.load(ordering: .relaxed), cutLines.load(ordering: .relaxed))
    var parts: [String] = []
    if wanted < read {
      parts.append("\(wanted) of \(Figures.count(read, "line", "lines")), \(read - wanted) filtered out")
    }
    if dropped > 0 { parts.append("\(Figures.count(dropped, "line was", "lines were")) dropped") }
    if cut > 0 { parts.append("\(Figures.count(cut, "line", "lines")) of more than 64 KB cut") }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }
}
