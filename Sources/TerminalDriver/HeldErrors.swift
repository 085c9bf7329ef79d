internal import CNcurses
internal import Glibc

/// Keeps what is written to standard error off the screen while that is up: Swift's last words before a crash, warnings
/// of libraries, complaints of programs that were started. They are told once the screen is left.
final class HeldErrors {
  /// More than this is forgotten: nobody would read it, and a library that complains for ever must not fill the memory.
  private static let most: off_t = 1 << 18

  private let teller: ErrorTeller

  /// `nil` where standard error is no terminal, and so no danger to the screen.
  init?() throws(TerminalProblem) {
    guard isatty(STDERR_FILENO) == 1 else { return nil }
    let errors = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
    guard errors >= 0 else { throw TerminalProblem(.system("dup", errno)) }
    let held = memfd_create("errors", 1)  // MFD_CLOEXEC
    guard held >= 0, fcntl(held, F_SETFL, O_APPEND) == 0 else {
      throw TerminalProblem(.system("memfd_create", errno))
    }
    teller = ErrorTeller(errors: errors, held: held, buffer: .allocate(capacity: ErrorTeller.room))
  }

  deinit {
    close(teller.errors)
    close(teller.held)
    teller.buffer.deallocate()
  }

  /// For the handler of a crash, which must not outlive this.
  var whenCrashing: ErrorTeller { teller }

  func hold() { dup2(teller.held, STDERR_FILENO) }

  func tell() {
    teller.tell()
    ftruncate(teller.held, 0)
  }

  func forgetWhatIsTooMuch() {
    if lseek(teller.held, 0, SEEK_END) > Self.most { ftruncate(teller.held, 0) }
  }
}

/// Gives standard error back and tells what was held. Only calls that signal-safety(7) permits, and memory that was
/// there before: it runs in the handler of a crash too.
struct ErrorTeller {
  static let room = 4_096

  /// Standard error as it was.
  let errors: Int32
  /// A file in memory that takes its place.
  let held: Int32
  let buffer: UnsafeMutablePointer<UInt8>

  func tell() {
    dup2(errors, STDERR_FILENO)
    lseek(held, 0, SEEK_SET)
    while true {
      let count = read(held, buffer, Self.room)
      guard count > 0 else { return }
      var place = 0
      while place < count {
        // Nothing of it is to steer the terminal.
        if buffer[place] < 0x20, buffer[place] != 0x0a, buffer[place] != 0x09 { buffer[place] = 0x3f }
        place += 1
      }
      var told = 0
      while told < count {
        let written = write(errors, buffer + told, count - told)
        if written < 0, errno == EINTR { continue }
        guard written > 0 else { return }
        told += written
      }
    }
  }
}
