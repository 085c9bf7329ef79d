internal import Glibc
internal import JSON
internal import Spawning
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
    let toSupervisor: Pipe
    let fromSupervisor: Pipe
    do throws(SpawnFailure) {
      toSupervisor = try Pipe()
      fromSupervisor = try Pipe()
      var program = Program(executable, ["supervise"])
      program.input = .descriptor(toSupervisor.reading)
      program.output = .descriptor(fromSupervisor.writing)
      program.errors = .descriptor(STDERR_FILENO)
      program.group = .own
      supervisor = try program.start()
    } catch {
      throw SandboxError(error.description)
    }
    close(toSupervisor.reading)
    close(fromSupervisor.writing)
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
    waitForExit(of: supervisor)
    kill(-supervisor, SIGKILL)  // its group is empty unless the supervisor itself was killed
    close(reading)
  }
}
