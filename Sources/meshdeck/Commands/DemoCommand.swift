internal import ArgumentParser
internal import SandboxClient

/// `meshdeck demo`: the console on a sandbox of its own, which ends with it.
struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "The console on a small real mesh on this machine.",
    discussion: """
      Seven real Envoys with real traffic. In the scenario bad-canary somebody gives a canary 25 % of the requests \
      after 10 seconds, and 15 seconds later it starts failing. Where Envoy is missing the mesh is simulated, and the screen says so.

      Scenarios:
      \(Scenario.list)
      """)

  @Option(help: "What happens to the mesh.")
  var scenario = Scenario.badCanary.rawValue

  @Flag(help: "Envoys from a model instead of real ones.")
  var simulated = false

  @Option(help: ArgumentHelp("How many services the simulated mesh has.", valueName: "n"))
  var services: Int?

  @Option(help: ArgumentHelp("Skip ahead in the scenario: 20s.", valueName: "time"))
  var startAt: String?

  @Option(help: ArgumentHelp("Requests per second.", valueName: "n"))
  var rps: Int?

  @OptionGroup var appearance: AppearanceOptions

  func validate() throws {
    if services != nil && !simulated { throw ValidationError("--services works only with --simulated.") }
  }

  func run() throws {
    var options = ["--scenario", scenario]
    options.append(simulated ? "--simulated" : "--simulated-without-envoy")
    if let services { options += ["--services", String(services)] }
    if let startAt { options += ["--start-at", startAt] }
    if let rps { options += ["--rps", String(rps)] }
    let what = simulated ? "a simulated mesh" : "seven Envoys and their mesh; this takes some seconds"
    StandardError.write("meshdeck: starting \(what)\n")
    let sandbox = try Self.start(options)
    defer { sandbox.stop() }
    let connection = try ConnectionOptions.parse(sandbox.ready.connectionOptions)
    try openConsole(
      connection, appearance, caveat: sandbox.ready.isSimulated ? "simulated" : nil,
      remarks: sandbox.ready.note.map { ["this mesh is simulated. \($0)"] } ?? [])
  }

  private static func start(_ options: [String]) throws(CommandFailure) -> SandboxProcess {
    do { return try SandboxProcess(options: options) } catch { throw CommandFailure(.unreachable, error.description) }
  }
}
