import PrometheusAPI
import Testing
import Transport

@Suite struct QueryTests {
  let endpoint = Endpoint(host: "store", port: 9090, basePath: "/prometheus")
  let moment = PrometheusTime(milliseconds: 1_795_395_223_007)

  func text(_ request: HTTPRequest) -> String { String(decoding: request.body ?? [], as: UTF8.self) }

  @Test func anInstantQueryIsAForm() {
    let request = PrometheusQuery("up{a=\"b c\"} > 0", .instant(moment), timeout: .milliseconds(2500))
      .request(.post, to: endpoint, deadline: .seconds(3))
    #expect(request.method == .post && request.endpoint == endpoint)
    #expect(request.target == "/api/v1/query")
    #expect(request.headers["Content-Type"] == "application/x-www-form-urlencoded")
    #expect(text(request) == "query=up%7Ba%3D%22b%20c%22%7D%20%3E%200&time=1795395223.007&timeout=2.500")
    #expect(request.deadline == .seconds(3) && request.headDeadline == .seconds(3))
  }

  @Test func aRangeQueryNamesItsSteps() {
    let span = PrometheusQuery.Span.range(
      from: PrometheusTime(milliseconds: 0), to: PrometheusTime(milliseconds: 60_000), step: .seconds(5))
    let request = PrometheusQuery("up", span).request(.post, to: endpoint, deadline: .seconds(3))
    #expect(request.target == "/api/v1/query_range")
    #expect(text(request) == "query=up&start=0.000&end=60.000&step=5.000")
  }

  @Test func whereOnlyReadingPassesTheQueryStandsInTheTarget() {
    let request = PrometheusQuery("up").request(.get, to: endpoint, deadline: .seconds(3))
    #expect(request.method == .get && request.body == nil && request.headers["Content-Type"] == nil)
    #expect(request.target == "/api/v1/query?query=up")
  }

  @Test(
    arguments: [
      (0, "0.000"), (1, "0.001"), (1_050, "1.050"), (-1_500, "-1.500"), (.max, "9223372036854775.807"),
      (.min, "-9223372036854775.808"),
    ] as [(Int64, String)])
  func timesAreSeconds(_ milliseconds: Int64, _ text: String) {
    #expect(PrometheusTime(milliseconds: milliseconds).description == text)
  }

  @Test(arguments: [
    ("bookinfo", #"ns="bookinfo""#), (#"a"} or up{x="#, #"ns="a\"} or up{x=""#), (#"a\"#, #"ns="a\\""#),
    ("a\nb\u{1B}\0\u{7F}", #"ns="a\nb\x1b\x00\x7f""#), ("é", #"ns="é""#),
  ])
  func noValueEndsItsQuotes(_ value: String, _ matcher: String) {
    #expect(LabelMatcher("ns", .equal, value).description == matcher)
  }

  @Test func aLiteralIsNoPattern() {
    #expect(LabelMatcher.literal("a.b|c*(d)[e]{f}^$\\+?") == #"a\.b\|c\*\(d\)\[e\]\{f\}\^\$\\\+\?"#)
    #expect(
      [LabelMatcher("a", .matches, #"b\..+"#), LabelMatcher("c", .notEqual, "")].selector == #"{a=~"b\\..+",c!=""}"#)
  }
}
