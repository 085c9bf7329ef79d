import Peers
import ProxyLogs
import Testing

@Suite struct AccessLogFormatTests {
  private static let istio =
    #"[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% "#
    + #"%RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% "%UPSTREAM_TRANSPORT_FAILURE_REASON%" %BYTES_RECEIVED% "#
    + #"%BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "#
    + #""%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%" %UPSTREAM_CLUSTER% %UPSTREAM_LOCAL_ADDRESS% "#
    + "%DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% %ROUTE_NAME%\n"

  private func access(_ line: String, _ format: String) throws -> AccessLogLine? {
    ProxyLogLine(Array(line.utf8), formats: [try AccessLogFormat(format)]).access
  }

  /// Istio's own format, given as a custom one, finds what the reader made for it finds.
  @Test(.enabled(if: Recordings.isThere, "MESHDECK_RECORDINGS is not set"))
  func istiosFormatIsReadAsByItsOwnReader() throws {
    let format = try AccessLogFormat(Self.istio)
    for bytes in try Recordings.lines("envoy-file-xds/access_samples.istio_text.log") {
      let own = try #require(ProxyLogLine(bytes).access)
      let custom = try #require(ProxyLogLine(bytes, formats: [format]).access)
      #expect(custom.format == .customText && own.format == .istioText)
      for field in LogField.allCases { #expect(own[field] == custom[field], "\(field) of \(own.text.string)") }
    }
  }

  @Test func aFormatOfOnesOwn() throws {
    let format =
      "%START_TIME% code=%RESPONSE_CODE% took=%DURATION%ms 100%% %REQ(:METHOD):3% %REQ(X-TENANT)% %ROUTE_NAME%"
    let line = try #require(
      try access("2026-11-23T00:32:52.272Z code=503 took=12ms 100% GET some tenant my-route", format))
    #expect(line.responseCode == 503 && line.milliseconds == 12 && line[.method] == "GET")
    #expect(line.startNanoseconds != nil)
    // The literals are all there is to tell it by; what is otherwise is not of this format.
    #expect(try access("2026-11-23T00:32:52.272Z code=5x3 took=12ms 100% GET a b", format) == nil)
    #expect(try access("", format) == nil)
    // Lines of known formats are read beside it.
    let other = try #require(try access(#"{"response_code":200,"start_time":"2026-11-23T00:32:52.272Z"}"#, format))
    #expect(other.format == .accessJSON)
  }

