internal import Glibc
internal import JSON
internal import Synchronization

/// The sandbox's end of its supervisor. While this value is open the processes run; when it is closed, or this process
/// ends in whatever way, they stop.
final class Children: Sendable {
  private struct State {
    var writing: Int32
    var ended: [String: String] = [:]
    var isClosed = false
  }

  static let supervisorName = "supervisor"

  private let supervisor: pid_t
  private let reading: Int32
  private let state: Mutex<State>

  /// `executable` is this program, which is started anew as the supervisor.
  init(_ plan: ProcessPlan, executable: String) throws(SandboxError) {
    let toSupervisor = try Spawn.pipe()
    let fromSupervisor = try Spawn.pipe()
    defer {
      close(toSupervisor.reading)
      close(fromSupervisor.writing)
    }
    supervisor = try Spawn.start(
      [executable, "supervise"], input: .inherited(toSupervisor.reading), output: .inherited(fromSupervisor.writing),
      errors: .inherited(STDERR_FILENO), group: 0)
    reading = fromSupervisor.reading
    state = Mutex(State(writing: toSupervisor.writing))
    _ = fcntl(reading, F_SETFL, O_NONBLOCK)
    let line = plan.json.bytes() + [UInt8(ascii: "\n")]
    guard write(toSupervisor.writing, line, line.count) == line.count else {
      throw SandboxError("the supervisor of the proxies did not start: \(FileText.lastReason())")
    }
  }

  deinit { stop() }

  /// What ended although it should run, with the reason, by name.
  func ended() -> [String: String] {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    let count = read(reading, &buffer, buffer.count)
    return state.withLock { state in
      if count == 0, !state.isClosed { state.ended[Self.supervisorName] = "it ended" }
      for line in buffer.prefix(max(0, count)).split(separator: UInt8(ascii: "\n")) {
        guard let message = try? JSONValue(parsing: Array(line)), let name = message["ended"]?.string else { continue }
        state.ended[name] = message["reason"]?.string ?? "it ended"
      }
      return state.ended
    }
  }

  /// Stops all processes and returns when they are gone.
  func stop() {
    let isFirst = state.withLock { state in
      if state.isClosed { return false }
      state.isClosed = true
      close(state.writing)
      return true
    }
    guard isFirst else { return }
    _ = Spawn.wait(for: supervisor)
    kill(-supervisor, SIGKILL)  // its group is empty unless the supervisor itself was killed
    close(reading)
  }
}
