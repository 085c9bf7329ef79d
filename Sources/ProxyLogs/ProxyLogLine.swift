/// One line that a proxy wrote: about a request, about itself, or anything else.
public enum ProxyLogLine: Sendable {
  case access(AccessLogLine)
  case component(ComponentLogLine)
  /// Of no known format, or cut.
  case raw(LogText)

  /// The line as it was written.
  public var text: LogText {
    switch self {
    case .access(let line): line.text
    case .component(let line): line.text
    case .raw(let text): text
    }
  }

  /// What was found in it; `nil` for a raw line.
  public var record: LogRecord? {
    switch self {
    case .access(let line): line.record
    case .component(let line): line.record
    case .raw: nil
    }
  }

  public var access: AccessLogLine? { if case .access(let line) = self { line } else { nil } }

  /// Reads one line, with or without its end. Text of several lines is raw.
  public init(_ line: [UInt8], formats: [AccessLogFormat] = []) {
    let length = line.endOfLine
    let text = LogText(line, 0..<min(length, ProxyLogReader.longestLine), isCut: length > ProxyLogReader.longestLine)
    self = line.span.place(of: 0x0A, from: 0, to: length) == nil ? ProxyLogLine(text, formats: formats) : .raw(text)
  }

  public init(_ line: String) { self.init(Array(line.utf8)) }

  /// - Parameter formats: What it may be written in besides the formats that are known.
  public init(_ text: LogText, formats: [AccessLogFormat] = []) {
    guard !text.isCut, text.count > 0 else {
      self = .raw(text)
      return
    }
    var reader = LogLineReader(formats: formats)
    guard text.withBytes({ reader.read($0) }) else {
      self = .raw(text)
      return
    }
    let record = LogRecord(text: text, fields: reader.fields)
    self = reader.fields.isAccess ? .access(AccessLogLine(record)) : .component(ComponentLogLine(record))
  }
}

/// Cuts a proxy's log into lines and reads them. Takes the bytes in whatever pieces they arrive.
public struct ProxyLogReader: Sendable {
  /// In bytes. What is longer is cut there and never taken for a request.
  public static let longestLine = 65_535

  /// The beginning of a line whose end has not come yet, no longer than can still matter: the longest line, and two
  /// bytes that tell whether it was longer or ends here.
  private var begun: [UInt8] = []

  public init() {}

  /// Gives the lines that end in this chunk, in order. Empty lines are passed over.
  public mutating func read(_ chunk: [UInt8], each: (ProxyLogLine) -> Void) {
    var start = 0
    while start < chunk.count {
      guard let end = chunk.span.place(of: 0x0A, from: start, to: chunk.count) else {
        keep(chunk, start..<chunk.count)
        return
      }
      if begun.isEmpty {
        give(chunk, start..<end, each)
      } else {
        keep(chunk, start..<end)
        let line = begun
        begun = []
        give(line, 0..<line.count, each)
      }
      start = end + 1
    }
  }

  /// Gives what was begun and will not be ended.
  public mutating func finish(each: (ProxyLogLine) -> Void) {
    let line = begun
    begun = []
    give(line, 0..<line.count, each)
  }

  private mutating func keep(_ chunk: [UInt8], _ range: Range<Int>) {
    let room = Self.longestLine + 2 - begun.count
    if room > 0 { begun += chunk[range.prefix(room)] }
  }

  private func give(_ bytes: [UInt8], _ range: Range<Int>, _ each: (ProxyLogLine) -> Void) {
    let hasReturn = !range.isEmpty && bytes[range.upperBound - 1] == 0x0D
    let line = range.lowerBound..<(hasReturn ? range.upperBound - 1 : range.upperBound)
    guard !line.isEmpty else { return }
    each(ProxyLogLine(LogText(bytes, line.prefix(Self.longestLine), isCut: line.count > Self.longestLine)))
  }
}

extension [UInt8] {
  /// Where the text ends, without the line feed and the carriage return at its end.
  fileprivate var endOfLine: Int {
    let end = last == 0x0A ? count - 1 : count
    return end > 0 && self[end - 1] == 0x0D ? end - 1 : end
  }
}

extension Range<Int> {
  fileprivate func prefix(_ length: Int) -> Range<Int> { lowerBound..<Swift.min(upperBound, lowerBound + length) }
}
