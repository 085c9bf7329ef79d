internal import Glibc
internal import MeshModel
internal import ProxyLogs

/// One file or pipe of log lines, followed over its rotation where that is wanted.
final class LogFile {
  let origin: LogOrigin
  private let path: String
  private let formats: [AccessLogFormat]
  private var descriptor: Int32
  private var blocks: LogBlocks
  /// Of the newest line that has a time: that of those without.
  private var time: Timestamp

  /// - Parameter path: `-` is standard input.
  init(_ path: String, formats: [AccessLogFormat]) throws(CommandFailure) {
    self.formats = formats
    self.path = path
    origin = .file(path)
    descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw CommandFailure(.usage, "\(path): \(String(cString: strerror(errno)))") }
    blocks = LogBlocks(descriptor)
    time = Timestamp(nanoseconds: 0)
  }

  deinit { if descriptor > STDERR_FILENO { close(descriptor) } }

  /// Reads once and gives the lines that ended; `false` at the end of what is there.
  func read(_ counts: LogCounts, _ each: (Swift.Span<UInt8>) -> Void) throws(CommandFailure) -> Bool {
    var lines = 0
    let cut = blocks.cutLines
    defer { counts.add(read: lines, cut: blocks.cutLines - cut) }
    do {
      return try blocks.read {
        lines += 1
        each($0)
      }
    } catch { throw CommandFailure(.unreachable, "\(path): \(error)") }
  }

  /// Gives the line that was begun at the end of the file.
  func finish(_ counts: LogCounts, _ each: (Swift.Span<UInt8>) -> Void) throws(CommandFailure) {
    do {
      try blocks.finish {
        counts.add(read: 1)
        each($0)
      }
    } catch { throw CommandFailure(.unreachable, "\(path): \(error)") }
  }

  /// A line with all that is known of it.
  func line(_ bytes: Swift.Span<UInt8>) -> LogLine {
    let text = bytes.withUnsafeBytes { Array($0) }
    let line = LogLine(ProxyLogLine(text, formats: formats), proxy: origin.id, arrival: time)
    time = line.time
    return line
  }

  // MARK: Following

  enum Change: Equatable { case none, truncated, replaced }

  /// Whether the file began anew since it was read last. Asked at its end; what comes is read from the new beginning.
  func reopenIfChanged() -> Change {
    var mine = stat(), named = stat()
    guard path != "-", fstat(descriptor, &mine) == 0 else { return .none }
    if stat(path, &named) == 0, (named.st_dev, named.st_ino) != (mine.st_dev, mine.st_ino) {
      let next = open(path, O_RDONLY | O_CLOEXEC)
      guard next >= 0 else { return .none }
      close(descriptor)
      descriptor = next
      blocks = LogBlocks(next)
      return .replaced
    }
    let place = lseek(descriptor, 0, SEEK_CUR)
    guard place > mine.st_size else { return .none }
    lseek(descriptor, 0, SEEK_SET)
    blocks = LogBlocks(descriptor)
    return .truncated
  }
}
