public import ArgumentParser
public import Console
internal import Glibc
internal import MeshModel
internal import ProxyLogs

/// Writes lines of logs to standard output. What it is given is kept until it is enough or `flush` says so.
struct LogOutput {
  private static let enough = 256 * 1024

  private var writer: LogWriter
  private var reader: LogLineReader
  /// Whether standard output still takes anything.
  private(set) var isOpen = true

  /// As it was asked for.
  let format: LogWriter.Format
  var columns: [LogColumn]? { writer.columns }

  init(
    _ format: LogWriter.Format, columns: [LogColumn]?, namesOrigins: Bool, formats: [AccessLogFormat],
    isTerminal: Bool = isatty(STDOUT_FILENO) == 1
  ) {
    self.format = format
    // A terminal would obey bytes as they came.
    let isText = format == .text || format == .raw && isTerminal
    writer = LogWriter(
      isText ? .text : format, columns: columns, namesOrigins: namesOrigins && format == .text)
    reader = LogLineReader(formats: formats)
  }

  /// A line whose fields nobody has looked for.
  mutating func write(_ line: Swift.Span<UInt8>, of origin: LogOrigin) {
    if writer.needsFields { reader.read(line) }
    writer.write(line, writer.needsFields ? reader.fields : LogFields(), of: origin)
    flushIfEnough()
  }

  mutating func write(_ line: LogLine, of origin: LogOrigin, hop: RequestHop? = nil) {
    writer.write(line, of: origin, hop: hop)
    flushIfEnough()
  }

  /// As it is: made safe by whoever made it.
  mutating func write(text: String) { writer.write(text: text) }

  /// Whether standard output took it all.
  @discardableResult mutating func flush() -> Bool {
    if isOpen, !writer.bytes.isEmpty { isOpen = StandardOutput.write(writer.bytes.span) }
    writer.clear()
    return isOpen
  }

  private mutating func flushIfEnough() {
    if writer.bytes.count >= Self.enough { flush() }
  }
}

extension LogWriter.Format: ExpressibleByArgument {}
