internal import CVterm
internal import Glibc
internal import Spawning

/// A program on a pseudo-terminal whose screen can be read. Everything waits on conditions; a condition that does not
/// come in time throws, with the screen as it is.
public final class Pseudoterminal {
  public static let patience: Duration = .seconds(20)

  public let process: Int32
  /// Every byte that the program wrote.
  public private(set) var written: [UInt8] = []
  /// When the program's last bytes were read.
  public private(set) var lastWritten = ContinuousClock.now
  public private(set) var columns: Int
  public private(set) var rows: Int
  private let master: Int32
  private let slave: Int32
  private let before: termios
  private let terminal: OpaquePointer
  private let screen: OpaquePointer
  private var exitStatus: Int32?

  /// Starts a program. It is killed when let go.
  ///
  /// - Parameter environment: all that the program gets, but for what a terminal's user has always; empty values unset.
  public init(
    _ program: String, _ arguments: [String] = [], columns: Int = 60, rows: Int = 12,
    environment: [String: String] = [:]
  ) throws {
    (self.columns, self.rows) = (columns, rows)
    var ends: (Int32, Int32) = (-1, -1)
    var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    guard openpty(&ends.0, &ends.1, nil, nil, &size) == 0 else {
      throw TerminalFailure("no pseudo-terminal: \(String(cString: strerror(errno)))")
    }
    (master, slave) = ends
    _ = fcntl(master, F_SETFD, FD_CLOEXEC)
    _ = fcntl(slave, F_SETFD, FD_CLOEXEC)
    _ = fcntl(master, F_SETFL, O_NONBLOCK)
    var settings = termios()
    tcgetattr(slave, &settings)
    before = settings
    terminal = vterm_new(Int32(rows), Int32(columns))
    vterm_set_utf8(terminal, 1)
    screen = vterm_obtain_screen(terminal)
    vterm_screen_enable_altscreen(screen, 1)
    vterm_screen_reset(screen, 1)
    let environment = environment.merging(
      [
        "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no",
        "LD_LIBRARY_PATH": getenv("LD_LIBRARY_PATH").map { String(cString: $0) } ?? "",
      ]) { given, _ in given }
    process = try Self.spawn(
      program, arguments, environment.filter { !$0.value.isEmpty }, on: Self.name(of: slave))
  }

  deinit {
    if exitStatus == nil {
      kill(process, SIGKILL)
      waitpid(process, nil, 0)
    }
    close(master)
    close(slave)
    vterm_free(terminal)
  }

