import Pseudoterminal

/// From a key to the change that it makes on screen, while figures come in.
struct Keys: BenchCase {
  let name = "keys"
  let count = 300

  func run() async throws -> [Figure] {
    let console = try BenchMesh.shared().runningConsole()
    var milliseconds: [Double] = []
    // `reviews` has two destinations, one below the other: the mark moves between them.
    try console.wait("two to move between") { Self.rows($0).count == 2 }
    for _ in 0..<count {
      // About the pace of a held key, so that the keys spread over some ticks of the feeds.
      console.read(for: .milliseconds(30))
      let rows = Self.rows(console)
      guard let marked = rows.firstIndex(where: { Self.isMarked($0, console) }) else {
        console.type("\u{1b}[A")
        continue
      }
      let key = marked == 0 ? "\u{1b}[B" : "\u{1b}[A"
      let target = rows[1 - marked]
      let began = ContinuousClock.now
      console.type(key)
      try console.wait("the mark on the other") { Self.isMarked(target, $0) }
      milliseconds.append((console.lastWritten - began).seconds * 1_000)
    }
    try console.quit()
    return [
      Figure(
        what: "key to change on screen: p99 of \(count), ms", value: milliseconds.percentile(0.99), bar: .atMost(16),
        detail: "median \(rounded(median(milliseconds))), worst \(rounded(milliseconds.max() ?? .nan))")
    ]
  }

  private static func rows(_ console: Pseudoterminal) -> [Int] {
    // Between the head of the table and what is said of the selection below it.
    (4..<console.rows - 4).filter { row in
      let text = console.row(row)
      return text.contains(" v1 ") || text.contains(" v3 ")
    }
  }

  private static func isMarked(_ row: Int, _ console: Pseudoterminal) -> Bool {
    console.cell(column: 0, row: row).text == "→"
  }
}
