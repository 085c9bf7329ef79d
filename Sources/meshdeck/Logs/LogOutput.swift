internal import ArgumentParser
internal import Glibc
internal import JSON
internal import MeshModel
internal import ProxyLogs

/// Writes lines of logs to standard output, in the shape that is asked for. What it is given is kept until it is enough
/// or `flush` says so.
struct LogOutput {
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, jsonl, csv, raw }

  private static let enough = 256 * 1024
  /// Of a column of text; what is longer moves the ones behind it.
  private static let widest = 40

  let format: Format
  /// `nil` where the line is to be shown as it was written, or with all of its fields.
  let columns: [LogColumn]?
  /// Whether a line of text begins with whose it is.
  private let namesOrigins: Bool
  /// Whether bytes go out as they came: never to a terminal, which would obey them.
  private let isRaw: Bool
  private var reader: LogLineReader
  private var widths: [Int]
  private var hasHeading = false
  private var named: (origin: LogOrigin, bytes: [UInt8])?
  private var buffer: [UInt8] = []
  /// Whether standard output still takes anything.
  private(set) var isOpen = true

  init(
    _ format: Format, columns: [LogColumn]?, namesOrigins: Bool, formats: [AccessLogFormat],
    isTerminal: Bool = isatty(STDOUT_FILENO) == 1
  ) {
    self.format = format
    reader = LogLineReader(formats: formats)
    self.columns = columns ?? (format == .csv ? LogColumn.standard + [.details, .msg] : nil)
    self.namesOrigins = namesOrigins
    isRaw = format == .raw && !isTerminal
    widths = (self.columns ?? []).map(\.usualWidth)
  }

  /// - Parameters:
  ///   - arrival: The time of a line that has none of its own; `nil` where nobody knows.
  ///   - hop: The line's place on the way of a request that is followed.
  mutating func write(
    _ line: Swift.Span<UInt8>, of origin: LogOrigin, arrival: Timestamp? = nil, hop: RequestHop? = nil
  ) {
    switch format {
    case .raw where isRaw: append(line)
    case .text, .raw:
      if format == .text, let columns { return write(row(columns, line, origin, arrival)) }
      if namesOrigins, format == .text { append(nameOf: origin) }
      appendSafe(line)
    case .jsonl: append(object(line, origin, arrival, hop).text())
    case .csv: return write(row(columns ?? [], line, origin, arrival))
    }
    endLine()
  }

  mutating func write(_ line: LogLine, of origin: LogOrigin, hop: RequestHop? = nil) {
    line.bytes.withBytes { write($0, of: origin, arrival: line.time, hop: hop) }
  }

  /// Whether standard output took it all.
  @discardableResult mutating func flush() -> Bool {
    if isOpen, !buffer.isEmpty { isOpen = StandardOutput.write(buffer.span) }
    buffer.removeAll(keepingCapacity: true)
    return isOpen
  }

  private mutating func endLine() {
    buffer.append(UInt8(ascii: "\n"))
    if buffer.count >= Self.enough { flush() }
  }

  // MARK: Columns

  private mutating func row(
    _ columns: [LogColumn], _ line: Swift.Span<UInt8>, _ origin: LogOrigin, _ arrival: Timestamp?
  ) -> [String?] {
    reader.read(line)
    return columns.map { column in
      if column == .pod { return origin.name }
      return column.text(of: line, reader.fields, writer: origin.writer, arrival: arrival)
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
    endLine()
  }

  /// RFC 4180.
  static func quoted(_ text: String) -> String {
    guard text.utf8.contains(where: { [UInt8(ascii: ","), UInt8(ascii: "\""), 0x0A, 0x0D].contains($0) }) else {
      return text
    }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }

  // MARK: JSON

  private mutating func object(
    _ line: Swift.Span<UInt8>, _ origin: LogOrigin, _ arrival: Timestamp?, _ hop: RequestHop?
  ) -> JSONValue {
    reader.read(line)
    let fields = reader.fields
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

  /// As it is: made safe by whoever made it.
  mutating func write(text: String) { append(text) }

  private mutating func append(_ text: String) { buffer += text.utf8 }

  /// Lines of one log come together: its name is made once.
  private mutating func append(nameOf origin: LogOrigin) {
    if named?.origin != origin { named = (origin, Array("\(origin.name)  ".utf8)) }
    if let named { buffer += named.bytes }
  }

  private mutating func append(_ line: Swift.Span<UInt8>) {
    line.withUnsafeBufferPointer { buffer.append(contentsOf: $0) }
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
