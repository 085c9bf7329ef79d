import ProxyLogs
import Peers
import Testing

private let istio =
  #"[2026-11-23T00:32:52.272Z] "GET /details/0 HTTP/1.1" 503 URX,UF upstream_reset{remote|delayed_connect_error:_Connection_refused} ns[default]-policy[deny] "delayed connect error: \"111\"" 7 121 60 12 "10.0.0.1, 10.0.0.2" "Mozilla/5.0 (X11; Linux)" "f4fb9cde" "details:9080" "127.0.10.3:9" outbound|9080||details.default.svc.cluster.local 1.1.1.1:1 127.0.10.2:15001 127.0.0.1:33192 sni.example my route"#
private let istioJSON =
  #"{"route_name":"my route","path":"/details/0","start_time":"2026-11-23T00:32:52.272Z","method":"GET","protocol":"HTTP/1.1","response_code":503,"response_flags":"URX,UF","response_code_details":"upstream_reset{remote|delayed_connect_error:_Connection_refused}","connection_termination_details":"ns[default]-policy[deny]","upstream_transport_failure_reason":"delayed connect error: \\\"111\\\"","bytes_received":7,"bytes_sent":121,"duration":60,"upstream_service_time":"12","x_forwarded_for":"10.0.0.1, 10.0.0.2","user_agent":"Mozilla/5.0 (X11; Linux)","request_id":"f4fb9cde","authority":"details:9080","upstream_host":"127.0.10.3:9","upstream_cluster":"outbound|9080||details.default.svc.cluster.local","upstream_local_address":"1.1.1.1:1","downstream_local_address":"127.0.10.2:15001","downstream_remote_address":"127.0.0.1:33192","requested_server_name":"sni.example","extra":{"a":["}",{"b":"\"]"}]},"also":true}"#
private let envoys =
  #"[2026-11-23T00:32:52.272Z] "GET /details/0 HTTP/1.1" 503 UF 7 121 60 - "10.0.0.1" "curl/8" "f4fb9cde" "details:9080" "127.0.10.3:9""#

