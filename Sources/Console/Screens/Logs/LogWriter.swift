import JSON
public import MeshModel
public import ProxyLogs

/// Makes text of lines of logs, in the shape that is asked for, for standard output and for files alike. Nothing that a
/// terminal would obey is in it, but of `raw`.
public struct LogWriter: Sendable {
  public enum Format: String, CaseIterable, Sendable {
    /// Lines as they are, or columns.
    case text
    /// An object a line.
    case jsonl
    /// RFC 4180, with a heading.
    case csv
    /// Bytes as they came.
    case raw
  }

  /// Of a column of text; what is longer moves the ones behind it.
  private static let widest = 40

  public let format: Format
  /// `nil` where the line is to be shown as it was written, or with all of its fields.
  public let columns: [LogColumn]?
  /// Whether a line of text begins with whose it is.
  private let namesOrigins: Bool
  private var widths: [Int]
  private var hasHeading = false
  private var named: (origin: LogOrigin, bytes: [UInt8])?
  /// What was made and not taken yet.
  public private(set) var bytes: [UInt8] = []

  public init(_ format: Format, columns: [LogColumn]?, namesOrigins: Bool) {
    self.format = format
    self.columns = columns ?? (format == .csv ? LogColumn.standard + [.details, .msg] : nil)
    self.namesOrigins = namesOrigins
    widths = (self.columns ?? []).map(\.usualWidth)
  }

  /// Whether it must be told where the fields of a line stand.
  public var needsFields: Bool {
    switch format {
    case .raw: false
    case .text: columns != nil
    case .jsonl, .csv: true
    }
  }

  /// - Parameters:
  ///   - fields: Where they stand in the line; without a format where they are not known or not needed.
  ///   - arrival: The time of a line that has none of its own; `nil` where nobody knows.
  ///   - hop: The line's place on the way of a request that is followed.
  public mutating func write(
    _ line: Swift.Span<UInt8>, _ fields: LogFields, of origin: LogOrigin, arrival: Timestamp? = nil,
    hop: RequestHop? = nil
  ) {
    switch format {
    case .raw: append(line)
    case .text:
      if let columns { return write(row(columns, line, fields, origin, arrival)) }
      if namesOrigins { append(nameOf: origin) }
      appendSafe(line)
    case .jsonl: append(object(line, fields, origin, arrival, hop).text())
    case .csv: return write(row(columns ?? [], line, fields, origin, arrival))
    }
    bytes.append(UInt8(ascii: "\n"))
  }

  public mutating func write(_ line: LogLine, of origin: LogOrigin, hop: RequestHop? = nil) {
    let fields = needsFields ? line.fields : LogFields()
    line.bytes.withBytes { write($0, fields, of: origin, arrival: line.time, hop: hop) }
  }

  /// What is said between lines. A table of values has no place for it.
  public mutating func write(_ mark: LogMark) {
    switch format {
    case .text: append("--- \(printable("\(mark)")) ---\n")
    case .jsonl:
      let fields: [(String, JSONValue)] = [
        ("proxy", .string(mark.proxy.name)), ("time", .string(mark.time.rfc3339)), ("mark", .string("\(mark)")),
      ]
      append(JSONValue.object(JSONObject(fields)).text() + "\n")
    case .csv, .raw: break
    }
  }

  /// As it is: made safe by whoever made it.
  public mutating func write(text: String) { append(text) }

  /// Forgets what was made; its memory is used again.
  public mutating func clear() { bytes.removeAll(keepingCapacity: true) }

  // MARK: Columns

  private func row(
    _ columns: [LogColumn], _ line: Swift.Span<UInt8>, _ fields: LogFields, _ origin: LogOrigin, _ arrival: Timestamp?
  ) -> [String?] {
    columns.map { column in
      if column == .pod { return origin.name }
      return column.text(of: line, fields, writer: origin.writer, arrival: arrival)
    }
  }

