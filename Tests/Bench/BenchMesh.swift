import Glibc
import Peers
import Pseudoterminal
import SandboxClient

/// A sandbox with real Envoys at 50 requests a second, and consoles on it. One serves all cases; it ends with the
/// bench.
final class BenchMesh: Sendable {
  static func shared() throws -> BenchMesh { try mesh.get() }
  private static let mesh = Result { try BenchMesh() }

  private let sandbox: SandboxProcess
  private let state: TemporaryFolder

  private init() throws {
    // A Prometheus would take its share of the machine.
    sandbox = try SandboxProcess(options: ["--scenario", "calm", "--rps", "50", "--no-prometheus"])
    state = try TemporaryFolder()
    guard !sandbox.ready.isSimulated else { throw PeerFailure("there is no Envoy") }
  }

  /// A mesh of its own, for a case that wants another one.
  init(options: [String]) throws {
    sandbox = try SandboxProcess(options: options)
    state = try TemporaryFolder()
  }

  func stop() { sandbox.stop() }

  /// The console on a terminal of its own.
  func console() throws -> Pseudoterminal {
    try Pseudoterminal(
      builtProgram("meshdeck"), sandbox.ready.connectionOptions, columns: 118, rows: 36,
      environment: ["HOME": state.path, "XDG_STATE_HOME": state.path])
  }

  /// The console when it shows everything that it will ever show: shares that were seen, of all proxies.
  func runningConsole() throws -> Pseudoterminal {
    let console = try console()
    try console.openRoutes()
    try console.wait("what is seen", within: .seconds(60)) {
      $0.text.contains("7/7 in sync") && $0.row(containing: " v3 ")?.contains("±") == true
    }
    return console
  }
}

extension Pseudoterminal {
  /// The first row that contains a text.
  func row(containing text: String) -> String? { (0..<rows).lazy.map(row).first { $0.contains(text) } }

  /// From Pulse, where the console begins.
  func openRoutes() throws {
    try wait(for: "1 Pulse")
    type("3")
  }

  /// Gives the selected destination so much, up to the question: one more key confirms it.
  func askAbout(_ percent: Int, weights: String) throws {
    type("w")
    try wait(for: "weights ")
    type("\(percent)")
    try wait(for: "weights \(weights) = 100")
    try wait(for: "dry run accepted")
    type("\r")
    try wait(for: "⏎ yes")
  }

  /// Ends the program as its user does.
  func quit() throws {
    type("q")
    let status = try waitForExit()
    guard status == 0 else { throw PeerFailure("the console ended with \(status)") }
  }
}

extension [Double] {
  /// The value that this share of all values does not exceed.
  func percentile(_ share: Double) -> Double {
    let sorted = sorted()
    guard !sorted.isEmpty else { return .nan }
    return sorted[Swift.min(sorted.count - 1, Int((Double(sorted.count) * share).rounded(.up)) - 1)]
  }
}
