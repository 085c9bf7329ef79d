import MeshModel
import Peers
import ProxyLogs
import Testing

/// From what is counted to the lines that are meant.
@Suite struct LogTopFilterTests {
  private static func line(_ random: inout SeededGenerator) -> LogLine {
    func one(_ texts: [String]) -> String { texts.randomElement(using: &random) ?? "-" }
    let path = one([
      "/reviews/7", "/reviews/7?x=1", "/reviews/71", "/a(b)[c]{d}*+.^$|", "/a/i", "/q'u", "/caf\u{E9}#top", "-",
      "/" + String(repeating: "long/", count: 80) + one(["a", "b"]),
    ])
    let cluster = one([
      "outbound|9080|v3|reviews.bookinfo.svc.cluster.local", "outbound|9080||reviews.bookinfo.svc.cluster.local",
      "outbound|9080||reviewsx.bookinfo.svc.cluster.local", "inbound|9080||", "PassthroughCluster", "my.cluster:80",
      "-",
    ])
    let (code, flags) = one(["200 -", "503 UF,URX", "503 UF", "0 DC", "404 NR", "200 MINE"]).split(separator: " ").pair
    let text =
      "[2026-11-23T02:17:08.823Z] \"GET \(path) HTTP/1.1\" \(code) \(flags) via_upstream - \"-\" 0 91 71 - \"-\" "
      + "\"curl/8\" \"9f3a\" \"ratings:9080\" \"\(one(["10.1.0.7:9080", "-"]))\" \(cluster) 10.1.0.2:40112 10.1.0.7:9080 "
      + "10.1.0.2:33112 - default"
    return LogLine(
      ProxyLogLine(text), proxy: ProxyID(one(["reviews-v3-x.bookinfo", "reviews-v3-y.bookinfo"])),
      arrival: Timestamp(seconds: 0))
  }

  /// The filter of a row finds as many lines as the row counts.
  @Test(arguments: LogTop.Subject.allCases, 0..<4 as Range<UInt64>)
  func aRowsFilterFindsItsLines(_ subject: LogTop.Subject, _ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let lines = (0..<300).map { _ in Self.line(&random) }
    var top = LogTop(subject)
    for line in lines { top.add(line) }
    var asked = 0
    for row in top.rows(most: 100) {
      guard let text = subject.filter(for: row.name) else { continue }
      asked += 1
      let filter = try LogFilter(text)
      let found = lines.count { filter.matches($0) }
      if subject == .callers {
        #expect(found >= row.lines, "seed \(seed): \(text)")
      } else {
        #expect(found == row.lines, "seed \(seed): \(text)")
      }
    }
    #expect(asked > 0)
  }

  @Test(arguments: [
    (LogTop.Subject.paths, "/reviews/7", #"path ~ /^\/reviews\/7($|[?#])/"#), (.codes, "503", "code = 503"),
    (.flags, "UF", "flags = UF"), (.upstreams, "here:9080", #"cluster = "inbound|9080||""#),
    (.pods, "reviews-v3-x.bookinfo", #"pod = "reviews-v3-x.bookinfo""#),
  ])
  func filtersReadAsAPersonWouldTypeThem(_ subject: LogTop.Subject, _ name: String, _ expected: String) {
    #expect(subject.filter(for: name) == expected)
  }

  @Test func aFilterIsNarrowedAsAWhole() throws {
    #expect(LogFilter.narrowed(nil, by: "code = 503") == "code = 503")
    #expect(LogFilter.narrowed("code >= 500", by: "flags = UF") == "code >= 500 and flags = UF")
    #expect(LogFilter.narrowed("a or b", by: "flags = UF") == "(a or b) and flags = UF")
  }
}

extension [Substring] {
  fileprivate var pair: (Substring, Substring) { (self[0], self[1]) }
}
