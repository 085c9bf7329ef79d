internal import MeshModel
internal import ProxyLogs

/// What is made of the lines that are wanted.
struct LogSink {
  enum Purpose {
    case print
    /// The last ones alone, printed when all is read.
    case printLast(Int)
    case top(LogTop.Subject)
    /// The way of one request.
    case trail
  }

  private(set) var output: LogOutput
  private var purpose: Purpose
  private var top: LogTop?
  private var kept: [(line: LogLine, origin: LogOrigin)] = []

  /// More lines than these that name one request are no request's.
  private static let mostOfOneRequest = 5_000
  private static let topRows = 50

  init(_ purpose: Purpose, _ output: LogOutput) {
    self.purpose = purpose
    self.output = output
    if case .top(let subject) = purpose { top = LogTop(subject) }
  }

  /// Whether lines are printed as they come, whatever else is known of them.
  var isPlainPrint: Bool { if case .print = purpose { true } else { false } }

  /// In place, of a file that is read alone.
  mutating func print(_ line: Swift.Span<UInt8>, of origin: LogOrigin) { output.write(line, of: origin) }

  mutating func take(_ line: LogLine, of origin: LogOrigin) {
    switch purpose {
    case .print: output.write(line, of: origin)
    case .printLast(let count):
      kept.append((line, origin))
      if kept.count >= 2 * max(count, 512) { kept.removeFirst(kept.count - count) }
    case .top: if let access = line.access { top?.add(access.line, writer: origin.writer) }
    case .trail: if kept.count < Self.mostOfOneRequest { kept.append((line, origin)) }
    }
  }

  /// Whether standard output took it all.
  mutating func flush() -> Bool { output.flush() }

  /// Lines that come from here on are printed as they come.
  mutating func printOn() {
    guard case .printLast(let count) = purpose else { return }
    for (line, origin) in kept.suffix(count) { output.write(line, of: origin) }
    kept = []
    purpose = .print
  }

  /// All has been read.
  mutating func finish() {
    switch purpose {
    case .print: break
    case .printLast: printOn()
    case .top: if let top { output.write(top, most: Self.topRows) }
    case .trail:
      let origins = Dictionary(kept.map { ($0.line.proxy, $0.origin) }) { $1 }
      output.write(trail: kept.map(\.line), origins: origins)
    }
    output.flush()
  }
}
