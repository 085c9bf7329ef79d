internal import Glibc

/// Reads a file or pipe in large blocks and gives its lines one by one, in place: nothing is copied but the line that a
/// block cuts in two. Memory is that of one block, however long a line is.
public struct LogBlocks: ~Copyable {
  /// Why reading stopped before the end.
  public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Of `errno`.
    public let code: Int32

    public var description: String { String(cString: strerror(code)) }
  }

  /// Of use in the second cache, and many lines long.
  static let size = 256 * 1024

  private let descriptor: Int32
  private var buffer = [UInt8](repeating: 0, count: LogBlocks.size)
  /// How much was read and not given.
  private var filled = 0
  /// Whether what comes is the rest of a line that was cut.
  private var isSkipping = false
  /// Lines that were longer than `ProxyLogReader.longestLine` and lost their end.
  public private(set) var cutLines = 0

  /// Does not close the descriptor.
  public init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// Reads once, and gives the lines that end in what came, without their ends; empty ones are passed over. `false` at
  /// the end of the file: what was begun there is kept, and more may come.
  public mutating func read(_ each: (Span<UInt8>) throws -> Void) throws -> Bool {
    let start = filled
    var count = 0
    repeat {
      count = buffer.withUnsafeMutableBytes { bytes in
        Glibc.read(descriptor, bytes.baseAddress.map { $0 + start }, bytes.count - start)
      }
    } while count < 0 && errno == EINTR
    guard count >= 0 else { throw Failure(code: errno) }
    guard count > 0 else { return false }
    let end = start + count
    var place = 0
    // The beginning that was kept has no line feed.
    var searched = start
    while let feed = buffer.span.place(of: 0x0A, from: searched, to: end) {
      if isSkipping {
        isSkipping = false
      } else {
        try give(place..<feed, each)
      }
      place = feed + 1
      searched = place
    }
    filled = end - place
    if isSkipping {
      filled = 0
    } else if filled == buffer.count {
      try give(0..<filled, each)
      filled = 0
      isSkipping = true
    } else if place > 0 {
      let rest = filled
      buffer.withUnsafeMutableBytes { bytes in
        if let base = bytes.baseAddress { memmove(base, base + place, rest) }
      }
    }
    return true
  }

  /// Gives what was begun and will not be ended.
  public mutating func finish(_ each: (Span<UInt8>) throws -> Void) throws {
    if !isSkipping { try give(0..<filled, each) }
    (filled, isSkipping) = (0, false)
  }

  /// To the end of the file.
  public mutating func readAll(_ each: (Span<UInt8>) throws -> Void) throws {
    while try read(each) {}
    try finish(each)
  }

  @inline(__always)
  private mutating func give(_ range: Range<Int>, _ each: (Span<UInt8>) throws -> Void) throws {
    var end = range.upperBound
    if end > range.lowerBound, buffer[end - 1] == 0x0D { end -= 1 }
    guard end > range.lowerBound else { return }
    if end - range.lowerBound > ProxyLogReader.longestLine {
      cutLines += 1
      // One byte more than a line can have: no reader takes it for whole.
      end = range.lowerBound + ProxyLogReader.longestLine + 1
    }
    try each(buffer.span.extracting(range.lowerBound..<end))
  }
}
