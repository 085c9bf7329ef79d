import CurlTransport
import Peers
import PrometheusAPI
import Testing
import Transport

/// The client against a Prometheus that these tests start.
@Suite(.timeLimit(.minutes(1))) struct RealPrometheusTests {
  @Test func whatIsScrapedIsAnswered() async throws {
    let target = try ScrapeTarget { scrape in
      """
      # TYPE requests counter
      requests{path="a\\"b\\\\c"} \(10 * scrape)
      # TYPE took histogram
      took_bucket{le="1"} \(2 * scrape)
      took_bucket{le="10"} \(8 * scrape)
      took_bucket{le="+Inf"} \(9 * scrape)

      """
    }
    let prometheus = try Prometheus(scraping: [target.port])
    let store = PrometheusStore(
      Endpoint(host: "127.0.0.1", port: try await prometheus.port()), over: CurlClient())

    // By POST, with a label that needs every escape.
    let selector = [LabelMatcher("path", .equal, #"a"b\c"#)].selector
    let sample = try await eventually("increase(requests\(selector)[5s]) > 0", of: store)
    #expect(sample.labels["path"] == #"a"b\c"#)
    let pattern = [LabelMatcher("path", .matches, LabelMatcher.literal(#"a"b\c"#))].selector
    #expect(try await store.answer(PrometheusQuery("requests\(pattern)")).samples.count == 1)

    let quantile = try await store.answer(
      PrometheusQuery("histogram_quantile(0.5, took_bucket)", .instant(sample.point.time)))
    #expect(abs((quantile.samples.first?.point.value ?? .nan) - 4.75) < 1e-9)

    // By GET, over a range.
    let reader = PrometheusStore(store.endpoint, over: CurlClient(), method: .get)
    let start = PrometheusTime(milliseconds: sample.point.time.milliseconds - 3000)
    let range = try await reader.answer(
      PrometheusQuery("vector(1)", .range(from: start, to: sample.point.time, step: .seconds(1))))
    #expect(range.series.first?.points.count == 4)

    // What a store says against a query.
    let bad = await #expect(throws: PrometheusError.self) { try await store.answer(PrometheusQuery("sum by (")) }
    guard case .badQuery(let reason) = bad else { return #expect(Bool(false), "\(String(describing: bad))") }
    #expect(reason.contains("parse error"))
    let both = #"{__name__=~"took_bucket|requests"}"#
    let clash = PrometheusQuery("label_replace(\(both), \"le\", \"x\", \"\", \"\") * on(le) \(both)")
    let failed = await #expect(throws: PrometheusError.self) { try await store.answer(clash) }
    guard case .notComputable = failed else { return #expect(Bool(false), "\(String(describing: failed))") }
    let lost = PrometheusStore(
      Endpoint(host: "127.0.0.1", port: store.endpoint.port, basePath: "/nowhere"), over: CurlClient())
    let missing = await #expect(throws: PrometheusError.self) { try await lost.answer(PrometheusQuery("up")) }
    #expect(missing == .notFound(path: "/nowhere/api/v1/query"))
  }

  func eventually(_ expression: String, of store: PrometheusStore) async throws -> PrometheusAnswer.Sample {
    let limit = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < limit {
      if let sample = try? await store.answer(PrometheusQuery(expression)).samples.first { return sample }
      try await Task.sleep(for: .milliseconds(50))
    }
    throw PeerFailure("\(expression) stays empty")
  }
}
