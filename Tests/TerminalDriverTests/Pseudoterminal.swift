import CVterm
import Glibc
import Testing

/// A program on a pseudo-terminal whose screen a test can read. Everything waits on conditions; a condition that does
/// not come within `patience` fails with the screen as it is.
final class Pseudoterminal {
  static let patience: Duration = .seconds(20)

  let process: pid_t
  /// Every byte that the program wrote.
  private(set) var written: [UInt8] = []
  private(set) var columns: Int
  private(set) var rows: Int
  private let master: Int32
  private let slave: Int32
  private let before: termios
  private let terminal: OpaquePointer
  private let screen: OpaquePointer
  private var exitStatus: Int32?

  init(
    _ program: String = Pseudoterminal.probe, _ arguments: [String] = [], columns: Int = 60, rows: Int = 12,
    environment: [String: String] = [:]
  ) throws {
    (self.columns, self.rows) = (columns, rows)
    var ends: (Int32, Int32) = (-1, -1)
    var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    try #require(openpty(&ends.0, &ends.1, nil, nil, &size) == 0)
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
      program, arguments, environment.filter { !$0.value.isEmpty }, on: String(cString: ttyname(slave)))
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

  /// Built beside the tests.
  static var probe: String {
    var path = [CChar](repeating: 0, count: 4_096)
    let count = readlink("/proc/self/exe", &path, path.count - 1)
    let own = String(decoding: path.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    // The test runner is the bundle itself, or a program of the toolchain that has it as an argument.
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? own
    return bundle[..<(bundle.lastIndex(of: "/") ?? bundle.startIndex)] + "/terminal-probe"
  }

  private static func spawn(
    _ program: String, _ arguments: [String], _ environment: [String: String], on tty: String
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // The first terminal that a session's leader opens becomes the one that controls it.
    posix_spawn_file_actions_addopen(&actions, 0, tty, O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t(), all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    let flags = Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) | shim_spawn_setsid
    posix_spawnattr_setflags(&attributes, flags)
    var argv: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
    var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") }
    argv.append(nil)
    envp.append(nil)
    defer { (argv + envp).forEach { free($0) } }
    var process: pid_t = 0
    let problem = posix_spawn(&process, program, &actions, &attributes, argv, envp)
    try #require(problem == 0, "\(program): \(String(cString: strerror(problem)))")
    return process
  }

  // MARK: Doing

  func type(_ text: String) { type(bytes: Array(text.utf8)) }

  func type(bytes: [UInt8]) { _ = bytes.withUnsafeBytes { write(master, $0.baseAddress, $0.count) } }

  func resize(columns: Int, rows: Int) {
    (self.columns, self.rows) = (columns, rows)
    vterm_set_size(terminal, Int32(rows), Int32(columns))
    var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
  }

  func send(_ signal: Int32) { kill(process, signal) }

  // MARK: Seeing

  /// Reads what the program writes until a condition holds.
  func wait(
    _ what: String, at location: SourceLocation = #_sourceLocation, until condition: (Pseudoterminal) -> Bool
  ) throws {
    let deadline = ContinuousClock.now + Self.patience
    while !condition(self) {
      try #require(
        ContinuousClock.now < deadline, "\(what) did not come; the screen:\n\(text)", sourceLocation: location)
      var source = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
      poll(&source, 1, 20)
      take()
    }
  }

  func wait(for text: String, at location: SourceLocation = #_sourceLocation) throws {
    try wait("“\(text)”", at: location) { $0.text.contains(text) }
  }

  /// Waits until the program has ended, and gives the status of `waitpid`.
  func waitForExit(at location: SourceLocation = #_sourceLocation) throws -> Int32 {
    try wait("the end", at: location) { terminal in
      var status: Int32 = 0
      if waitpid(terminal.process, &status, WNOHANG) == terminal.process { terminal.exitStatus = status }
      return terminal.exitStatus != nil
    }
    take()
    return try #require(exitStatus)
  }

  private func take() {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(master, &buffer, buffer.count)
      guard count > 0 else { return }
      written += buffer[..<count]
      buffer.withUnsafeBytes { bytes in
        _ = vterm_input_write(terminal, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), count)
      }
    }
  }

  /// The screen's rows without the blanks at their ends.
  var text: String { (0..<rows).map(row).joined(separator: "\n") }

  func row(_ row: Int) -> String {
    var text = "", column = 0
    while column < columns {
      let cell = shim_cell_at(screen, Int32(row), Int32(column))
      let shown = characters(cell)
      text += shown.isEmpty ? " " : shown
      column += max(1, Int(cell.width))
    }
    return String(text.reversed().drop { $0 == " " }.reversed())
  }

  func cell(column: Int, row: Int) -> shim_cell { shim_cell_at(screen, Int32(row), Int32(column)) }

  func characters(_ cell: shim_cell) -> String {
    withUnsafeBytes(of: cell.characters) { bytes in
      var text = String.UnicodeScalarView()
      for value in bytes.bindMemory(to: UInt32.self).prefix(while: { $0 != 0 }) {
        text.append(Unicode.Scalar(value) ?? "\u{FFFD}")
      }
      return String(text)
    }
  }

  var cursor: (column: Int, row: Int) {
    var position = VTermPos()
    vterm_state_get_cursorpos(vterm_obtain_state(terminal), &position)
    return (Int(position.col), Int(position.row))
  }

  /// Whether the line's settings are those from before the program ran.
  var isRestored: Bool {
    var now = termios()
    tcgetattr(slave, &now)
    var was = before
    return withUnsafeBytes(of: &now) { now in withUnsafeBytes(of: &was) { now.elementsEqual($0) } }
  }

  /// Whether of two sequences the second came last.
  func isLast(_ sequence: String, after other: String) -> Bool {
    let text = String(decoding: written, as: UTF8.self)
    guard let last = text.ranges(of: sequence).last else { return false }
    guard let before = text.ranges(of: other).last else { return true }
    return last.lowerBound > before.lowerBound
  }

  /// Whether the program has left the alternate screen and shows the cursor.
  var hasLeftScreen: Bool {
    isLast("\u{1b}[?1049l", after: "\u{1b}[?1049h") && isLast("\u{1b}[?25h", after: "\u{1b}[?25l")
  }

  /// The same, and pastes come as keys again (a shell wants them as pastes at its own prompt).
  var hasLeft: Bool { hasLeftScreen && isLast("\u{1b}[?2004l", after: "\u{1b}[?2004h") }
}
