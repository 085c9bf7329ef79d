internal import ArgumentParser
internal import CurlTransport
internal import Glibc
internal import Sandbox
internal import SandboxClient
internal import Synchronization

@main
struct MeshdeckSandbox: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "meshdeck-sandbox",
    abstract: "A small real mesh on loopback: Envoys in Istio's shape, with traffic, behind a Kubernetes API.",
    discussion: """
      When everything answers it prints one line of JSON that says where, and runs until it is told to stop (Ctrl-C). \
      Two can run at once.

      Scenarios:
      \(Scenario.list)
      """,
    subcommands: [Supervise.self], defaultSubcommand: nil)

  @Option(
    help: ArgumentHelp(
      "What happens to the mesh.", valueName: "s"))
  var scenario: Named<Scenario> = Named(value: .badCanary)

  @Flag(help: "A model in place of real Envoys.")
  var simulated = false

  @Flag(help: "A model where Envoy is missing; the line then says why, as its note.")
  var simulatedWithoutEnvoy = false

  @Option(help: ArgumentHelp("How many services the model has; with --simulated.", valueName: "n"))
  var services: Int?

  @Option(help: ArgumentHelp("Requests a second on the gateway.", valueName: "n"))
  var rps: Double = 50

  @Option(help: ArgumentHelp("Where its files go and stay, in place of a temporary folder.", valueName: "d"))
  var dir: String?

  @Option(help: "Which statistics the proxies keep: Istio's default list, or all.")
  var stats: Named<Stats> = Named(value: .default)

  @Option(help: ArgumentHelp("How far the scenario has come at the beginning: 20s, 2m.", valueName: "t"))
  var startAt: Time = Time(duration: .zero)

  @Option(help: ArgumentHelp("Envoy, where it is not found by itself.", valueName: "path"))
  var envoy: String?

  @Flag(name: .customLong("no-prometheus"), help: "No Prometheus, where one is installed.")
  var noPrometheus = false

  @Flag(help: "Run until standard input ends.")
  var untilStdinCloses = false

  func validate() throws {
    guard rps >= 0, rps <= 2000 else { throw ValidationError("--rps is a number from 0 to 2000") }
    if let services {
      guard simulated else { throw ValidationError("--services works only with --simulated") }
      guard (1...5000).contains(services) else { throw ValidationError("--services is a number from 1 to 5000") }
    }
  }

  func run() async throws {
    var options = SandboxOptions()
    options.scenario = scenario.value
    options.isSimulated = simulated
    options.isSimulatedWithoutEnvoy = simulatedWithoutEnvoy
    options.services = services
    options.requestsPerSecond = rps
    options.folder = dir.map(absolute)
    options.keepsAllStats = stats.value == .all
    options.startAt = startAt.duration
    options.envoy = envoy
    options.hasPrometheus = !noPrometheus

    let end = End(watchingInput: untilStdinCloses)
    let sandbox: Sandbox
    do {
      sandbox = try await Sandbox(options, over: CurlClient(), executable: "/proc/self/exe")
    } catch {
      try fail(error.description)
    }
    print(sandbox.readyLine)
    fflush(nil)  // a pipe is not flushed by itself
    while !end.isAsked {
      if let failure = sandbox.failure {
        await sandbox.stop()
        try fail(failure)
      }
      try await Task.sleep(for: .milliseconds(50))
    }
    await sandbox.stop()
  }

  private func fail(_ sentence: String) throws -> Never {
    let line = Array("meshdeck-sandbox: \(sentence)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    throw ExitCode.failure
  }
}

/// The ready line is read from other folders, too.
private func absolute(_ path: String) -> String {
  guard !path.hasPrefix("/"), let here = getcwd(nil, 0) else { return path }
  defer { free(here) }
  return String(cString: here) + "/" + path
}

/// Keeps the proxies: see `Supervisor`. Started by the sandbox itself.
struct Supervise: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "supervise", shouldDisplay: false)

  func run() throws { throw ExitCode(Supervisor.run()) }
}

/// Whether somebody asked the program to end.
private struct End {
  private static let isSignalled = Atomic(false)
  private let watchesInput: Bool

  init(watchingInput: Bool) {
    watchesInput = watchingInput
    for name in [SIGINT, SIGTERM, SIGHUP] { signal(name) { _ in End.isSignalled.store(true, ordering: .relaxed) } }
    signal(SIGPIPE, SIG_IGN)
  }

  var isAsked: Bool {
    if Self.isSignalled.load(ordering: .relaxed) { return true }
    guard watchesInput else { return false }
    var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    guard poll(&input, 1, 0) > 0 else { return false }
    var byte: UInt8 = 0
    return read(STDIN_FILENO, &byte, 1) <= 0
  }
}

enum Stats: String, CaseIterable { case `default`, all }

/// One of a set of words on the command line.
struct Named<Value: RawRepresentable<String> & CaseIterable>: ExpressibleByArgument {
  let value: Value

  init(value: Value) { self.value = value }

  init?(argument: String) {
    guard let value = Value(rawValue: argument) else { return nil }
    self.value = value
  }

  static var allValueStrings: [String] { Value.allCases.map(\.rawValue) }
  var defaultValueDescription: String { value.rawValue }
}

/// `20s`, `1500ms`, `2m`, or a bare number of seconds.
struct Time: ExpressibleByArgument {
  let duration: Duration

  init(duration: Duration) { self.duration = duration }

  init?(argument: String) {
    let number = argument.prefix { $0.isNumber || $0 == "." }
    guard let value = Double(number), value >= 0, value < 1e6 else { return nil }
    switch argument.dropFirst(number.count) {
    case "ms": duration = .seconds(value / 1000)
    case "", "s": duration = .seconds(value)
    case "m": duration = .seconds(value * 60)
    default: return nil
    }
  }

  var defaultValueDescription: String { "\(duration.components.seconds)s" }
}
