import ProxyLogs
import Testing

/// What proxies write that are no Envoys.
@Suite struct OtherFormatTests {
  private static let ztunnel =
    "2026-11-23T15:32:05.754291Z\tinfo\taccess\tconnection complete\tsrc.addr=10.42.0.9:33772 "
    + #"src.workload="sleep-7656cf8794-6lsm4" src.namespace="default" src.identity="spiffe://cluster.local/ns/default/sa/sleep" "#
    + #"dst.addr=10.42.0.5:15008 dst.hbone_addr=10.42.0.5:9080 dst.service="details.default.svc.cluster.local" "#
    + #"dst.workload="details-v1-857849f66-ft8wx" dst.namespace="default" dst.identity="spiffe://cluster.local/ns/default/sa/bookinfo-details" "#
    + #"direction="outbound" bytes_sent=84 bytes_recv=358 duration="15ms""#

  private static let linkerd =
    "10.42.0.63:51160 traffic.booksapp.serviceaccount.identity.linkerd.cluster.local - "
    + #"[2022-08-23T20:28:20.071809491Z] "GET http://webapp:7000/books?a="b HTTP/2.0" 503"#

  private static let linkerdJSON =
    #"{"client.addr":"10.42.0.70:32996","client.id":"traffic.booksapp","host":"webapp:7000","method":"GET","processing_ns":"39826","#
    + #""request_bytes":"","response_bytes":"19627","status":200,"timestamp":"2022-08-23T20:33:42.321746212Z","total_ns":"14441135","#
    + #""trace_id":"","uri":"http://webapp:7000/","user_agent":"Go-http-client/1.1","version":"HTTP/2.0"}"#

  @Test func aConnectionThroughZtunnel() throws {
    let line = try #require(ProxyLogLine(Self.ztunnel).access)
    #expect(line.format == .ztunnelText && line.direction == .outbound && line.responseCode == nil)
    #expect(line[.sourceWorkload] == "sleep-7656cf8794-6lsm4" && line[.sourceNamespace] == "default")
    #expect(line[.destinationService] == "details.default.svc.cluster.local")
    #expect(line[.destinationWorkload] == "details-v1-857849f66-ft8wx")
    #expect(
      line[.sourceIdentity]?.hasSuffix("/sa/sleep") == true && line[.destinationIdentity]?.hasSuffix("details") == true)
    #expect(line[.upstreamHost] == "10.42.0.5:9080" && line[.downstreamRemoteAddress] == "10.42.0.9:33772")
    #expect(line.bytesSent == 84 && line.bytesReceived == 358 && line.milliseconds == 15)
    #expect(line.startNanoseconds == 1_795_447_925_754_291_000 && line.isError == false)
    #expect(line.upstreamLabel == "details.default.svc.cluster.local")
  }

  @Test func aConnectionThatFailed() throws {
    let reason = "connection closed due to policy rejection: explicitly denied by: istio-system/static_strict"
    let failed = Self.ztunnel + " error=\"\(reason)\""
    let line = try #require(ProxyLogLine(failed).access)
    #expect(line[.transportFailureReason] == reason && line.isError == true)
    let json =
      #"{"level":"error","time":"2026-08-10T08:19:58.950669Z","scope":"access","message":"connection failed","src.addr":"10.244.0.6:57866","#
      + #""dst.addr":"10.244.0.7:15008","dst.hbone_addr":"10.244.0.7:18080","direction":"outbound","bytes_sent":16,"bytes_recv":16,"#
      + #""duration":"1006ms","error":"io error: \"deadline\""}"#
    let other = try #require(ProxyLogLine(json).access)
    #expect(other.format == .accessJSON && other.milliseconds == 1006 && other[.upstreamHost] == "10.244.0.7:18080")
    #expect(other[.transportFailureReason] == "io error: \"deadline\"" && other.isError == true)
    #expect(other.direction == .outbound && other.startNanoseconds != nil)
  }

  @Test func ztunnelsOwnWordsAreWords() throws {
    let line =
      "2026-11-23T15:32:05.754291Z\twarn\txds::client:xds{id=1}\tXDS client connection error: gRPC, retrying in 10ms"
    guard case .component(let component) = ProxyLogLine(line) else {
      Issue.record("taken for something else")
      return
    }
    #expect(component.level == .warning && component.message.hasPrefix("XDS client connection error"))
    #expect(ProxyLogLine("2026-11-23T15:32:05Z\tinfo\taccess\tconnection complete").access == nil)
  }

  @Test func aRequestToLinkerd() throws {
    let line = try #require(ProxyLogLine(Self.linkerd).access)
    #expect(line.format == .linkerdText && line.responseCode == 503 && line.isError == true)
    #expect(line[.path] == "/books?a=\"b" && line[.authority] == "webapp:7000" && line[.protocolName] == "HTTP/2.0")
    #expect(line[.sourceIdentity]?.hasPrefix("traffic.booksapp") == true && line[.method] == "GET")
    #expect(line[.downstreamRemoteAddress] == "10.42.0.63:51160" && line.startNanoseconds != nil)
    let probe = try #require(
      ProxyLogLine(#"10.42.0.1:43682 - - [2022-08-23T20:28:23.049685223Z] "GET /ping HTTP/1.1" 200"#).access)
    #expect(probe[.sourceIdentity] == nil && probe[.path] == "/ping" && probe[.authority] == nil)
  }

  @Test func linkerdsJSONCountsInNanoseconds() throws {
    let line = try #require(ProxyLogLine(Self.linkerdJSON).access)
    #expect(line.format == .linkerdJSON && line.responseCode == 200 && line.milliseconds == 14)
    #expect(line[.duration] == "14" && line[.path] == "/" && line[.authority] == "webapp:7000")
    #expect(line.bytesSent == 19627 && line.bytesReceived == nil && line[.traceID] == nil)
    #expect(line[.sourceIdentity] == "traffic.booksapp" && line[.userAgent] == "Go-http-client/1.1")
    // The same keys in what a component says of itself are its own.
    let other = ProxyLogLine(#"{"level":"info","msg":"up","version":"1.30","host":"x","status":"SERVING"}"#)
    #expect(other.record?[.protocolName] == nil && other.record?[.message] == "up")
  }

  /// Every cut of every line, and every byte of it changed.
  @Test(arguments: [ztunnel, linkerd, linkerdJSON])
  func brokenLines(_ text: String) {
    let line = Array(text.utf8)
    for end in 0...line.count { read(Array(line[..<end])) }
    for place in line.indices {
      for byte in [0x00, 0x20, 0x22, 0x5B, 0x5D, 0x3D, 0x5C, 0xFF] as [UInt8] {
        var changed = line
        changed[place] = byte
        read(changed)
      }
    }
  }

  private func read(_ bytes: [UInt8]) {
    let line = ProxyLogLine(bytes)
    #expect(line.text.count == bytes.count)
    for field in LogField.allCases { _ = line.record?[field] }
    _ = line.record?.isError
  }
}
