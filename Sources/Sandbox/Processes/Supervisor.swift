internal import Glibc
internal import JSON
internal import Spawning

/// Keeps the sandbox's processes, in a process of its own: when its standard input ends, whoever held the other end is
/// gone, whatever ended it, and everything is stopped and removed. It lives in its own process group with its children,
/// so that a terminal's signals do not reach them before the sandbox has decided.
///
/// It reads its plan as the first line of its input, and writes a line of JSON for each process that ended.
public enum Supervisor {
  /// Runs until the input ends or a signal asks to stop. Returns the exit code.
  public static func run() -> Int32 {
    for name in [SIGINT, SIGHUP, SIGPIPE] { signal(name, SIG_IGN) }
    guard let line = readPlan(), let json = try? JSONValue(parsing: line), let plan = ProcessPlan(json) else {
      report("the supervisor got no plan")
      return 1
    }
    var names: [pid_t: String] = [:]
    for planned in plan.processes {
      var program = Program(planned.arguments[0], Array(planned.arguments.dropFirst()))
      program.output = .appending(planned.outputFile)
      program.errors = .appending(planned.outputFile)
      do {
        names[try program.start()] = planned.name
      } catch {
        tell(["ended": .string(planned.name), "reason": .string(error.description)])
      }
    }
    signal(SIGTERM) { _ in close(STDIN_FILENO) }  // the loop sees it, and ends in order
    while inputIsOpen(for: 100) { reap(&names) }
    stop(&names)
    if plan.folder.hasPrefix("/") { Folder.remove(plan.folder) }
    return 0
  }

  /// Whether the other end is still there after so many milliseconds.
  private static func inputIsOpen(for milliseconds: Int32) -> Bool {
    var watched = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    let found = poll(&watched, 1, milliseconds)
    if found == 0 || (found < 0 && errno == EINTR) { return true }
    guard found > 0, watched.revents & Int16(POLLNVAL) == 0 else { return false }
    var byte: UInt8 = 0
    return read(STDIN_FILENO, &byte, 1) > 0
  }

  private static func reap(_ names: inout [pid_t: String]) {
    var status: Int32 = 0
    while true {
      let process = waitpid(-1, &status, WNOHANG)
      guard process > 0 else { return }
      guard let name = names.removeValue(forKey: process) else { continue }
      tell(["ended": .string(name), "reason": .string("it ended with status \(exitCode(ofWaitStatus: status))")])
    }
  }

  /// Proxies hold nothing that a hard end could lose.
  private static func stop(_ names: inout [pid_t: String]) {
    for process in names.keys { kill(process, SIGKILL) }
    for process in names.keys { waitForExit(of: process) }
    names = [:]
  }

  private static func tell(_ message: JSONValue) {
    let line = message.bytes() + [UInt8(ascii: "\n")]
    _ = write(STDOUT_FILENO, line, line.count)
  }

  private static func readPlan() -> [UInt8]? {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while read(STDIN_FILENO, &byte, 1) == 1, line.count < 1 << 20 {
      if byte == UInt8(ascii: "\n") { return line }
      line.append(byte)
    }
    return nil
  }
}
