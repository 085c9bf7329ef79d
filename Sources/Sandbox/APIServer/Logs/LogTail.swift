internal import Glibc

/// Reads a log file line by line and goes on as it grows, also when it is rotated: renamed and begun anew, or cut to
/// nothing. Looks at the file ten times a second while someone follows; holds a read buffer and one line.
struct LogTail: ~Copyable {
  /// Lines longer than this are passed on in parts.
  private static let lineLimit = 256 << 10
  private static let pollInterval = Duration.milliseconds(100)

  private let path: String
  private var file: Int32
  private var pending: [UInt8] = []

  /// Where in the file the next byte to be read stands.
  private var offset: Int

  init(path: String) throws(APIFailure) {
    self.path = path
    file = open(path, O_RDONLY | O_CLOEXEC)
    offset = 0
    guard file >= 0 else {
      throw APIFailure(500, "InternalError", "the log cannot be read: \(String(cString: strerror(errno)))")
    }
  }

  deinit { close(file) }

  /// Goes to where the last `count` lines begin, reading backwards.
  mutating func skip(toLast count: Int) {
    var end = Int(lseek(file, 0, SEEK_END))
    let size = end
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    var found = 0
    while end > 0 {
      let begin = max(0, end - buffer.count)
      let length = pread(file, &buffer, end - begin, off_t(begin))
      guard length > 0 else { break }
      for place in stride(from: length - 1, through: 0, by: -1)
      where buffer[place] == UInt8(ascii: "\n") && begin + place != size - 1 {
        found += 1
        if found == count {
          offset = begin + place + 1
          return
        }
      }
      end = begin
    }
    offset = count == 0 ? size : 0
  }

  /// The next whole lines, with their line ends; at the end of the file what is left of it, or `nil` when it does not
  /// follow. Empty while nothing has come for a while.
  mutating func next(following: () -> Bool) async throws -> [UInt8]? {
    while true {
      let lines = read()
      if !lines.isEmpty { return lines }
      guard following() else {
        defer { pending = [] }
        return pending.isEmpty ? nil : pending
      }
      if reopenIfRotated() { continue }
      try await Task.sleep(for: Self.pollInterval)
    }
  }

  private mutating func read() -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = pread(file, &buffer, buffer.count, off_t(offset))
      guard count > 0 else { return [] }
      offset += count
      pending += buffer[..<count]
      guard let end = pending.lastIndex(of: UInt8(ascii: "\n")) else {
        guard pending.count > Self.lineLimit else { continue }
        defer { pending = [] }
        return pending + [UInt8(ascii: "\n")]
      }
      let lines = Array(pending[...end])
      pending.removeFirst(end + 1)
      return lines
    }
  }

  /// Takes the new file where the path names another one by now, and begins again where the file was cut.
  private mutating func reopenIfRotated() -> Bool {
    var (here, there) = (stat(), stat())
    guard fstat(file, &here) == 0 else { return false }
    if Int(here.st_size) < offset {
      (offset, pending) = (0, [])
      return true
    }
    guard stat(path, &there) == 0, there.st_ino != here.st_ino || there.st_dev != here.st_dev else { return false }
    let newer = open(path, O_RDONLY | O_CLOEXEC)
    guard newer >= 0 else { return false }
    close(file)
    (file, offset, pending) = (newer, 0, [])
    return true
  }
}
