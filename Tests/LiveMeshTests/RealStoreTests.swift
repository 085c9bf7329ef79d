import CurlTransport
import MeshModel
import Peers
import PrometheusAPI
import Testing
import Transport

@testable import LiveMesh

/// Every query to a real Prometheus, which scrapes counters that grow by as much each second.
@Suite(.timeLimit(.minutes(1))) struct RealStoreTests {
  let edge = EdgeID(from: node("productpage"), to: node("reviews"))

  func eventually<Value>(_ attempt: () async throws -> Value?) async throws -> Value {
    let limit = ContinuousClock.now + .seconds(40)
    while ContinuousClock.now < limit {
      if let value = try await attempt() { return value }
      try await Task.sleep(for: .milliseconds(50))
    }
    throw PeerFailure("it did not come about")
  }

  func line(_ name: String, _ labels: [String: String], _ value: Int) -> String {
    let text = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" }.joined(separator: ",")
    return "\(name){\(text)} \(value)\n"
  }

  @Test func figuresOfARealStore() async throws {
    let target = try ScrapeTarget { scrape in
      var text = ""
      for reporter in ["source", "destination"] {
        text += line("istio_requests_total", istio(reporter), 40 * scrape)
        let took = istio(reporter)
        for (bound, count) in [("10", 20), ("20", 38), ("+Inf", 40)] {
          text += line(
            "istio_request_duration_milliseconds_bucket", took.merging(["le": bound]) { $1 }, count * scrape)
        }
        text += line("istio_request_bytes_sum", took, 1000 * scrape)
        text += line("istio_response_bytes_sum", took, 3000 * scrape)
        let tcp = istio(reporter, to: "mysql", code: "", ["request_protocol": "tcp"])
        text += line("istio_tcp_connections_opened_total", tcp, 2 * scrape)
        text += line("istio_tcp_sent_bytes_total", tcp, 700 * scrape)
        text += line("istio_tcp_received_bytes_total", tcp, 100 * scrape)
      }
      text += line("istio_requests_total", istio("source", version: nil, code: "503", flags: "UH"), 5 * scrape)
      return text
    }
    let prometheus = try Prometheus(scraping: [target.port])
    let endpoint = Endpoint(host: "127.0.0.1", port: try await prometheus.port())
    let store = StoreEdges(PrometheusStore(endpoint, over: CurlClient()), name: "real", clock: .system)

    // Over the shortest window that a second's scrapes allow, so that the window before is full soon.
    let sample = try await eventually {
      do {
        let sample = try await store.sample(in: .namespace("bookinfo"), over: .seconds(4))
        return sample?.edges[edge]?.before.map { $0.requests > 37 * (sample?.window.seconds ?? 0) } == true
          ? sample : nil
      } catch StoreFailure.lacksMetrics { return nil } catch StoreFailure.refused { return nil }
    }
    // On a busy machine scrapes are late, and queries take long; which is said.
    #expect(sample.window >= .seconds(4) && sample.slice >= .seconds(5))
    #expect(sample.remarks.allSatisfy { $0.hasPrefix("percentiles are") || sample.window > .seconds(4) })
    #expect(abs((sample.end - MeshClock.system.now()).seconds) < 5)
    let traffic = try #require(sample.edges[edge])
    let rate = try #require(sample.perSecond(traffic.requests))
    #expect(abs(rate - 40) < 4, "\(rate)")
    #expect(traffic.errors == 0 && traffic.security == .mutualTLS)
    #expect(traffic.p50 == .milliseconds(10))
    #expect(traffic.p95 == .milliseconds(20) && traffic.p99 == .milliseconds(20))
    let bytes = try #require(traffic.bytes)
    #expect(abs(bytes.received / bytes.sent - 3) < 0.01)
    #expect(traffic.history.last.map { $0.requests > 0 && $0.p99 != nil } == true)
    let lost = try #require(sample.edges[EdgeID(from: edge.source, to: node("reviews", nil))])
    #expect(lost.errorRate == 1 && lost.flags.keys.map(\.code) == ["UH"])
    let tcp = try #require(sample.edges[EdgeID(from: edge.source, to: node("mysql"), .tcp)])
    #expect(try abs(#require(tcp.bytes).received / #require(tcp.bytes).sent - 7) < 0.01)

    // Another namespace has no edges here, and the store is known to have data.
    let elsewhere = try await store.sample(in: .namespace("elsewhere"), over: .seconds(4))
    #expect(elsewhere?.edges.isEmpty == true)
    // Then is as it was then, whatever comes.
    let past = try await store.sample(in: .allNamespaces, over: .seconds(4), at: sample.end)
    #expect(past?.end == sample.end && past?.edges[edge]?.requests == traffic.requests)
    let tooEarly = await #expect(throws: StoreFailure.self) {
      try await store.sample(in: .allNamespaces, over: .seconds(4), at: sample.end - .seconds(3600))
    }
    #expect(tooEarly == .lacksMetrics(store: "real", at: sample.end - .seconds(3600)))
  }

  @Test func envoysOwnCountersOfARealStore() async throws {
    let target = try ScrapeTarget { scrape in
      var text = ""
      let labels = [
        "cluster_name": "outbound|9080|v1|reviews.bookinfo.svc.cluster.local", "namespace": "bookinfo",
        "pod": "productpage-v1-7498b5bd44-cvwwt", "app": "productpage", "version": "v1",
      ]
      for (code, count) in [("200", 9), ("503", 1)] {
        text += line("envoy_cluster_upstream_rq", labels.merging(["response_code": code]) { $1 }, count * scrape)
        let kind = ["response_code_class": code.prefix(1) + "xx"].mapValues { String($0) }
        text += line("envoy_cluster_upstream_rq", labels.merging(kind) { $1 }, count * scrape)
      }
      for bound in ["5", "+Inf"] {
        text += line("envoy_cluster_upstream_rq_time_bucket", labels.merging(["le": bound]) { $1 }, 10 * scrape)
      }
      return text
    }
    let prometheus = try Prometheus(scraping: [target.port])
    let endpoint = Endpoint(host: "127.0.0.1", port: try await prometheus.port())
    let store = StoreEdges(PrometheusStore(endpoint, over: CurlClient()), name: "real", clock: .system)
    let sample = try await eventually {
      do {
        let sample = try await store.sample(in: .namespace("bookinfo"), over: .seconds(4))
        return sample?.edges[edge].map { $0.requests > 25 } == true ? sample : nil
      } catch StoreFailure.lacksMetrics { return nil } catch StoreFailure.refused { return nil }
    }
    let traffic = try #require(sample.edges[edge])
    #expect(try abs(#require(traffic.errorRate) - 0.1) < 0.01)
    #expect(traffic.p50.map { $0 > .milliseconds(2) && $0 < .milliseconds(3) } == true)
    #expect(sample.remarks.count == 1)
  }
}