@Suite struct AccessLogTests {
  func access(_ line: String) throws -> AccessLogLine { try #require(ProxyLogLine(line).access) }

  @Test(arguments: [istio, istioJSON])
  func everyField(_ text: String) throws {
    let line = try access(text)
    #expect(line[.startTime] == "2026-11-23T00:32:52.272Z")
    #expect(line.startNanoseconds == 1_795_393_972_272_000_000)
    #expect(line[.method] == "GET")
    #expect(line[.path] == "/details/0")
    #expect(line[.protocolName] == "HTTP/1.1")
    #expect(line.responseCode == 503)
    #expect(line.flags == ["URX", "UF"])
    #expect(line[.responseCodeDetails] == "upstream_reset{remote|delayed_connect_error:_Connection_refused}")
    #expect(line[.connectionTerminationDetails] == "ns[default]-policy[deny]")
    #expect(line[.transportFailureReason] == #"delayed connect error: \"111\""#)
    #expect(line.bytesReceived == 7)
    #expect(line.bytesSent == 121)
    #expect(line.duration == .milliseconds(60))
    #expect(line.upstreamServiceTime == .milliseconds(12))
    #expect(line[.forwardedFor] == "10.0.0.1, 10.0.0.2")
    #expect(line[.userAgent] == "Mozilla/5.0 (X11; Linux)")
    #expect(line[.requestID] == "f4fb9cde")
    #expect(line[.authority] == "details:9080")
    #expect(line[.upstreamHost] == "127.0.10.3:9")
    #expect(line.upstreamCluster?.host == "details.default.svc.cluster.local")
    #expect(line[.upstreamLocalAddress] == "1.1.1.1:1")
    #expect(line[.downstreamLocalAddress] == "127.0.10.2:15001")
    #expect(line[.downstreamRemoteAddress] == "127.0.0.1:33192")
    #expect(line[.requestedServerName] == "sni.example")
    #expect(line[.routeName] == "my route")
    #expect(line.direction == .outbound)
    #expect(line.text.string == text)
    #expect(line.format == (text.hasPrefix("{") ? .accessJSON : .istioText))
  }

  @Test func envoysOwnFormat() throws {
    let line = try access(envoys)
    #expect(line.format == .envoyText)
    #expect(line.responseCode == 503)
    #expect(line.duration == .milliseconds(60))
    #expect(line[.upstreamServiceTime] == nil)
    #expect(line[.userAgent] == "curl/8")
    #expect(line[.upstreamHost] == "127.0.10.3:9")
    #expect(line[.upstreamCluster] == nil && line.upstreamCluster == nil && line.direction == nil)
  }

  /// A client can write anything into these headers; what the proxy itself says must stay what it is.
  @Test(arguments: [
    #"x" "y" "z""#, #"" "#, #"""#, "", " ", #"a" "b" "c" "d" "1.2.3.4:5" outbound|1||evil - - - - evil"#, #"\"#,
    "tab\there", "\u{1B}[31m", "\u{0}",
  ])
  func whatAClientCannotGarble(_ sent: String) throws {
    for field in ["10.0.0.1, 10.0.0.2", "Mozilla/5.0 (X11; Linux)", "f4fb9cde"] {
      let parts = istio.split(separator: field, maxSplits: 1).map(String.init)
      let line = try access(parts[0] + sent + parts[1])
      #expect(line.responseCode == 503)
      #expect(line.bytesSent == 121)
      #expect(line.duration == .milliseconds(60))
      #expect(line[.authority] == "details:9080")
      #expect(line[.upstreamHost] == "127.0.10.3:9")
      #expect(line.upstreamCluster?.host == "details.default.svc.cluster.local")
      #expect(line[.routeName] == "my route")
    }
  }

  @Test(arguments: [
    ("outbound|9080|v3|reviews.bookinfo.svc.cluster.local", "reviews/v3:9080"),
    ("outbound|9080||ratings.bookinfo.svc.cluster.local", "ratings:9080"), ("inbound|9080||", "here:9080"),
    ("PassthroughCluster", "PassthroughCluster"), ("-", "127.0.10.3:9"), ("a|b|c|d", "a|b|c|d"),
  ]) func upstreamsInShort(_ cluster: String, _ label: String) throws {
    let line = try access(istio.replacing("outbound|9080||details.default.svc.cluster.local", with: cluster))
    #expect(line.upstreamLabel == label)
  }

  @Test func absentFields() throws {
    let line = try access(
      #"[2026-11-23T00:32:52.746Z] "- - HTTP/1.1" 400 DPE http1.codec_error - "-" 0 11 0 - "-" "-" "-" "-" "-" - - 127.0.10.1:8080 127.0.0.1:32930 - -"#
    )
    for field in [.method, .path, .upstreamCluster, .routeName, .userAgent, .upstreamServiceTime] as [LogField] {
      #expect(line[field] == nil, "\(field)")
      #expect(line.record.withBytes(of: field) { $0.isEmpty }, "\(field)")
    }
    #expect(line[.protocolName] == "HTTP/1.1")
    #expect(line.flags == ["DPE"])
  }

  @Test func jsonWithEscapesAndNulls() throws {
    let line = try access(
      #" {"response_code" : 200 , "user_agent":"caf\u00e9 \ud83d\ude00 \"q\" \\ \n\ud83d \u+1ab","path":null,"route_name":"-","duration":1e3}"#
        .dropFirst().description)
    #expect(line.responseCode == 200)
    #expect(line[.userAgent] == "café 😀 \"q\" \\ \n\u{FFFD} \\u+1ab")
    #expect(line[.path] == nil && line[.routeName] == nil)
    #expect(line.duration == nil, "no whole number of milliseconds")
    #expect(line.flags.isEmpty)
  }

  @Test(arguments: [
    "", " ", "{", "{}", "[", "[]", "[]\"", "[x] \"", "2026", #"{"a":1}"#, #"{"response_code":200}x"#,
    #"{"response_code":200,}"#, #"{"response_code":}"#, #"{"response_code":200"#, #"{"response_code":"200}"#,
    #"{"response_code":{"a":1}"#, #"{"response_code":nope}"#, "plain words", "\tat java.lang.Thread",
    #"[2026-11-23T00:32:52.746Z] "GET / HTTP/1.1" abc -"#, #"[2026-11-23T00:32:52.746Z] "GET" 200 -"#,
  ])
  func whatIsNoAccessLine(_ text: String) {
    guard case .raw(let raw) = ProxyLogLine(text) else {
      Issue.record("taken for \(ProxyLogLine(text))")
      return
    }
    #expect(raw.string == text)
  }

  @Test(arguments: [
    ("2026-11-23T00:32:52Z", 1_795_393_972_000_000_000), ("1970-01-01T00:00:00.000000001Z", 1),
    ("2024-02-29T23:59:60.5Z", 1_709_251_200_500_000_000), ("2026-11-23 00:32:52Z", nil),
    ("2026-13-23T00:32:52Z", nil), ("2026-11-23T00:32:52.Z", nil), ("2026-11-23T00:32:52+01:00", nil),
    ("2026-11-23T00:32:52.1x3Z", nil), ("-", nil),
  ])
  func startTimes(_ text: String, _ nanoseconds: Int64?) throws {
    let line = try access("[" + text + istio.dropFirst(25))
    #expect(line.startNanoseconds == nanoseconds)
  }

  /// Every cut and every single damaged byte of a line of each format: no crash, and every field within the line.
  @Test(arguments: [istio, istioJSON, envoys])
  func damagedLines(_ text: String) {
    let bytes = Array(text.utf8)
    for end in 0...bytes.count { read(Array(bytes[..<end])) }
    for place in bytes.indices {
      for byte in [0, 0x09, 0x0D, 0x1B, 0x20, 0x22, 0x2D, 0x5B, 0x5C, 0x5D, 0x7B, 0x7D, 0x80, 0xC3, 0xFF] as [UInt8] {
        var damaged = bytes
        damaged[place] = byte
        read(damaged)
      }
      var shorter = bytes
      shorter.remove(at: place)
      read(shorter)
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func noise(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let alphabet = Array(#"[]{}":,\ -0129eGETnulx"#.utf8) + [0, 9, 0xC3, 0xFF]
    for _ in 0..<20_000 {
      read((0..<Int.random(in: 0...60, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? 0 })
    }
  }

  /// Asks for everything.
  private func read(_ bytes: [UInt8]) {
    let line = ProxyLogLine(bytes)
    #expect(line.text.count <= bytes.count)
    if case .component(let component) = line { _ = [component.time, component.component, component.message] }
    guard let access = line.access else { return }
    for field in LogField.allCases {
      _ = access[field]
      _ = access.number(field)
    }
    _ = (access.startNanoseconds, access.flags, access.upstreamCluster, access.direction, access.duration)
  }
}
