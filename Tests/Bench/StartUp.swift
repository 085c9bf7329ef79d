import Peers
import Pseudoterminal

/// From the start of the process to what it shows, beside the curl program saying its version.
struct StartUp: BenchCase {
  let name = "start"

  func run() async throws -> [Figure] {
    let mesh = try BenchMesh.shared()
    var curls: [Double] = []
    var frames: [Double] = []
    var weights: [Double] = []
    // The first round warms everything up.
    for round in 0..<6 {
      let curl = try ContinuousClock().measure { try ChildProcess.run("curl", ["-q", "-V"]) }
      let began = ContinuousClock.now
      let console = try mesh.console()
      try console.wait("the first frame") { $0.row(0).contains("meshdeck") }
      let frame = console.lastWritten - began
      console.type("3")
      try console.wait("all asked weights") { console in
        let rows = (3..<console.rows).map(console.row)
        func shows(_ destination: String, _ asked: String) -> Bool {
          rows.contains { $0.contains(" \(destination) ") && $0.contains(" \(asked) ") }
        }
        return shows("v1", "90") && shows("v3", "10") && shows("bookinfo", "100")
      }
      let all = console.lastWritten - began
      try console.quit()
      guard round > 0 else { continue }
      curls.append(curl.seconds * 1_000)
      frames.append(frame.seconds * 1_000)
      weights.append(all.seconds * 1_000)
    }
    return [
      Figure(what: "start to first frame, ms", value: median(frames), bar: .atMost(50)),
      Figure(
        what: "start to first frame, × curl -V", value: median(frames) / median(curls), bar: .atMost(3),
        detail: "curl -V \(rounded(median(curls))) ms"),
      Figure(
        what: "start to all asked weights, ms", value: median(weights), bar: .atMost(200),
        detail: "worst \(rounded(weights.max() ?? .nan))"),
    ]
  }
}
