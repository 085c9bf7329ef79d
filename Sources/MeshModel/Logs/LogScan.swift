public import ProxyLogs

/// Asks a filter of many lines, in place, and of each no more than decides: first its bytes, then its fields.
public struct LogScan: Sendable {
  private let filter: LogFilter
  private let writer: ProxyID?
  private let sieve: LogSieve
  private var reader: LogLineReader

  /// - Parameter writer: Whose log it is; `nil` where nobody knows, as of a file.
  public init(_ filter: LogFilter, reader: LogLineReader = LogLineReader(), writer: ProxyID? = nil) {
    self.filter = filter
    self.writer = writer
    self.reader = reader
    sieve = LogSieve(filter.root, writer: writer, knowsCodes: reader.knowsCodes)
  }

  public mutating func matches(_ line: Span<UInt8>) -> Bool {
    guard sieve.passes(line) else { return false }
    var isRead = false
    return filter.root.holds { test in
      if test.needsFields, !isRead {
        isRead = true
        reader.read(line)
      }
      return test.holds(line, reader.fields, writer: writer)
    } == true
  }
}
