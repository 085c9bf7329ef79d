import MeshModel
import ProxyLogs
import Testing

@Suite struct LogFilterTests {
  static let outbound =
    #"[2026-11-23T00:32:52.272Z] "GET /api/v1/details?id=7 HTTP/1.1" 503 URX,UF upstream_reset_before_response_started{connection_failure} - "-" 7 121 612 12 "10.0.0.1, 10.0.0.2" "Mozilla/5.0 (X11; Linux)" "f4fb9cde" "reviews:9080" "127.0.10.3:9080" outbound|9080|v3|reviews.bookinfo.svc.cluster.local 1.1.1.1:1 127.0.10.2:15001 127.0.0.1:33192 - default"#
  static let inbound =
    #"[2026-11-23T00:32:52.272Z] "POST /reviews/0 HTTP/2" 200 - via_upstream - "-" 0 37 10 10 "-" "curl/8" "ff885d60" "reviews:9080" "10.1.0.6:9080" inbound|9080|| 127.0.0.6:42998 10.1.0.6:9080 10.1.0.2:41002 outbound_.9080_.v3_.reviews.bookinfo.svc.cluster.local default"#
  static let component =
    "2026-11-23T01:13:42.071Z\twarning\tenvoy config external/envoy/source/g.h:163\tgRPC closed: 14\tthread=22"

  private func line(_ text: String) -> LogLine {
    LogLine(ProxyLogLine(text), proxy: ProxyID("productpage-v1-7d5.bookinfo"), arrival: Timestamp(seconds: 5))
  }

  private func holds(_ filter: String, _ text: String) throws -> Bool { try LogFilter(filter).matches(line(text)) }

  @Test(arguments: [
    "code >= 500", "code = 503", "code < 504 and code > 502", "flags ~ UF", "flags = UF", "flags = urx",
    "flags = URX,UF", "flags != UH", "path ~ /api", "path ~ /api/", "path ~ /v\\d+/", "path !~ /^.reviews/", "ms > 500",
    "ms = 612", "upms < 20", "dst = v3", "dst = reviews", "dst = reviews/v3", "dst ~ bookinfo", "dst = 127.0.10.3:9080",
    "src = productpage-v1-7d5", "src ~ product", "src = 10.0.0.1", "dir = out", "method = get", "host = reviews:9080",
    "details ~ connection_failure", "sent = 121", "received = 7", "id = f4fb9cde", "ua ~ \"5.0 (x11\"",
    "xff ~ 10.0.0.2",
    "route = default", "sni = -", "proto = HTTP/1.1", "pod ~ productpage", "ns = bookinfo", "error", "!dir = in",
    "connection_failure", "/reset_[a-z]+_response/", "/RESET_/i", "productpage", "code >= 500 path ~ api",
    "not path ~ health and (flags ~ UF or ms > 10000)", "client ~ 127.0.0.1", "upstream = 127.0.10.3:9080",
    #"cluster ~ "|v3|""#,
  ])
  func holding(_ filter: String) throws { #expect(try holds(filter, Self.outbound)) }

  @Test(arguments: [
    "code >= 504", "flags = U", "flags !~ UF", "path = /api", "ms > 612", "dst = v2",
    "src = reviews", "level >= debug", "not level >= debug", "/RESET_/", "!error", "component = config",
    "component != config", "trace != -",
  ])
  func notHolding(_ filter: String) throws { #expect(try !holds(filter, Self.outbound)) }

  @Test func anInboundRequestIsTheWritersOwn() throws {
    for filter in [
      "dir = in", "dst ~ productpage", "src = 10.1.0.2", "src ~ 10.1.0.2:41002", "flags = -", "flags !~ UF", "!error",
    ] {
      #expect(try holds(filter, Self.inbound), "\(filter)")
    }
    #expect(try !holds("src ~ productpage", Self.inbound))
  }

  @Test func linesOfComponentsAreAskedByLevel() throws {
    for filter in ["level >= warn", "level = warning", "level < error", "component = config", "msg ~ grpc", "grpc"] {
      #expect(try holds(filter, Self.component), "\(filter)")
    }
    for filter in ["level >= error", "code < 1000", "not code >= 500", "flags != UF", "error", "path ~ e"] {
      #expect(try !holds(filter, Self.component), "\(filter)")
    }
  }

  @Test func ofARawLineOnlyTheWordsAreKnown() throws {
    #expect(try holds("stack", "\tat java.lang.Stacktrace") && holds("/\\bat\\b/", "\tat java.lang"))
    #expect(try !holds("code < 500", "words") && !holds("not code < 500", "words"))
    #expect(try holds("not code < 500 or words", "words"))
  }

  @Test func escapesOfJSONAreResolvedBeforeTheyAreCompared() throws {
    let text = #"{"response_code":200,"path":"/a\u0062c\"d","user_agent":"caf\u00e9"}"#
    #expect(try holds(#"path = '/abc"d'"#, text) && holds("ua ~ /caf\u{E9}$/", text) && holds("ua = café", text))
  }

  @Test(arguments: [
    ("cod >= 500", "column 1: there is no “cod” (did you mean code?)"),
    ("code >= many", "column 9: “many” is no number: write code > 10"),
    ("level >= loud", "column 10: “loud” is none of trace, debug, info, warning, error, critical"),
    ("path ~ /a(b/", "column 12: this pattern is wrong: missing closing parenthesis"),
    ("/a[/", "column 4: this pattern is wrong: missing terminating ] for character class"),
    ("code ~ 5", "column 6: code is a figure"), ("path = /a/", "column 6: a pattern is compared by ~ or !~"),
    ("code > /5/", "column 8: a pattern is compared with texts alone, and code is none"), ("(code > 1", "column 1"),
    ("", "column 1: an expression is missing, such as code > 10"),
  ])
  func problemsTellTheirPlace(_ text: String, _ expected: String) {
    do throws(ExpressionProblem) {
      _ = try LogFilter(text)
      Issue.record("\(text) was taken")
    } catch { #expect(error.description.hasPrefix(expected), "\(error)") }
  }

  @Test(arguments: [
    ("co", 2, ["code", "component"]), ("code >= 500 and fl", 18, ["flags"]), ("level >= w", 10, ["warning"]),
    ("flags ~ U", 9, ["UAEX", "UC", "UDO", "UF", "UH", "UMSDR", "UO", "UPE", "UR", "URX", "UT"]),
    ("(!er", 4, ["error"]), ("dir=", 4, ["in", "out"]), ("\"co", 3, nil), ("nothing", 7, nil),
    ("ms > 5 x", 2, ["ms", "msg"]), ("path ~ /a", 9, nil),
  ])
  func completion(_ text: String, _ cursor: Int, _ expected: [String]?) {
    #expect(LogFilter.completion(of: text, at: cursor)?.choices.map(\.word) == expected)
  }
}
