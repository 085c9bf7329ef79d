import Glibc
import Peers
import Pseudoterminal

/// The Logs screen while fifty proxies write a hundred thousand lines a second, and `meshdeck logs` of as many as there
/// are.
struct LogFlood: BenchCase {
  let name = "log flood"
  let pods = 50
  let keys = 200

  func run() async throws -> [Figure] {
    let folder = try TemporaryFolder()
    return try [delay(folder)] + calm(folder) + exact(folder)
  }

  private func console(on server: LogServer, _ folder: TemporaryFolder) throws -> Pseudoterminal {
    let kubeconfig = try folder.write("kubeconfig", server.kubeconfig())
    let console = try Pseudoterminal(
      builtProgram("meshdeck"), ["--kubeconfig", kubeconfig, "--prometheus", "none"], columns: 118, rows: 36,
      environment: ["HOME": folder.path, "XDG_STATE_HOME": folder.path])
    try console.wait(for: "1 Pulse")
    console.type("6l\r")
    return console
  }

  /// From the API server's having a line to its standing on screen: the proxy's own flush comes before that.
  private func delay(_ folder: TemporaryFolder) throws -> Figure {
    let server = try LogServer(pods: 5, pace: .linesPerSecond(1))
    defer { server.stop() }
    let console = try console(on: server, folder)
    try console.wait("lines", within: .seconds(30)) { $0.text.contains("/reviews/") }
    var milliseconds: [Double] = []
    for number in 0..<40 {
      // At any place within the batches.
      console.read(for: .milliseconds(80 + number * 7 % 50))
      let began = ContinuousClock.now
      server.write("word-\(number)-")
      try console.wait("the line") { $0.text.contains("/word-\(number)-") }
      milliseconds.append((console.lastWritten - began).seconds * 1_000)
    }
    try console.quit()
    return Figure(
      what: "a line at the API server to on screen: p95 of 40, ms", value: milliseconds.percentile(0.95),
      bar: .atMost(100), detail: "median \(rounded(median(milliseconds)))")
  }

  /// What a busy mesh writes: nothing of it may be lost.
  private func calm(_ folder: TemporaryFolder) throws -> [Figure] {
    let server = try LogServer(pods: pods, pace: .linesPerSecond(2_000))
    defer { server.stop() }
    let console = try console(on: server, folder)
    try console.wait("lines", within: .seconds(30)) { $0.text.contains("lines/s") }
    console.read(for: .seconds(5))
    let (began, before, lines) = (ContinuousClock.now, try processorSeconds(of: console.process), server.written)
    var milliseconds: [Double] = []
    var isPaused = false
    for _ in 0..<keys {
      console.read(for: .milliseconds(50))
      let start = ContinuousClock.now
      console.type(" ")
      isPaused.toggle()
      let word = isPaused ? "paused" : "following"
      try console.wait(word) { $0.text.contains(word) }
      milliseconds.append((console.lastWritten - start).seconds * 1_000)
    }
    let seconds = (ContinuousClock.now - began).seconds
    let used = (try processorSeconds(of: console.process) - before) / seconds
    let rate = Double(server.written - lines) / seconds
    let isWhole = !console.text.contains("dropped")
    let resident = Double(try residentBytes(of: console.process)) / 1e6
    try console.quit()
    return [
      Figure(
        what: "\(pods) logs, lines a second", value: rate, bar: .atLeast(95_000),
        detail: "\(rounded(resident)) MB resident"),
      Figure(what: "the same, dropped somewhere (0 or 1)", value: isWhole ? 0 : 1, bar: .atMost(0)),
      Figure(what: "the same, % of a core", value: used * 100, bar: .atMost(60)),
      Figure(
        what: "the same, key to change on screen: p99 of \(keys), ms", value: milliseconds.percentile(0.99),
        bar: .atMost(16), detail: "median \(rounded(median(milliseconds)))"),
    ]
  }

  /// As much as there is, to a pipe whose reader takes little of it: each line comes, or is told as dropped.
  private func exact(_ folder: TemporaryFolder) throws -> [Figure] {
    let each = 100_000
    let server = try LogServer(pods: pods, pace: .lines(each))
    defer { server.stop() }
    let kubeconfig = try folder.write("kubeconfig", server.kubeconfig())
    let tail = try PipedProgram(
      builtProgram("meshdeck"),
      ["logs", "ns/\(LogServer.namespace)", "--kubeconfig", kubeconfig, "-o", "raw", "--tail", "\(each)"],
      errors: folder.path + "/errors")
    let all = pods * each
    var lines = 0
    var peak = 0
    func dropped() throws -> Int { try Self.dropped(in: tail.errors) }
    try tail.read(until: { try server.written == all && lines + dropped() >= all }, within: .seconds(120)) { chunk in
      lines += chunk.count { $0 == UInt8(ascii: "\n") }
      peak = max(peak, (try? residentBytes(of: tail.process)) ?? 0)
      // About 20 MB a second.
      usleep(UInt32(chunk.count / 20))
    }
    let lost = try dropped()
    tail.stop()
    return [
      Figure(
        what: "\(all / 1_000_000) M lines to a slow reader: not accounted for", value: Double(all - lines - lost),
        bar: .atMost(0), detail: "\(lines) came, \(lost) told as dropped"),
      Figure(what: "the same, most memory, MB", value: Double(peak) / 1e6, bar: .atMost(150)),
    ]
  }

  /// `… 1234 lines dropped …`: what the program told of lines that found no reader.
  private static func dropped(in path: String) throws -> Int {
    try contents(of: path).split(separator: "\n").reduce(0) { sum, line in
      let words = line.split(separator: " ")
      guard let place = words.firstIndex(where: { $0.hasPrefix("line") }), place > 0, line.contains("dropped") else {
        return sum
      }
      return sum + (Int(words[place - 1].filter(\.isNumber)) ?? 0)
    }
  }
}
