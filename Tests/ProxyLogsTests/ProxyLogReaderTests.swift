import ProxyLogs
import Testing

@Suite struct ProxyLogReaderTests {
  func lines(_ chunks: [[UInt8]]) -> [LogText] {
    var reader = ProxyLogReader()
    var all: [LogText] = []
    for chunk in chunks { reader.read(chunk) { all.append($0.text) } }
    reader.finish { all.append($0.text) }
    return all
  }

  @Test func linesComeWholeHoweverTheyArrive() {
    let text = Array("one\r\ntwo\n\n\nthree caf\u{E9}\nfour\r\nfive".utf8)
    for size in 1...text.count {
      let chunks = stride(from: 0, to: text.count, by: size).map { Array(text[$0..<min($0 + size, text.count)]) }
      #expect(lines(chunks).map(\.string) == ["one", "two", "three café", "four", "five"], "chunks of \(size)")
    }
  }

  @Test func aHugeLineIsCutAndTheNextIsWhole() {
    let huge = [UInt8](repeating: UInt8(ascii: "x"), count: 300_000)
    let text = huge + [0x0A] + Array("next\n".utf8)
    for size in [1000, 65_535, 65_536, 100_000, 400_000] {
      let chunks = stride(from: 0, to: text.count, by: size).map { Array(text[$0..<min($0 + size, text.count)]) }
      let found = lines(chunks)
      #expect(found.map(\.count) == [ProxyLogReader.longestLine, 4])
      #expect(found.map(\.isCut) == [true, false])
    }
    let longest = [UInt8](repeating: UInt8(ascii: "x"), count: ProxyLogReader.longestLine)
    #expect(lines([longest + [0x0A]]).map(\.isCut) == [false])
  }

  @Test func theLongestLineWithAReturnIsWhole() {
    let longest = [UInt8](repeating: UInt8(ascii: "x"), count: ProxyLogReader.longestLine)
    for size in [1000, 65_535, 65_536, 65_537, 70_000] {
      let text = longest + [0x0D, 0x0A]
      let chunks = stride(from: 0, to: text.count, by: size).map { Array(text[$0..<min($0 + size, text.count)]) }
      #expect(lines(chunks).map(\.isCut) == [false])
    }
  }

  @Test func theLongestRequestIsReadAndALongerOneIsRaw() {
    func line(_ length: Int) -> ProxyLogLine {
      let (head, tail) = (#"{"response_code":200,"path":""#, #""}"#)
      return ProxyLogLine(head + String(repeating: "x", count: length - head.utf8.count - tail.utf8.count) + tail)
    }
    #expect(line(65_535).access?[.path]?.utf8.count == 65_535 - 31)
    #expect(line(65_536).access == nil && line(65_536).text.isCut)
  }

  @Test func oneLineIsReadWithItsEnd() {
    #expect(ProxyLogLine("{\"response_code\":200}\r\n").access?.responseCode == 200)
    #expect(ProxyLogLine("{\"response_code\":200}\n{}").access == nil)
    for end in ["", "\n", "\r\n", "\r"] { #expect(ProxyLogLine(end).text.count == 0) }
  }

  @Test func bytesThatAreNoTextStayBytes() {
    let found = lines([[0xFF, 0x00, 0x1B, 0x0A]])
    #expect(found.map { $0.withBytes { bytes in bytes.count } } == [3])
    #expect(found.map(\.string) == ["\u{FFFD}\u{0}\u{1B}"])
  }

  @Test func componentLines() throws {
    struct Case {
      var line: String
      var level: LogLevel?
      var component: String
      var source: String?
      var message: String
    }
    let cases = [
      Case(
        line:
          "2026-11-23T01:13:42.071Z\twarning\tenvoy config external/envoy/source/g.h:163\tgRPC closed: 14, a\tb\tthread=22",
        level: .warning, component: "config", source: "external/envoy/source/g.h:163", message: "gRPC closed: 14, a\tb"),
      Case(
        line: "2026-11-23T01:13:42.071221Z\tinfo\tcache\tgenerated new certificate", level: .info, component: "cache",
        source: nil, message: "generated new certificate"),
      Case(
        line: "2026-11-23T01:13:42.071Z\twarn\tEnvoy proxy is NOT ready", level: .warning, component: "", source: nil,
        message: "Envoy proxy is NOT ready"),
      Case(
        line: "[2026-11-23 00:28:00.511][22614][warning][config] [source/e/impl.cc:81] update rejected: [x] no",
        level: .warning, component: "config", source: "source/e/impl.cc:81", message: "update rejected: [x] no"),
      Case(
        line: "[2026-11-23 00:28:00.511][22614][critical][main] starting", level: .critical, component: "main",
        source: nil, message: "starting"),
      Case(
        line: #"{"level":"error","time":"2026-11-23T01:13:42.071Z","scope":"ads","msg":"failed"}"#, level: .error,
        component: "ads", source: nil, message: "failed"),
    ]
    for expected in cases {
      guard case .component(let line) = ProxyLogLine(expected.line) else {
        Issue.record("not recognized: \(expected.line)")
        continue
      }
      #expect(line.level == expected.level, "\(expected.line)")
      #expect(line.component == expected.component, "\(expected.line)")
      #expect(line.source == expected.source, "\(expected.line)")
      #expect(line.message == expected.message, "\(expected.line)")
      #expect(line.time.hasPrefix("2026-11-23"), "\(expected.line)")
    }
  }
}
