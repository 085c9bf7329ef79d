import MeshModel
import PrometheusAPI
import Synchronization
import Testing
import Transport

@testable import LiveMesh

@Suite struct StoreFiguresTests {
  let edge = EdgeID(from: node("productpage"), to: node("reviews"))

  /// Rows of p50, p95 and p99 in milliseconds.
  func latencies(_ reporter: String, _ values: [String], _ more: [String: String] = [:]) -> [ScriptedStore.Row] {
    zip(["0.5", "0.95", "0.99"], values).map { (istio(reporter, more.merging(["figure": $0]) { $1 }), $1) }
  }

  @Test func percentilesAreThoseOfTheEndThatIsBelieved() async throws {
    var store = ScriptedStore(rows: [.requests: [(istio("source"), "100"), (istio("destination"), "100")]])
    store.rows[.latency] = latencies("source", ["50", "60", "70"]) + latencies("destination", ["10", "20", "20.5"])
    let traffic = try #require(try await store.sample()?.edges[edge])
    #expect(
      traffic.p50 == .milliseconds(10) && traffic.p95 == .milliseconds(20) && traffic.p99 == .microseconds(20_500))
    // No request was timed there.
    store.rows[.latency] = latencies("source", ["50", "60", "70"]) + latencies("destination", ["NaN", "NaN", "NaN"])
    #expect(try await store.sample()?.edges[edge]?.p50 == .milliseconds(50))
    // Two workloads that are one version: the slower one is told.
    store.rows[.latency] =
      latencies("destination", ["3", "4", "5"])
      + latencies("destination", ["1", "2", "9"], ["source_workload": "productpage-v1-blue"])
    let both = try #require(try await store.sample()?.edges[edge])
    #expect(both.p50 == .milliseconds(3) && both.p99 == .milliseconds(9))
    store.rows[.latency] = latencies("destination", ["+Inf", "-1", "1e300"])
    let none = try #require(try await store.sample()?.edges[edge])
    #expect(none.p50 == nil && none.p95 == nil && none.p99 == nil)
  }

  @Test func theWindowBeforeIsComparedWith() async throws {
    var store = ScriptedStore(rows: [.requests: [(istio("destination"), "100")]])
    store.rows[.before] = [(istio("destination"), "80"), (istio("destination", code: "500"), "20")]
    store.rows[.latencyBefore] = [(istio("destination", ["figure": "0.99"]), "9.9")]
    let before = try #require(try await store.sample()?.edges[edge]?.before)
    #expect(before == EdgeTraffic.Before(requests: 100, errors: 20, p99: .microseconds(9900)))
  }

  @Test func bytesGoTheWayOfRequestsAndAnswers() async throws {
    var store = ScriptedStore(rows: [.requests: [(istio("destination"), "10")]])
    // Istio's "sent" is what goes back.
    store.rows[.volumes] = [
      (istio("destination", ["figure": "requestBytes"]), "1000"), (istio("source", ["figure": "requestBytes"]), "9"),
      (istio("destination", ["figure": "responseBytes"]), "5000"),
      (istio("destination", ["figure": "receivedBytes"]), "70"), (istio("destination", ["figure": "sentBytes"]), "900"),
      (istio("destination", code: "", ["figure": "connections"]), "3"),
      (istio("source", code: "", flags: "UF", ["figure": "connections"]), "2"),
      (istio("destination", ["figure": "else"]), "7"),
    ]
    let sample = try #require(try await store.sample())
    #expect(sample.edges[edge]?.bytes == EdgeTraffic.Bytes(sent: 1000, received: 5000))
    let tcp = try #require(sample.edges[EdgeID(from: edge.source, to: edge.destination, .tcp)])
    #expect(tcp.bytes == EdgeTraffic.Bytes(sent: 70, received: 900))
    #expect(tcp.requests == 5 && tcp.errors == 2 && tcp.codes.isEmpty && tcp.security == .mutualTLS)
  }

  @Test func historyIsCutWhereNothingWasScraped() async throws {
    var store = ScriptedStore(rows: [.requests: [(istio("destination"), "10")]])
    let failed = istio("destination", code: "503")
    store.history = [
      (istio("destination"), [0: 5, 1: 5, 3: 1, 4: 1, 5: 1, 6: 1, 7: 1, 8: 1, 10: 1, 11: 4]), (failed, [9: 2, 11: 1]),
      (istio("source"), [3: 8, 9: .nan]),
    ]
    store.latencyHistory = [
      (istio("destination"), [3: 250, 9: .nan, 11: 20, 10: .infinity]), (istio("source"), [9: 30, 11: 90]),
      (istio("destination", from: "else"), [11: 7]),
    ]
    let history = try #require(try await store.sample()?.edges[edge]?.history)
    // Nothing at all is known of slice 2; in slice 9 there were errors alone.
    #expect(history.count == 9)
    #expect(history.first == EdgeTraffic.Slice(requests: 1, errors: 0, p99: .milliseconds(250)))
    #expect(history[6] == EdgeTraffic.Slice(requests: 2, errors: 2, p99: .milliseconds(30)))
    #expect(history.last == EdgeTraffic.Slice(requests: 5, errors: 1, p99: .milliseconds(20)))
    store.history = []
    #expect(try await store.sample()?.edges[edge]?.history == [])
  }

  @Test(arguments: [
    (1, 10, 10, 5), (1, 60, 60, 5), (15, 10, 60, 60), (15, 300, 300, 60), (5, 10, 20, 20), (1, 900, 900, 75),
    (15, 900, 900, 75),
  ])
  func aWindowHoldsFourScrapes(interval: Int, asked: Int, covered: Int, slice: Int) async throws {
    var store = ScriptedStore(rows: [.requests: [(istio("destination"), "10")]])
    store.interval = interval
    let sample = try #require(try await store.sample(over: .seconds(asked)))
    #expect(sample.window == .seconds(covered) && sample.slice == .seconds(slice))
    #expect(sample.remarks.isEmpty == (asked == covered))
    if interval == 15, asked == 10 {
      #expect(sample.remarks == ["store scrapes every 15 s: figures cover 1 m, not 10 s"])
    }
  }

  @Test(arguments: [1, 200]) func theQueriesDoNotDependOnTheNumberOfNamespaces(namespaces: Int) async throws {
    var store = ScriptedStore()
    store.rows[.requests] = (0..<namespaces).map { number in
      (istio("destination", ["destination_service": "reviews.ns\(number).svc.cluster.local"]), "1")
    }
    let client = store.client()
    let edges = store.edges(client)
    #expect(try await edges.sample(in: .allNamespaces, over: .seconds(60))?.edges.count == namespaces)
    #expect(client.requests.count == 10, "when it was scraped, how often, and seven figures")
    #expect(try await edges.sample(in: .allNamespaces, over: .seconds(60)) != nil)
    #expect(client.requests.count == 18, "how often is known for a while")
  }

  @Test func whatIsHardWorkIsAskedForLessOften() async throws {
    let store = ScriptedStore(rows: [
      .requests: [(istio("destination"), "10")], .latency: latencies("destination", ["1", "2", "3"]),
    ])
    let hand = HandClock()
    let newest = Mutex(ScriptedStore.end)
    let client = ScriptedClient { request in
      if ScriptedStore.question(request).question == .newest {
        return ScriptedStore(newest: newest.withLock { $0 }).client().answer(request)
      }
      // The store takes a second for the latencies, and no time for the rest.
      if ScriptedStore.question(request).question == .latency { hand.advance(.seconds(1)) }
      return store.client().answer(request)
    }
    let edges = store.edges(client, clock: hand.clock)
    for _ in 0..<3 {
      let sample = try await edges.sample(in: .allNamespaces, over: .seconds(60))
      #expect(sample?.edges[edge]?.p99 == .milliseconds(3))
    }
    let asked = client.requests.map { ScriptedStore.question($0).question }
    #expect(asked.filter { $0 == .latency }.count == 1 && asked.filter { $0 == .requests }.count == 3)
    // That they stand for longer than the rest is said.
    newest.withLock { $0 += 6 }
    let later = try await edges.sample(in: .allNamespaces, over: .seconds(60))
    #expect(later?.remarks == ["percentiles are 6 s older than the rest: they are hard work for store"])
  }

  @Test func aStoreThatLiesAboutItsScrapesIsNotAskedForYears() async throws {
    var store = ScriptedStore(rows: [.requests: [(istio("destination"), "10")]])
    store.interval = 700_000_000
    store.history = [(istio("destination"), [11: 5, 12: 1, -500_000_000: 1])]
    let sample = try #require(try await store.sample())
    #expect(sample.window == .seconds(1200))
    #expect(sample.edges[edge]?.history == [EdgeTraffic.Slice(requests: 5, errors: 0)])
  }

  @Test func nothingNewIsNotAskedFor() async throws {
    let store = ScriptedStore(rows: [.requests: [(istio("destination"), "10")]])
    let client = store.client()
    let edges = store.edges(client)
    let end = Timestamp(seconds: ScriptedStore.end)
    #expect(try await edges.sample(in: .allNamespaces, over: .seconds(60), newerThan: end) == nil)
    #expect(client.requests.count == 1)
  }

  @Test func aScopeTakesBothEndsOfItsEdges() async throws {
    let store = ScriptedStore(rows: [.requests: [(istio("destination"), "10")]])
    let client = store.client()
    _ = try await store.edges(client).sample(in: .namespace(#"a"b.c"#), over: .seconds(60))
    let query = try #require(
      client.requests.map(ScriptedStore.question).first { $0.question == .requests }?.parameters["query"])
    for selector in [
      #"{source_workload_namespace="a\"b.c"}"#, #"{destination_workload_namespace="a\"b.c"}"#,
      #"{destination_service_namespace="a\"b.c"}"#, #"{destination_service=~"[^.]+\\.a\"b\\.c\\..+"}"#,
    ] { #expect(query.contains("increase(istio_requests_total\(selector)[60000ms])"), "\(query)") }
  }

  @Test func aPastMomentIsAskedFor() async throws {
    let store = ScriptedStore(rows: [.before: [(istio("destination"), "10")]])
    let client = store.client()
    let moment = Timestamp(seconds: ScriptedStore.end - 3600)
    let sample = try await store.edges(client).sample(in: .allNamespaces, over: .seconds(60), at: moment)
    #expect(sample?.end == moment)
    let times = Set(client.requests.compactMap { ScriptedStore.question($0).parameters["time"] })
    #expect(times == ["\(ScriptedStore.end - 3600).000", "\(ScriptedStore.end - 3660).000"])
  }

  @Test func warningsAndMissingFiguresAreTold() async throws {
    var store = ScriptedStore(rows: [.requests: [(istio("destination"), "10")]])
    store.extra = #","warnings":["replica 2 is down"],"isPartial":true"#
    store.failures[.latency] = .status(422, #"{"status":"error","errorType":"execution","error":"too many samples"}"#)
    let sample = try #require(try await store.sample())
    #expect(sample.edges[edge]?.requests == 10 && sample.edges[edge]?.p99 == nil)
    #expect(
      sample.remarks == [
        "store warns: replica 2 is down", "parts of store do not answer: figures are too low",
        "latency could not be had from store: it cannot compute the query (422): too many samples",
      ])
  }

  @Test func withoutIstiosMetricsEnvoysServe() async throws {
    var store = ScriptedStore()
    store.figure = "envoy envoy_cluster_upstream_rq"
    func labels(_ cluster: String, code: String = "200") -> [String: String] {
      [
        "cluster_name": cluster, "response_code": code, "pod": "productpage-v1-7498b5bd44-cvwwt",
        "namespace": "bookinfo", "app": "productpage", "version": "v1",
      ]
    }
    let cluster = "outbound|9080|v1|reviews.bookinfo.svc.cluster.local"
    store.rows[.requests] = [
      (labels(cluster), "90"), (labels(cluster, code: "503"), "10"), (labels("inbound|9080||"), "7"),
      (labels("prometheus_stats"), "7"), (labels("PassthroughCluster"), "2"),
      (labels("outbound|443||api.example.org"), "3"),
    ]
    let client = store.client()
    let sample = try #require(try await store.edges(client).sample(in: .allNamespaces, over: .seconds(60)))
    #expect(sample.edges.count == 3)
    #expect(sample.edges[edge]?.requests == 100 && sample.edges[edge]?.errors == 10)
    #expect(sample.edges[EdgeID(from: edge.source, to: .passthrough)]?.requests == 2)
    #expect(sample.edges[EdgeID(from: edge.source, to: MeshNode(.external, name: "api.example.org"))]?.requests == 3)
    #expect(sample.remarks.first?.contains("no istio_requests_total") == true)
    let query = client.requests.map(ScriptedStore.question).first { $0.question == .requests }?.parameters["query"]
    #expect(query?.contains(#"envoy_cluster_upstream_rq{response_code!=""}"#) == true)
  }

  @Test func failuresAreOneSentence() async throws {
    var store = ScriptedStore()
    func failure(_ answer: ScriptedClient.Answer) async -> String? {
      store.failures[.newest] = answer
      do {
        _ = try await store.sample()
        return nil
      } catch { return "\(error)" }
    }
    #expect(
      await failure(.failure(.deadlineExceeded(after: .seconds(10))))
        == "the metrics store store: no answer within 10 s")
    #expect(
      await failure(.status(200, "<html>"))
        == "the metrics store store: what answers there is no Prometheus: it sends HTML, as a login page does; check the URL"
    )
    #expect(
      await failure(.status(200, #"{"status":"success","data":{"resultType":"vector","result":[]}}"#))
        == "the metrics store store has no istio_requests_total of the last 5 minutes; does it scrape the proxies (port 15020)?"
    )
    store.failures = [:]
    store.failures[.requests] = .status(400, #"{"status":"error","errorType":"bad_data","error":"parse error"}"#)
    let error = await #expect(throws: StoreFailure.self) { try await store.sample() }
    #expect(error == .refused(store: "store", .badQuery(reason: "parse error")))
  }
}
