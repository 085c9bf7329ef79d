import Glibc
import JSON
import Pseudoterminal
import Testing

extension ProgramTests {
  /// The story of the README, on a mesh whose canary has just gone bad.
  @Suite struct NewcomerTests {
    @Test func fourKeysTakeTheCanaryOutAndTwoPutItBack() throws {
      let sandbox = try RunningSandbox("--scenario", "bad-canary", "--start-at", "26s")
      let console = try sandbox.terminal()
      try console.wait("v3 failing, first and selected, with the change before it") { terminal in
        terminal.row(6).hasPrefix("→ ▲ reviews #0 v3") && terminal.row(7).contains("after  Deployment reviews-v3")
      }
      console.type("w")
      try console.wait(for: "weights 75 + 25 = 100")
      console.type("z")
      try console.wait(for: "weights 100 + 0 = 100")
      console.type("\r")
      try console.wait(for: "apply v3 25 → 0, v1 75 → 100?")
      #expect(try sandbox.weights() == [75, 25], "nothing is written before the answer")
      console.type("\r")
      try console.wait("applied by all") { $0.text.contains(try Regex(#"#1 reviews.* v3 25 → 0  applied .* 6/6 in"#)) }
      #expect(try sandbox.weights() == [100, 0])
      // No request goes astray for ten seconds.
      try console.wait("seen to arrive", within: .seconds(40)) {
        $0.text.contains(try Regex(#"#1 .* 6/6 in .* seen 0 ≤[0-9.]+ ✓"#))
      }

      console.type("\u{1b}")
      try console.wait("the list") { !$0.text.contains("weights 100 + 0 = 100") }
      console.type("u")
      try console.wait(for: "undo v3 0 → 25, v1 100 → 75?")
      console.type("\r")
      try console.wait("undone by all") { $0.text.contains(try Regex(#"#2 undoes #1 .* 6/6 in"#)) }
      #expect(try sandbox.weights() == [75, 25])

      console.type("\u{1b}")
      try console.wait("the list") { !$0.text.contains("weights 75 + 25 = 100") }
      console.type("q")
      #expect(try console.waitForExit() == 0)
      #expect(console.isRestored && console.hasLeft)
    }
  }
}

extension Pseudoterminal {
  /// The first row that contains a text, below the one that begins a group.
  func row(after group: String, containing text: String) -> String? {
    let rows = (0..<rows).map(row)
    guard let head = rows.firstIndex(where: { $0.contains(group) }) else { return nil }
    return rows[(head + 1)...].prefix { !$0.contains(" ▾ ") && !$0.contains(" ▸ ") }.first { $0.contains(text) }
  }
}
