internal import Console
internal import ConsoleRuntime
internal import Dispatch
internal import Glibc
internal import MeshModel
internal import Settings
internal import TerminalDriver
internal import TerminalUI

/// Runs the console until it is left.
/// - Parameters:
///   - caveat: Why the mesh is not a real one, where it is not: in the header.
///   - remarks: What there is to say at the start, on the status line.
/// - Throws: A sentence when there is no terminal.
func openConsole(
  _ options: ConnectionOptions, _ appearance: AppearanceOptions, caveat: String? = nil, remarks: [String] = []
) throws(CommandFailure) {
  let settings = UserSettings(appearance.flags)
  let session = try Session(options, settings: settings.configuration, caveat: caveat)
  let terminal: Terminal
  do throws(TerminalProblem) {
    terminal = try Terminal(look: settings.theme.look)
  } catch {
    throw CommandFailure(.usage, error.description)
  }
  let display = TerminalDisplay(terminal)
  let trimming = Task.detached(priority: .utility) { await Allocator.trimNowAndThen() }
  defer { trimming.cancel() }
  ConsoleLoop(
    identity: session.identity, mesh: session.mesh, display: display,
    glyphs: settings.configuration.glyphs(of: settings.theme, isUnicode: Terminal.isUnicode), time: .system,
    window: settings.configuration.window, health: settings.configuration.health, logs: settings.configuration.logs,
    remarks: remarks + settings.complaints.map(\.description),
    wake: terminal.doorbell.ring
  ).run()
  terminal.close()
  leave(session.mesh)
  // Nobody must miss these for their being under the console's screen.
  settings.tellComplaints()
  display.ending?.endProcess()
}

/// Nobody is to leave a proxy at debug by leaving the console, nor a ramp without saying where it stopped. What takes
/// longer is left to the next start.
private func leave(_ mesh: any Mesh) {
  let done = DispatchSemaphore(value: 0)
  Task.detached {
    await mesh.stopRamps()
    await mesh.putBackLevels()
    done.signal()
  }
  _ = done.wait(timeout: .now() + .seconds(2))
}

/// The person's configuration and theme, and what is wrong with them.
struct UserSettings {
  let configuration: Configuration
  let theme: Theme
  let complaints: [Complaint]

  init(_ flags: Configuration.Flags) {
    let (configuration, complaints) = Configuration.load(flags: flags, environment: variable)
    let (theme, themeComplaints) = configuration.loadTheme(environment: variable)
    self.configuration = configuration
    self.theme = theme
    self.complaints = complaints + themeComplaints
  }

  func tellComplaints() {
    for complaint in complaints { StandardError.write("meshdeck: \(printable(complaint.description))\n") }
  }
}

extension ConsoleLoop.TimeSource {
  /// The machine's clocks.
  static var system: ConsoleLoop.TimeSource {
    ConsoleLoop.TimeSource(
      now: { Timestamp(nanoseconds: nanoseconds(CLOCK_REALTIME)) },
      uptime: { .nanoseconds(nanoseconds(CLOCK_MONOTONIC)) })
  }
}

private func nanoseconds(_ clock: clockid_t) -> Int64 {
  var time = timespec()
  clock_gettime(clock, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
