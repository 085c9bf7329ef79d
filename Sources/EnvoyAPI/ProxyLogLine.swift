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

  public var access: AccessLogLine? { if case .access(let line) = self { line } else { nil } }

  /// Reads one line. What follows the first line's end is part of the text, and makes it raw.
  public init(_ line: [UInt8]) {
    let isCut = line.count > ProxyLogReader.longestLine
    self.init(LogText(line, 0..<min(line.count, ProxyLogReader.longestLine), isCut: isCut))
  }

  public init(_ line: String) { self.init(Array(line.utf8)) }

  init(_ text: LogText) {
    guard !text.isCut, text.count > 0 else {
      self = .raw(text)
      return
    }
    var fields = AccessLogFields()
    switch text.withBytes({ LogFormat.recognize($0, &fields) }) {
    case .access(let format): self = .access(AccessLogLine(text: text, format: format, fields: fields))
    case .component(let parts): self = .component(ComponentLogLine(text: text, parts: parts))
    case nil: self = .raw(text)
    }
  }
}

/// Cuts a proxy's log into lines and reads them. Takes the bytes in whatever pieces they arrive.
public struct ProxyLogReader: Sendable {
  /// In bytes. What is longer is cut there and never taken for a request.
  public static let longestLine = 65_535

  /// The beginning of a line whose end has not come yet; never longer than one byte more than the longest line.
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
    let room = Self.longestLine + 1 - begun.count
    if room > 0 { begun += chunk[range.prefix(room)] }
  }

  private func give(_ bytes: [UInt8], _ range: Range<Int>, _ each: (ProxyLogLine) -> Void) {
    var range = range
    if let last = range.last, bytes[last] == 0x0D { range.removeLast() }
    guard !range.isEmpty else { return }
    let isCut = range.count > Self.longestLine
    each(
      ProxyLogLine(
        LogText(bytes, range.lowerBound..<range.lowerBound + min(range.count, Self.longestLine), isCut: isCut)))
  }
}

extension Range<Int> {
  fileprivate func prefix(_ length: Int) -> Range<Int> { lowerBound..<Swift.min(upperBound, lowerBound + length) }
  fileprivate var last: Int? { isEmpty ? nil : upperBound - 1 }
  fileprivate mutating func removeLast() { self = lowerBound..<upperBound - 1 }
}
