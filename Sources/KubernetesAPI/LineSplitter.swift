/// Cuts a stream of chunks into lines.
struct LineSplitter {
  struct Line: Equatable {
    var bytes: [UInt8]
    /// The line was longer than the limit; what is beyond it is lost.
    var isCut: Bool
  }

  /// The longest line that is kept whole.
  let limit: Int
  private var pending = Line(bytes: [], isCut: false)

  init(limit: Int) { self.limit = limit }

  /// What came since the last end of a line.
  var rest: Line { pending }

  /// The lines that end in this chunk, without their line feeds.
  mutating func take(_ chunk: [UInt8]) -> [Line] {
    var lines: [Line] = []
    var start = chunk.startIndex
    while let end = chunk[start...].firstIndex(of: 10) {
      keep(chunk[start..<end])
      lines.append(pending)
      pending = Line(bytes: [], isCut: false)
      start = end + 1
    }
    keep(chunk[start...])
    return lines
  }

  private mutating func keep(_ bytes: ArraySlice<UInt8>) {
    let room = limit - pending.bytes.count
    if bytes.count > room { pending.isCut = true }
    pending.bytes += bytes.prefix(room)
  }
}