  @Test func anObjectOfFormats() throws {
    let format =
      #"{"status": "%RESPONSE_CODE%", "took": %DURATION%, "req": "%REQ(:METHOD)% %REQ(:PATH)%", "fixed": "x"}"#
    let line = try #require(
      try access(#"{"more":[1,{"a":"}"}],"req":"GET /a%22b","took":17,"fixed":"x","status":"500"}"#, format))
    #expect(line.format == .customJSON && line.responseCode == 500 && line.milliseconds == 17 && line.isError == true)
    #expect(line[.method] == "GET" && line[.path] == "/a%22b")
    #expect(try access(#"{"req":"GET /a","took":null,"fixed":"x","status":500}"#, format)?.milliseconds == nil)
    // What lacks a key is another one's object.
    #expect(try access(#"{"req":"GET /a","took":1,"status":500}"#, format) == nil)
    #expect(try access(#"{"req":"GET /a","took":1,"fixed":"y","status":500}"#, format) == nil)
  }

  /// A client's header may hold what stands between the operators: it garbles what clients write, and nothing else.
  @Test func aClientForgesNothingButItsOwnHeaders() throws {
    let format = #""%REQ(USER-AGENT)%" %RESPONSE_CODE% "%REQ(X-FORWARDED-FOR)%" %UPSTREAM_HOST% %DURATION%"#
    let line = try #require(try access(#""curl" 200 "1.2.3.4" 9 "me" 503 "10.0.0.1" 10.0.0.9:80 7"#, format))
    #expect(line[.upstreamHost] == "10.0.0.9:80" && line.milliseconds == 7)
    let tail = try #require(
      try access(#"503 7 "a" 200 8 "b" x.y:80"#, #"%RESPONSE_CODE% %DURATION% "%REQ(USER-AGENT)%" %UPSTREAM_HOST%"#))
    #expect(tail.responseCode == 503 && tail.milliseconds == 7 && tail[.upstreamHost] == "x.y:80")
    #expect(tail[.userAgent] == #"a" 200 8 "b"#)
  }

  @Test(arguments: [
    ("%RESPONSE_CODE", 1, "closed by %"), ("a %REQ(:PATH% b", 3, "not closed"),
    ("%RESPONSE_CODE%%DURATION%", 16, "nothing"),
    ("only words", 1, "operators"), ("% %", 1, "name is missing"), ("%DURATION:%", 11, "length"), ("", 1, "operators"),
    ("%DURATION%\nmore", 11, "one line"), (#"{"a": "%DURATION%""#, 19, "missing"),
    (#"{"a": {"b": 1}}"#, 7, "another object"),
    (#"{a: 1}"#, 2, "key in quotes"), (#"{"a": "x"}"#, 1, "operators"),
    (#"{"a": "%DURATION%"} x"#, 21, "behind the object"),
    (#"{"a": "%DURATION%", "a": "%RESPONSE_CODE%"}"#, 21, "the key “a” is there already"),
  ])
  func whatIsNoFormatIsSaidWithItsPlace(_ text: String, _ column: Int, _ words: String) {
    do throws(AccessLogFormat.Problem) {
      _ = try AccessLogFormat(text)
      Issue.record("\(text) was taken")
    } catch {
      #expect(error.column == column && error.what.contains(words), "\(text): \(error)")
    }
  }

  @Test func operatorsThatAreNotKnownAreToldWithTheirPlaces() throws {
    let format = try AccessLogFormat("%RESPONSE_CODE% %CUSTOM_THING(a b)% %REQ(X)%")
    #expect(format.unknownOperators.map(\.name) == ["CUSTOM_THING"] && format.unknownOperators.map(\.column) == [18])
  }

  /// Whatever somebody gives as a format, and whatever line is read by it.
  @Test(arguments: 0..<30 as Range<UInt64>)
  func anyFormatAndAnyLine(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let parts = [
      "%RESPONSE_CODE%", "%DURATION%", "%REQ(:PATH)%", "%REQ(USER-AGENT):5%", "%START_TIME(%Y)%", "%ROUTE_NAME%", "%",
      "%%", "(", ")", ":",
      " ", "\"", "[", "]", "{", "}", ",", "\"a\"", "-", "7", "é", "\\", "\u{0}",
    ]
    func text(_ most: Int) -> String {
      (0..<Int.random(in: 0...most, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }.joined()
    }
    for _ in 0..<400 {
      let written = Bool.random(using: &random) ? text(10) : "{\"a\":\"\(text(3))\",\"b\":\(text(2))}"
      do throws(AccessLogFormat.Problem) {
        let format = try AccessLogFormat(written)
        for _ in 0..<5 {
          let line = ProxyLogLine(Array(text(14).utf8), formats: [format])
          for field in LogField.allCases { _ = line.record?[field] }
        }
      } catch {
        #expect((1...written.count + 1).contains(error.column), "seed \(seed): \(written): \(error)")
      }
    }
  }

  /// What a format writes, it reads: each operator's value is found again.
  @Test(arguments: 0..<30 as Range<UInt64>)
  func whatIsWrittenIsReadAgain(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let operators: [(name: String, field: LogField, values: [String])] = [
      ("%RESPONSE_CODE%", .responseCode, ["0", "200", "503", "-"]), ("%DURATION%", .duration, ["0", "17", "-"]),
      ("%REQ(:METHOD)%", .method, ["GET", "POST"]), ("%REQ(:PATH)%", .path, ["/", "/a\"b", "/x?y=[z]"]),
      ("%RESPONSE_FLAGS%", .responseFlags, ["-", "UF", "URX,UF"]),
      ("%UPSTREAM_HOST%", .upstreamHost, ["-", "10.0.0.1:80", "[fd00::1]:80"]),
      ("%UPSTREAM_CLUSTER%", .upstreamCluster, ["-", "outbound|80||a.b.svc.cluster.local"]),
    ]
    for _ in 0..<100 {
      let chosen = operators.shuffled(using: &random).prefix(Int.random(in: 1...6, using: &random))
      // One header that may hold anything, at any place.
      let header = Int.random(in: 0...chosen.count, using: &random)
      var format = "", line = "", expected: [(LogField, String)] = []
      for (place, one) in chosen.enumerated() {
        if place == header { format += "\"%REQ(USER-AGENT)%\" "; line += "\"a\" 1 \"b\" " }
        let value = one.values.randomElement(using: &random) ?? "-"
        format += one.name + " "
        line += value + " "
        expected.append((one.field, value))
      }
      format += "end"
      line += "end"
      let access = try #require(try access(line, format), "seed \(seed): \(format): \(line)")
      for (field, value) in expected {
        #expect(access[field] == (value == "-" ? nil : value), "seed \(seed): \(field) of \(format): \(line)")
      }
    }
  }
}
