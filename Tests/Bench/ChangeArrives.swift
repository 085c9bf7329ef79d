import Pseudoterminal

/// From the key that confirms a change to the word that every proxy which carries the route has it.
struct ChangeArrives: BenchCase {
  let name = "change"

  func run() async throws -> [Figure] {
    let console = try BenchMesh.shared().runningConsole()
    var seconds: [Double] = []
    for (number, percent) in [11, 12, 13, 14, 15, 10].enumerated() {
      try console.wait("the list") { $0.row(containing: " v3 ")?.hasPrefix("→") == true || Self.selectBelow($0) }
      try console.askAbout(percent, weights: "\(100 - percent) + \(percent)")
      let began = ContinuousClock.now
      console.type("\r")
      try console.wait("6/6") { $0.row(containing: "#\(number + 1) reviews")?.contains(" 6/6 in ") == true }
      // The first round warms everything up.
      if number > 0 { seconds.append((console.lastWritten - began).seconds) }
      console.type("\u{1b}")
      try console.wait("the editor's end") { !$0.text.contains("weights \(100 - percent)") }
    }
    try console.quit()
    return [
      Figure(
        what: "confirmed to read back from all six proxies, s", value: median(seconds), bar: .atMost(1),
        detail: "worst \(rounded(seconds.max() ?? .nan))")
    ]
  }

  /// Moves the mark from v1 to v3, once it stands there.
  private static func selectBelow(_ console: Pseudoterminal) -> Bool {
    if console.row(containing: " v1 ")?.hasPrefix("→") == true { console.type("\u{1b}[B") }
    return false
  }
}
