/// Tells what kind of line it is, and finds its fields in place. Used over and over it makes nothing.
public struct LogLineReader: Sendable {
  /// Of the line that was read last.
  public private(set) var fields = LogFields()
  private let needsTail: Bool
  private let formats: [AccessLogFormat]

  /// - Parameters:
  ///   - wanted: The fields that will be asked for. A reader reads no further than it must to find them, and so
  ///     takes a line that is broken behind them for whole. `nil` finds all, in whole lines alone.
  ///   - formats: What lines may be written in besides; they are tried before those that are known.
  public init(wanted: Set<LogField>? = nil, formats: [AccessLogFormat] = []) {
    self.formats = formats
    needsTail = wanted.map { $0.contains { $0.rawValue > LogField.upstreamServiceTime.rawValue } } ?? true
  }

  /// Whether the line is of a known format; then its fields are in `fields`, else those are of no use.
  @discardableResult
  public mutating func read(_ line: Span<UInt8>) -> Bool {
    fields = LogFields()
    guard line.count > 0, line.count <= ProxyLogReader.longestLine else { return false }
    for format in formats {
      fields.format = format.read(line, &fields)
      if fields.format != nil { return true }
      fields = LogFields()
    }
    fields.format = recognize(line)
    return fields.format != nil
  }

  /// Whether `code` tells it of every line that begins with `[`.
  public var knowsCodes: Bool { formats.isEmpty }

  /// The response code of a line that begins with `[`, as reading it would find it; `nil` where it has none.
  /// Only of formats that are known is it known where it stands.
  public static func code(in line: Span<UInt8>) -> UInt64? {
    guard let close = line.place(of: UInt8(ascii: "]"), from: 1, to: min(line.count, 64)) else { return nil }
    return AccessLogText.code(line, from: close + 1)
  }

  private mutating func recognize(_ line: Span<UInt8>) -> LogFormat? {
    switch line[0] {
    case UInt8(ascii: "["):
      guard let close = line.place(of: UInt8(ascii: "]"), from: 1, to: min(line.count, 64)), close + 2 < line.count
      else { return nil }
      if line[close + 1] == UInt8(ascii: "[") {
        return ComponentLogText.readEnvoy(line, timeEnd: close, &fields) ? .envoyComponent : nil
      }
      fields[.startTime] = 1..<close
      return AccessLogText.read(line, from: close + 1, needsTail: needsTail, &fields)
    case UInt8(ascii: "{"):
      var reader = JSONLogReader(line)
      return reader.read(line, &fields)
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      return ComponentLogText.readIstio(line, &fields) ?? (LinkerdText.read(line, &fields) ? .linkerdText : nil)
    default: return nil
    }
  }
}
