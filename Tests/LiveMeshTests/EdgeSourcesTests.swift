import KubernetesAPI
import MeshModel
import Peers
import PrometheusAPI
import Synchronization
import Testing
import Transport

@testable import LiveMesh

@Suite(.timeLimit(.minutes(1))) struct EdgeSourcesTests {
  let edge = EdgeID(from: node("productpage"), to: node("reviews"))
  let logged = EdgeSample(
    end: Timestamp(seconds: 5), window: .seconds(60), source: .accessLogs, remarks: ["some logs are not read"],
    edges: [:])

  func sources(_ choice: MetricsStore, _ client: any HTTPClient, _ clock: MeshClock) -> EdgeSources {
    let access = ClusterAccess(context: "test", endpoint: Endpoint(host: "kube"))
    let kubernetes = KubernetesClient(access, over: client, gate: .readOnly)
    return EdgeSources(choice, finder: StoreFinder(kubernetes: kubernetes, client: client, clock: clock), clock: clock)
  }

  func logs() -> Hub<EdgeSample> { Hub { [logged] in $0.publish(logged) } }

  /// The first value, or trouble, that a hub gives.
  func first(_ hub: Hub<EdgeSample>) async -> FeedEvent<EdgeSample>? {
    for await event in hub.feed() where event != .connecting { return event }
    return nil
  }

  func address() throws -> MetricsStore { try #require(MetricsStore("http://store:9090")) }

  @Test func theStoreServesWhileItAnswers() async throws {
    let client = ScriptedStore(rows: [.requests: [(istio("destination"), "10")]]).client()
    let hub = sources(try address(), client, HandClock().clock)
      .edges(in: .allNamespaces, over: .seconds(60), names: { EdgeNames() }, logs: logs())
    defer { hub.close() }
    guard case .value(let sample) = await first(hub) else { return #expect(Bool(false), "a value") }
    #expect(sample.source == .store(name: "http://store:9090"))
    #expect(sample.edges[edge]?.requests == 10)
  }

  @Test func theLogsServeWithTheReasonAndTheStoreIsTriedAgain() async throws {
    let isDown = Mutex(true)
    let store = ScriptedStore(rows: [.requests: [(istio("destination"), "10")]]).client()
    let client = ForwardingClient { request throws(TransportError) in
      if isDown.withLock({ $0 }) { throw .unreachable(request.endpoint, reason: "Connection refused") }
      return try await store.send(request)
    }
    let hand = HandClock()
    let hub = sources(try address(), client, hand.clock)
      .edges(in: .allNamespaces, over: .seconds(60), names: { EdgeNames() }, logs: logs())
    defer { hub.close() }
    var sources: [EdgeSample.Source] = []
    for await event in hub.feed() {
      guard case .value(let sample) = event else { continue }
      sources.append(sample.source)
      if sample.source != .accessLogs { break }
      #expect(
        sample.remarks == [
          "some logs are not read",
          "the metrics store http://store:9090: cannot connect to http://store:9090: Connection refused",
        ])
      isDown.withLock { $0 = false }
      // The sleeper may not sleep yet: it is woken until it goes on.
      Task {
        while hub.newest?.source == .accessLogs {
          hand.advance(.seconds(60))
          await Task.yield()
        }
      }
    }
    #expect(sources.last == .store(name: "http://store:9090"))
  }

  @Test func whereNoneIsWantedTheLogsServeAlone() async throws {
    let client = ScriptedStore().client()
    let hub = sources(.off, client, HandClock().clock)
      .edges(in: .allNamespaces, over: .seconds(60), names: { EdgeNames() }, logs: logs())
    defer { hub.close() }
    #expect(await first(hub) == .value(logged))
    #expect(client.requests.isEmpty)
  }

  @Test func thePastIsKnownToNoLog() async throws {
    let client = ScriptedClient { _ in .status(404, "") }
    let hub = sources(.wellKnown, client, HandClock().clock).edges(
      in: .allNamespaces, over: .seconds(60), at: Timestamp(seconds: 1), names: { EdgeNames() }, logs: logs())
    defer { hub.close() }
    guard case .trouble(let trouble) = await first(hub) else { return #expect(Bool(false), "trouble") }
    #expect(trouble.what == "no metrics store is known; give its address with --prometheus URL")
  }

  @Test func aServiceOfTheClusterIsFoundAndReadThroughTheAPIServer() async throws {
    let service = """
      {"apiVersion":"v1","kind":"Service","metadata":{"name":"prometheus-server","namespace":"monitoring"},
       "spec":{"ports":[{"name":"grpc","port":10901},{"name":"http","port":80}]}}
      """
    let vector: @Sendable (String) -> ScriptedClient.Answer = { rows in
      .status(200, #"{"status":"success","data":{"resultType":"vector","result":[\#(rows)]}}"#)
    }
    let client = ScriptedClient { request in
      let target = request.target
      if target.hasSuffix("/namespaces/monitoring/services/prometheus-server") { return .status(200, service) }
      guard target.contains("/services/http:prometheus-server:80/proxy/api/v1/query") else { return .status(404, "{}") }
      if target.contains("timestamp") {
        return vector(#"{"metric":{"figure":"istio istio_requests_total"},"value":[1,"1795395223"]}"#)
      }
      return vector("")
    }
    let hub = sources(.wellKnown, client, HandClock().clock)
      .edges(in: .allNamespaces, over: .seconds(60), names: { EdgeNames() }, logs: logs())
    defer { hub.close() }
    guard case .value(let sample) = await first(hub) else { return #expect(Bool(false), "a value") }
    #expect(sample.source == .store(name: "monitoring/prometheus-server"))
    #expect(client.writes.isEmpty, "a session that only reads may ask")
    #expect(client.requests.count < 32)
  }

  @Test func whereNothingIsFoundNobodyIsBlamed() async throws {
    let hub = sources(.wellKnown, ScriptedClient { _ in .status(403, "{}") }, HandClock().clock)
      .edges(in: .allNamespaces, over: .seconds(60), names: { EdgeNames() }, logs: logs())
    defer { hub.close() }
    #expect(await first(hub) == .value(logged))
  }

  @Test func theFirstStoreThatKnowsTheMeshIsAsked() async throws {
    let empty = #"{"status":"success","data":{"resultType":"vector","result":[]}}"#
    let service = #"{"metadata":{"name":"prometheus","namespace":"x"},"spec":{"ports":[{"port":9090}]}}"#
    let client = ScriptedClient { request in
      let target = request.target
      if target.hasSuffix("/services/prometheus") { return .status(200, service) }
      if target.contains("/namespaces/linkerd-viz/"), target.contains("timestamp") {
        return .status(
          200,
          #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"figure":"istio x"},"value":[1,"9"]}]}}"#
        )
      }
      return target.contains("/proxy/") ? .status(200, empty) : .status(404, "{}")
    }
    let hub = sources(.wellKnown, client, HandClock().clock)
      .edges(in: .allNamespaces, over: .seconds(60), names: { EdgeNames() }, logs: logs())
    defer { hub.close() }
    guard case .value(let sample) = await first(hub) else { return #expect(Bool(false), "a value") }
    #expect(sample.source == .store(name: "linkerd-viz/prometheus"))
  }

  @Test(arguments: [
    ("http://store:9090", "http://store:9090", nil), ("store:9090/prometheus/", "http://store:9090/prometheus", nil),
    ("https://u:p@store", "https://store", "Basic dTpw"), ("u:p@store:1", "http://store:1", "Basic dTpw"),
    ("http://u:a%40b%3Ac@store/x@y", "http://store/x@y", "Basic dTphQGI6Yw=="),
    ("http://u:a@b@store", "http://store", "Basic dTphQGI="),
  ])
  func addressesWithALogin(_ text: String, _ address: String, _ authorization: String?) throws {
    guard case .address(let endpoint, let login) = try #require(MetricsStore(text)) else {
      return #expect(Bool(false), "an address")
    }
    #expect(endpoint.description == address && login?.authorization == authorization)
    #expect("\(login as Any) \(String(reflecting: login))".contains("Basic") == false)
  }

  @Test(arguments: [
    "", "ftp://store", "http://", "http://u@store", "http://u:%zz@store", "http://st ore", "u:p@unix:/x",
  ])
  func whatIsNoAddress(_ text: String) { #expect(MetricsStore(text) == nil) }

  @Test func noneIsNone() { #expect(MetricsStore("none") == .off) }
}

/// Sends requests wherever a test says.
final class ForwardingClient: HTTPClient {
  private let forward: @Sendable (HTTPRequest) async throws(TransportError) -> HTTPResponse

  init(_ forward: @escaping @Sendable (HTTPRequest) async throws(TransportError) -> HTTPResponse) {
    self.forward = forward
  }

  func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse { try await forward(request) }
}