  private static func name(of terminal: Int32) throws -> String {
    var name = [CChar](repeating: 0, count: 256)
    // `ttyname` would share its answer with every other thread.
    let problem = ttyname_r(terminal, &name, name.count)
    guard problem == 0 else { throw TerminalFailure("no name of a terminal: \(String(cString: strerror(problem)))") }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  private static func spawn(
    _ program: String, _ arguments: [String], _ environment: [String: String], on tty: String
  ) throws -> pid_t {
    var child = Program(program, arguments)
    child.environment = environment.map { "\($0.key)=\($0.value)" }
    // The first terminal that a session's leader opens becomes the one that controls it.
    (child.input, child.output, child.errors) = (.terminal(tty), .terminal(tty), .terminal(tty))
    child.group = .session
    do { return try child.start() } catch { throw TerminalFailure("\(error)") }
  }

  // MARK: Doing

  public func type(_ text: String) { type(bytes: Array(text.utf8)) }

  public func type(bytes: [UInt8]) { _ = bytes.withUnsafeBytes { write(master, $0.baseAddress, $0.count) } }

  public func resize(columns: Int, rows: Int) {
    (self.columns, self.rows) = (columns, rows)
    vterm_set_size(terminal, Int32(rows), Int32(columns))
    var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
  }

  public func send(_ signal: Int32) { kill(process, signal) }

  // MARK: Seeing

  /// Reads what the program writes until a condition holds.
  public func wait(
    _ what: String, within patience: Duration = patience, until condition: (Pseudoterminal) throws -> Bool
  ) throws {
    let deadline = ContinuousClock.now + patience
    take()
    while try !condition(self) {
      guard ContinuousClock.now < deadline else {
        throw TerminalFailure("\(what) did not come within \(patience); the screen:\n\(text)")
      }
      var source = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
      poll(&source, 1, 20)
      take()
    }
  }

  /// Reads what the program writes for so long.
  public func read(for span: Duration) {
    let deadline = ContinuousClock.now + span
    while ContinuousClock.now < deadline {
      let left = (deadline - .now).components
      var source = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
      poll(&source, 1, Int32(left.seconds * 1_000 + left.attoseconds / 1_000_000_000_000_000))
      take()
    }
  }

  public func wait(for text: String, within patience: Duration = patience) throws {
    try wait("“\(text)”", within: patience) { $0.text.contains(text) }
  }

  /// Waits until the program has ended, and gives the status of `waitpid`.
  public func waitForExit(within patience: Duration = patience) throws -> Int32 {
    try wait("the end", within: patience) { terminal in
      var status: Int32 = 0
      if terminal.exitStatus == nil, waitpid(terminal.process, &status, WNOHANG) == terminal.process {
        terminal.exitStatus = status
      }
      return terminal.exitStatus != nil
    }
    take()
    return exitStatus ?? -1
  }

  private func take() {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(master, &buffer, buffer.count)
      guard count > 0 else { return }
      lastWritten = .now
      written += buffer[..<count]
      buffer.withUnsafeBytes { bytes in
        _ = vterm_input_write(terminal, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), count)
      }
    }
  }

  /// The screen's rows without the blanks at their ends.
  public var text: String { (0..<rows).map(row).joined(separator: "\n") }

  public func row(_ row: Int) -> String {
    var text = "", column = 0
    while column < columns {
      let cell = cell(column: column, row: row)
      text += cell.text.isEmpty ? " " : cell.text
      column += max(1, cell.width)
    }
    return String(text.reversed().drop { $0 == " " }.reversed())
  }

  public func cell(column: Int, row: Int) -> Cell { Cell(shim_cell_at(screen, Int32(row), Int32(column))) }

  /// A place on the screen.
  public struct Cell: Equatable, Sendable {
    /// Empty: nothing was drawn there, or it is the right half of a wide one.
    public let text: String
    public let width: Int
    public let isBold: Bool
    public let isReverse: Bool
    /// 0xRRGGBB as shown; -1 is the terminal's own colour.
    public let foreground: Int
    public let background: Int

    fileprivate init(_ cell: shim_cell) {
      text = withUnsafeBytes(of: cell.characters) { bytes in
        var text = String.UnicodeScalarView()
        for value in bytes.bindMemory(to: UInt32.self).prefix(while: { $0 != 0 }) {
          text.append(Unicode.Scalar(value) ?? "\u{FFFD}")
        }
        return String(text)
      }
      width = Int(cell.width)
      (isBold, isReverse) = (cell.bold != 0, cell.reverse != 0)
      (foreground, background) = (Int(cell.foreground), Int(cell.background))
    }
  }

  public var cursor: (column: Int, row: Int) {
    var position = VTermPos()
    vterm_state_get_cursorpos(vterm_obtain_state(terminal), &position)
    return (Int(position.col), Int(position.row))
  }

  /// Whether the line's settings are those from before the program ran.
  public var isRestored: Bool {
    var now = termios()
    tcgetattr(slave, &now)
    var was = before
    return withUnsafeBytes(of: &now) { now in withUnsafeBytes(of: &was) { now.elementsEqual($0) } }
  }

  /// Whether of two sequences the second came last.
  public func isLast(_ sequence: String, after other: String) -> Bool {
    let text = String(decoding: written, as: UTF8.self)
    guard let last = text.ranges(of: sequence).last else { return false }
    guard let before = text.ranges(of: other).last else { return true }
    return last.lowerBound > before.lowerBound
  }

  /// Whether the program has left the alternate screen and shows the cursor.
  public var hasLeftScreen: Bool {
    isLast("\u{1b}[?1049l", after: "\u{1b}[?1049h") && isLast("\u{1b}[?25h", after: "\u{1b}[?25l")
  }

  /// The same, and pastes come as keys again (a shell wants them as pastes at its own prompt).
  public var hasLeft: Bool { hasLeftScreen && isLast("\u{1b}[?2004l", after: "\u{1b}[?2004h") }
}

/// What a terminal did not show, with what it showed instead.
public struct TerminalFailure: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
