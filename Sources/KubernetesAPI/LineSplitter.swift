import Glibc

/// Cuts a stream of chunks into lines.
struct LineSplitter {
  /// A line without its line feed. It shares the memory of the chunk that it came in.
  struct Line: Equatable {
    var chunk: [UInt8]
    var range: Range<Int>
    /// The line was longer than the limit; what is beyond it is lost.
    var isCut: Bool

    var bytes: ArraySlice<UInt8> { chunk[range] }

    static func == (one: Line, other: Line) -> Bool { one.isCut == other.isCut && one.bytes == other.bytes }
  }

  /// The longest line that is kept whole.
  let limit: Int
  private var pending: [UInt8] = []
  private var isCut = false

  init(limit: Int) { self.limit = limit }

  /// What came since the last end of a line.
  var rest: Line { Line(chunk: pending, range: 0..<pending.count, isCut: isCut) }

  /// The lines that end in this chunk, without their line feeds.
  mutating func take(_ chunk: [UInt8]) -> [Line] {
    var lines: [Line] = []
    var start = 0
    while let end = chunk.lineFeed(from: start) {
      if pending.isEmpty {
        let length = end - start
        lines.append(Line(chunk: chunk, range: start..<start + min(length, limit), isCut: length > limit))
      } else {
        keep(chunk[start..<end])
        lines.append(rest)
        pending = []
        isCut = false
      }
      start = end + 1
    }
    keep(chunk[start...])
    return lines
  }

  private mutating func keep(_ bytes: ArraySlice<UInt8>) {
    let room = limit - pending.count
    if bytes.count > room { isCut = true }
    pending += bytes.prefix(room)
  }
}

extension [UInt8] {
  /// The place of the next line feed. By `memchr`: a log of a busy proxy is nothing but this.
  fileprivate func lineFeed(from start: Int) -> Int? {
    withUnsafeBufferPointer { bytes in
      guard start < bytes.count, let base = bytes.baseAddress,
        let found = memchr(base + start, 10, bytes.count - start)
      else { return nil }
      return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }
  }
}
