/// The bytes of one line of a log, without its end. Shares the memory of the chunk it came in with that chunk's other
/// lines: make a `String` of what is to be kept for long.
public struct LogText: Sendable {
  private let chunk: [UInt8]
  private let range: Range<Int>
  /// Whether the line was longer than the reader's limit and lost its end.
  public let isCut: Bool

  /// The range must be within the chunk.
  public init(_ chunk: [UInt8], _ range: Range<Int>, isCut: Bool = false) {
    self.chunk = chunk
    self.range = range
    self.isCut = isCut
  }

  public var count: Int { range.count }

  /// The line as text. Bytes that are not UTF-8 become replacement characters; control characters stay: this is not
  /// safe for a terminal.
  public var string: String { withBytes { $0.string(in: 0..<$0.count) } }

  public func withBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result { body(chunk.span.extracting(range)) }
}

extension LogText: Hashable {
  public init(_ text: String) {
    let bytes = Array(text.utf8)
    self.init(bytes, 0..<bytes.count)
  }

  public static func == (one: LogText, other: LogText) -> Bool {
    one.isCut == other.isCut && one.chunk[one.range] == other.chunk[other.range]
  }

  public func hash(into hasher: inout Hasher) {
    withBytes { bytes in bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }
  }
}
