import MeshModel
import Peers
import ProxyLogs
import Testing

@Suite struct LogExplanationTests {
  private func explanation(
    _ code: Int, flags: String = "-", details: String = "via_upstream", reason: String = "-",
    cluster: String = "outbound|9080|v3|reviews.shop.svc.cluster.local", host: String = "10.0.0.7:9080"
  ) throws -> LogExplanation {
    let text =
      "[2026-11-23T00:32:52.543Z] \"GET /a HTTP/1.1\" \(code) \(flags) \(details) - \"\(reason)\" 0 0 1 - \"-\" \"ua\" \"id\" "
      + "\"reviews\" \"\(host)\" \(cluster) 10.0.0.1:4 10.0.0.9:80 10.0.0.1:5 - r"
    let access = try #require(ProxyLogLine(text).access)
    return LogExplanation(
      AccessFields(access), pods: ["10.0.0.7": ProxyID("reviews-v3-x.shop"), "fd00::7": ProxyID("six.shop")])
  }

  @Test func anOrdinaryAnswerNeedsNone() throws {
    let ordinary = try explanation(200)
    #expect(ordinary.notes.isEmpty)
    #expect(ordinary.upstream?.description == "reviews/v3:9080 in shop, pod reviews-v3-x, 10.0.0.7:9080")
    #expect(try explanation(404, flags: "NR", details: "route_not_found", cluster: "-", host: "-").upstream == nil)
    #expect(
      try explanation(200, cluster: "PassthroughCluster", host: "[fd00::7]:80").upstream?.pod == ProxyID("six.shop"))
  }

  @Test func everyKnownFlagHasAMeaningACauseAndAPlaceToLook() {
    #expect(ResponseFlag.known.count == 30)
    for flag in ResponseFlag.known {
      #expect(flag.meaning?.isEmpty == false && flag.usualCause?.isEmpty == false && flag.next?.isEmpty == false)
    }
    let unknown = ResponseFlag("XYZ")
    #expect(unknown.meaning == nil && unknown.next == nil && unknown.description == "XYZ")
  }

  /// The details say the same as the flag, unless they say why.
  @Test func nothingIsSaidTwice() throws {
    #expect(try explanation(404, flags: "NR", details: "route_not_found").notes.map(\.term) == ["NR"])
    #expect(try explanation(503, flags: "UFX", details: "filter_x").notes.map(\.term) == ["UFX", "filter_x"])
    let refused =
      "upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused}"
    let failed = try explanation(
      503, flags: "URX,UF", details: refused, reason: "delayed_connect_error:_Connection_refused")
    #expect(failed.notes.map(\.term) == ["URX", "UF", refused])
    #expect(failed.notes[2].usualCause == "nothing listens there")
    let tls = try explanation(
      503, details: "upstream_reset_before_response_started{remote_connection_failure|TLS_error:|2:W:TLS_error_end}")
    #expect(tls.notes[0].next?.contains("PeerAuthentication") == true)
  }

  @Test func aDenialNamesItsPolicy() throws {
    let denied = try explanation(
      403, details: "rbac_access_denied_matched_policy[ns[shop]-policy[deny-admin]-rule[2]]", cluster: "inbound|9080||")
    #expect(denied.notes[0].meaning == "refused by AuthorizationPolicy shop/deny-admin, rule 2")
    let none = try explanation(403, details: "rbac_access_denied_matched_policy[none]")
    #expect(none.notes[0].meaning?.contains("none of them allows") == true)
    // Names of others are shown as they are.
    #expect(ResponseDetail("rbac_access_denied_matched_policy[mine]").denial == nil)
    #expect(ResponseDetail("rbac_access_denied_matched_policy[mine]").argument == "mine")
    // The caller's side knows no more than that the other one refused.
    #expect(try explanation(403).notes.map(\.term) == ["via_upstream"])
  }

  /// Whatever stands there.
  @Test(arguments: 0..<20 as Range<UInt64>)
  func anyDetailsAreRead(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let parts = [
      "rbac_access_denied_matched_policy", "[", "]", "{", "}", "(", "ns[", "-policy[", "rule[", "99999999999999999999",
      "é", "|", "none",
    ]
    for _ in 0..<300 {
      let text = (0..<Int.random(in: 0...9, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }
        .joined()
      let detail = ResponseDetail(text)
      #expect(text.hasPrefix(detail.name), "seed \(seed): \(text)")
      #expect(detail.argument.map { text.contains($0) } != false)
      _ = (detail.meaning, detail.usualCause, detail.next)
    }
  }
}

@Suite(.enabled(if: Recordings.isThere, "MESHDECK_RECORDINGS is not set"))
struct RecordedExplanationTests {
  /// Of all outcomes that real proxies wrote, whatever failed is explained.
  @Test func everyRecordedOutcomeIsExplained() throws {
    for file in ["access_samples.istio_text.log", "access_samples.json.log"] {
      for line in try Recordings.lines("envoy-file-xds/" + file) {
        let access = AccessFields(try #require(ProxyLogLine(line).access))
        let explanation = LogExplanation(access)
        for note in explanation.notes { #expect(note.meaning != nil && note.next != nil, "\(note.term)") }
        #expect(access.code < 400 && access.code > 0 || !explanation.notes.isEmpty, "\(access.line.text.string)")
      }
    }
  }
}
