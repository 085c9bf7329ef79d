import MeshModel
import Peers
import ProxyLogs
import Testing

@Suite struct RequestHopTests {
  private let start = Timestamp(seconds: 1_790_000_000)

  /// - Parameter address: of an outbound hop the one that it was sent to, of an inbound one its own.
  private func line(
    _ pod: String, _ direction: String, at milliseconds: Int, for duration: Int, _ address: String = "-"
  ) -> LogLine {
    let isOut = direction == "out"
    let cluster = isOut ? "outbound|80||x.shop.svc.cluster.local" : "inbound|80||"
    let text =
      "[\((start + .milliseconds(milliseconds)).rfc3339)] \"GET / HTTP/1.1\" 200 - via_upstream - \"-\" 0 9 \(duration) - "
      + "\"-\" \"curl/8\" \"id-1\" \"x:80\" \"\(isOut ? address : "127.0.0.1:80")\" \(cluster) 10.0.0.9:1 "
      + "\(isOut ? "10.9.9.9:80" : address) 10.0.0.9:2 - default"
    return LogLine(ProxyLogLine(text), proxy: ProxyID("\(pod).shop"), arrival: start)
  }

  private func tree(_ lines: [LogLine]) -> [String] {
    RequestHop.all(in: lines).map { hop in
      let own = hop.ownTime.map { "\($0.nanoseconds / 1_000_000)" } ?? "-"
      return "\(hop.depth) \(hop.line.proxy.pod) \(hop.line.access?.direction.rawValue ?? "") \(own)"
    }
  }

  private var way: [LogLine] {
    [
      line("gate", "out", at: 0, for: 44, "10.0.0.1:80"), line("page", "in", at: 1, for: 42, "10.0.0.1:80"),
      line("page", "out", at: 4, for: 10, "10.0.0.2:80"), line("details", "in", at: 5, for: 8, "10.0.0.2:80"),
      line("page", "out", at: 20, for: 20, "10.0.0.3:80"), line("reviews", "in", at: 21, for: 18, "10.0.0.3:80"),
    ]
  }

  private let tree = [
    "0 gate out 2", "1 page in 12", "2 page out 2", "3 details in 8", "2 page out 2", "3 reviews in 18",
  ]

  @Test(arguments: 0..<10) func hopsAreInCausalOrderHoweverTheLinesCame(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    #expect(tree(way.shuffled(using: &generator)) == tree, "seed \(seed)")
  }

  /// The clock of one machine is off by seconds: the addresses tell.
  @Test func addressesCountBeforeTimes() {
    var lines = way
    lines[3] = line("details", "in", at: 5_000, for: 8, "10.0.0.2:80")
    #expect(tree(lines) == tree)
  }

  @Test func triesStandBehindTheirRequest() {
    let lines = [
      line("page", "out", at: 0, for: 30, "10.0.0.2:80"), line("reviews-a", "in", at: 1, for: 8, "10.0.0.1:80"),
      line("reviews-b", "in", at: 11, for: 18, "10.0.0.2:80"),
    ]
    #expect(tree(lines) == ["0 page out 4", "1 reviews-a in 8", "1 reviews-b in 18"])
    #expect(RequestHop.all(in: lines).first?.children == 2)
  }

  /// Somebody forges an id, or clocks are far off: every line is there once, and nothing is behind itself.
  @Test(arguments: 0..<30) func whateverTheLinesSayEachIsThereOnce(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let lines = (0..<Int.random(in: 1...40, using: &generator)).map { _ in
      line(
        ["a", "b", "c"].randomElement(using: &generator) ?? "a", Bool.random(using: &generator) ? "in" : "out",
        at: .random(in: 0...30, using: &generator), for: .random(in: 0...30, using: &generator),
        "10.0.0.\(Int.random(in: 1...3, using: &generator)):80")
    }
    let hops = RequestHop.all(in: lines)
    #expect(hops.count == lines.count, "seed \(seed)")
    #expect(Set(hops.map(\.line)) == Set(lines), "seed \(seed)")
  }
}
