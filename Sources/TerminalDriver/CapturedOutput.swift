internal import CNcurses
internal import Glibc

/// A file in memory that ncurses takes for its terminal: what it writes for one frame, row by row, can then go to the
/// real one in one piece.
final class CapturedOutput {
  let file: UnsafeMutablePointer<FILE>
  private let descriptor: Int32

  init() throws(TerminalProblem) {
    descriptor = memfd_create("frame", 1)  // MFD_CLOEXEC
    guard descriptor >= 0 else { throw TerminalProblem(.system("memfd_create", errno)) }
    guard let file = fdopen(descriptor, "w+") else { throw TerminalProblem(.system("fdopen", errno)) }
    self.file = file
  }

  deinit { fclose(file) }

  /// What was written since this was last asked.
  func take() -> [UInt8] {
    fflush(file)
    let written = max(0, lseek(descriptor, 0, SEEK_CUR))
    guard written > 0 else { return [] }
    lseek(descriptor, 0, SEEK_SET)
    return [UInt8](unsafeUninitializedCapacity: written) { buffer, count in
      while count < written {
        let got = pread(descriptor, buffer.baseAddress! + count, written - count, off_t(count))
        guard got > 0 else { return }
        count += got
      }
    }
  }
}