  private mutating func write(_ cells: [String?]) {
    if !hasHeading {
      hasHeading = true
      let names = (columns ?? []).map(\.rawValue)
      write(format == .csv ? names : names.map { $0.uppercased() })
    }
    if format == .csv {
      append(cells.map { Self.quoted(printable($0 ?? "")) }.joined(separator: ","))
    } else {
      var text = ""
      for (place, cell) in cells.enumerated() {
        let cell = printable(cell ?? "-")
        text += cell
        guard place < cells.count - 1 else { break }
        widths[place] = max(widths[place], min(cell.count, Self.widest))
        text += String(repeating: " ", count: max(0, widths[place] - cell.count) + 2)
      }
      append(text)
    }
    bytes.append(UInt8(ascii: "\n"))
  }

  /// RFC 4180.
  public static func quoted(_ text: String) -> String {
    guard text.utf8.contains(where: { [UInt8(ascii: ","), UInt8(ascii: "\""), 0x0A, 0x0D].contains($0) }) else {
      return text
    }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }

  // MARK: JSON

  private func object(
    _ line: Swift.Span<UInt8>, _ fields: LogFields, _ origin: LogOrigin, _ arrival: Timestamp?, _ hop: RequestHop?
  ) -> JSONValue {
    var value = JSONValue.object(JSONObject([]))
    switch origin {
    case .proxy(let id): value["proxy"] = .string(id.name)
    case .file(let path): value["file"] = .string(path)
    }
    if let columns {
      for column in columns {
        let text = column.text(of: line, fields, writer: origin.writer, arrival: arrival)
        value[column.rawValue] = Self.json(text, isNumber: column.isNumber)
      }
    } else {
      value["time"] = .init(LogColumn.time.text(of: line, fields, writer: nil, arrival: arrival))
      for field in LogField.allCases where field != .startTime {
        guard let text = fields.string(field, in: line) else { continue }
        value["\(field.key)"] = Self.json(text, isNumber: field.isNumber)
      }
      value["text"] = .init(LogColumn.line.text(of: line, fields, writer: nil))
    }
    if let hop {
      value["depth"] = .int(hop.depth)
      value["own_seconds"] = hop.ownTime.map { .double($0.seconds) } ?? .null
    }
    return value
  }

  private static func json(_ text: String?, isNumber: Bool) -> JSONValue {
    isNumber ? text.flatMap { Int($0) }.map { .int($0) } ?? .init(text) : .init(text)
  }

  // MARK: Bytes

  private mutating func append(_ text: String) { bytes += text.utf8 }

  /// Lines of one log come together: its name is made once.
  private mutating func append(nameOf origin: LogOrigin) {
    if named?.origin != origin { named = (origin, Array("\(printable(origin.name))  ".utf8)) }
    if let named { bytes += named.bytes }
  }

  private mutating func append(_ line: Swift.Span<UInt8>) {
    line.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
  }

  /// Without anything that a terminal would obey.
  private mutating func appendSafe(_ line: Swift.Span<UInt8>) {
    if line.isPlain {
      append(line)
    } else {
      append(printable(line.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }))
    }
  }
}

extension JSONValue {
  fileprivate init(_ text: String?) { self = text.map { .string($0) } ?? .null }
}

extension LogColumn {
  /// Lines are printed as they come: columns begin as wide as they mostly are, and grow.
  fileprivate var usualWidth: Int {
    switch self {
    case .time, .pod, .path: 24
    case .dst, .src: 16
    case .method, .code, .flags: 6
    default: rawValue.count
    }
  }
}

extension LogField {
  fileprivate var isNumber: Bool {
    switch self {
    case .responseCode, .bytesReceived, .bytesSent, .duration, .upstreamServiceTime: true
    default: false
    }
  }
}

extension Swift.Span<UInt8> {
  /// Whether it is printable ASCII alone.
  fileprivate var isPlain: Bool {
    // Eight bytes at a time: the high bit of each says that it is below 0x20, 0x7F or above.
    withUnsafeBytes { bytes in
      let (ones, high): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
      var strange: UInt64 = 0
      var place = 0
      while place + 8 <= bytes.count {
        let word = bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
        let delete = word ^ (0x7F &* ones)
        strange |= word | (word &- 0x20 &* ones) & ~word | (delete &- ones) & ~delete
        place += 8
      }
      return strange & high == 0 && bytes[place...].allSatisfy { $0 &- 0x20 < 0x5F }
    }
  }
}
