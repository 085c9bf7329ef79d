import Peers
import Pseudoterminal

/// From the second in which a canary begins to fail to the picture that names it, with the change before it.
struct FailureNamed: BenchCase {
  let name = "failure"
  /// When the scenario `bad-canary` begins to fail, and how far it has come when the console is opened.
  private static let begins: Duration = .seconds(25)
  private static let skipped: Duration = .seconds(12)

  func run() async throws -> [Figure] {
    var figures: [Figure] = []
    for (source, option) in [("access logs", ["--no-prometheus"]), ("metrics store", [])] {
      var seconds: [Double] = []
      for _ in 0..<3 {
        // The sandbox counts its scenario from when it is ready.
        let mesh = try BenchMesh(options: ["--scenario", "bad-canary", "--start-at", "12s"] + option)
        defer { mesh.stop() }
        let began = ContinuousClock.now
        let console = try mesh.console()
        try console.wait("the canary is named", within: .seconds(60)) {
          $0.row(6).contains("reviews #0 v3") && $0.row(7).contains("after  ")
        }
        seconds.append((console.lastWritten - began - (Self.begins - Self.skipped)).seconds)
        try console.quit()
      }
      figures.append(
        Figure(
          what: "bad-canary begins to fail to named on Pulse, by \(source), s", value: median(seconds),
          bar: .atMost(5), detail: "worst \(rounded(seconds.max() ?? .nan))"))
    }
    return figures
  }
}
