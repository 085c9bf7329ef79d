internal import Glibc
internal import TerminalUI

/// The line between the program and its terminal: its settings, its size, its bytes.
struct TerminalLine {
  let input: Int32 = STDIN_FILENO
  let output: Int32 = STDOUT_FILENO
  /// The settings before the program changed them.
  let before: termios

  init() throws(TerminalProblem) {
    guard isatty(input) == 1, isatty(output) == 1 else { throw TerminalProblem(.notATerminal) }
    var settings = termios()
    guard tcgetattr(output, &settings) == 0 else { throw TerminalProblem(.system("tcgetattr", errno)) }
    before = settings
  }

  /// Every key at once and as it is, nothing echoed, nothing rewritten on its way out. `C-z` still stops the process
  /// (and those that it started); `C-c` is a key like others.
  func makeRaw() {
    var settings = before
    settings.c_iflag &= ~tcflag_t(BRKINT | ICRNL | INLCR | IGNCR | INPCK | ISTRIP | IXON | PARMRK)
    settings.c_oflag &= ~tcflag_t(OPOST)
    settings.c_lflag &= ~tcflag_t(ECHO | ECHONL | ICANON | IEXTEN)
    settings.c_lflag |= tcflag_t(ISIG | NOFLSH)
    withUnsafeMutableBytes(of: &settings.c_cc) { characters in
      characters[Int(VINTR)] = 0  // _POSIX_VDISABLE
      characters[Int(VQUIT)] = 0
      characters[Int(VMIN)] = 1
      characters[Int(VTIME)] = 0
    }
    set(settings)
  }

  func restore() { set(before) }

  private func set(_ settings: termios) {
    var settings = settings
    while tcsetattr(output, TCSANOW, &settings) != 0, errno == EINTR {}
  }

  /// The terminal's size; 80×24 where it tells none.
  var size: Size {
    var size = winsize()
    guard ioctl(output, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
      return Size(columns: 80, rows: 24)
    }
    // A terminal that claims more is not believed: the picture must fit into memory.
    return Size(columns: min(1_000, Int(size.ws_col)), rows: min(1_000, Int(size.ws_row)))
  }

  /// Writes everything, waiting while the terminal takes no more. Gives false when it is gone, or when `stop` says so
  /// after a signal came.
  func write(_ bytes: [UInt8], unless stop: () -> Bool = { false }) -> Bool {
    bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let written = Glibc.write(output, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if written > 0 {
          rest = rest.dropFirst(written)
        } else if errno == EAGAIN {
          var wait = pollfd(fd: output, events: Int16(POLLOUT), revents: 0)
          if poll(&wait, 1, -1) < 0, errno == EINTR, stop() { return false }
        } else if errno != EINTR || stop() {
          return false
        }
      }
      return true
    }
  }
}
