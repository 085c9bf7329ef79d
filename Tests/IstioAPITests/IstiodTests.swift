@testable import IstioAPI
import Synchronization
import Testing
import Transport

/// Answers every request alike.
private final class FixedClient: HTTPClient {
  private let status: Int
  private let body: [UInt8]
  private let sent = Mutex<[HTTPRequest]>([])

  init(_ status: Int, _ body: [UInt8]) { (self.status, self.body) = (status, body) }
  convenience init(_ status: Int, _ text: String) { self.init(status, Array(text.utf8)) }

  var requests: [HTTPRequest] { sent.withLock { $0 } }

  func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    sent.withLock { $0.append(request) }
    let rest = Rest(body)
    return HTTPResponse(
      status: status, headers: [:], body: HTTPBody { () async throws(TransportError) in rest.take() })
  }
}

private final class Rest: Sendable {
  private let chunks: Mutex<[[UInt8]]>
  init(_ body: [UInt8]) { chunks = Mutex([body]) }
  func take() -> [UInt8]? { chunks.withLock { $0.popLast() } }
}

private let endpoint = Endpoint(host: "127.0.0.1", port: 15014)

private func istiod(_ status: Int = 200, _ text: String) -> IstiodClient {
  IstiodClient(endpoint, over: FixedClient(status, text))
}

@Suite struct IstiodTests {
  @Test func readsStatesByIstioctlsRule() async throws {
    let proxies = try await istiod(
      200,
      #"""
      [{"proxy":"b.x","cluster_sent":"n1","cluster_acked":"n1","route_sent":"n2","route_acked":"n0","listener_sent":"","endpoint_acked":""},
       {"proxy":"a.b.x","proxy_type":"router","istio_version":"1.30.3","cluster_id":"K","resources":{
         "type.googleapis.com/envoy.config.listener.v3.Listener":{"sent":"n3","sentTime":"2026-11-23T01:02:59Z","lastError":"bad\u001b[31m listener"},
         "type.googleapis.com/envoy.config.cluster.v3.Cluster":{"sent":"n1","acked":"n1"},
         "type.googleapis.com/new.v9.Thing":{}}},
       {"nobody":1}, 7, {"proxy":"ztunnel-1"}]
      """#
    ).proxies()
    #expect(proxies.map(\.id) == ["ztunnel-1", "a.b.x", "b.x"])
    let router = proxies[1]
    #expect(router.name == "a.b" && router.namespace == "x" && router.kind == "router" && router.cluster == "K")
    #expect(router.types[.listeners]?.state == .rejected(reason: "bad [31m listener"))
    #expect(router.types[.clusters]?.state == .synced)
    #expect(router.types[.other("type.googleapis.com/new.v9.Thing")]?.state == .notSent)
    #expect(router.types[.routes] == nil)
    let old = proxies[2]
    #expect(old.types[.clusters]?.state == .synced && old.types[.routes]?.state == .stale)
    #expect(old.types[.listeners] == nil && old.types[.endpoints] == nil)
  }

  @Test(arguments: [
    (401, "", "istiod at http://127.0.0.1:15014 wants a token (401): reach it through a port-forward to its pod"),
    (
      403, "",
      "istiod at http://127.0.0.1:15014 shows this only to istio-system (403): reach it through a port-forward to its pod"
    ),
    (
      404, "404 page not found",
      "istiod at http://127.0.0.1:15014 does not serve /debug/syncz (404): is ENABLE_DEBUG_ON_HTTP off, or is this another port than 15014?"
    ),
    (503, "x", "istiod at http://127.0.0.1:15014 failed on /debug/syncz (503)"),
    (200, "<html>", "what answers at http://127.0.0.1:15014/debug/syncz is not istiod"),
    (200, #"{"a":1}"#, "what answers at http://127.0.0.1:15014/debug/syncz is not istiod"),
  ])
  func refusalsAreSentences(_ status: Int, _ text: String, _ sentence: String) async {
    do throws(IstiodError) {
      _ = try await istiod(status, text).proxies()
      Issue.record("it was taken")
    } catch {
      #expect(error.description == sentence)
    }
  }

  @Test func noProxiesIsNull() async throws { #expect(try await istiod(200, "null").proxies().isEmpty) }

  @Test func showsItsTokenOnlyInTheHeader() async throws {
    let http = FixedClient(200, "1.30.3-abc-Clean\n")
    #expect(try await IstiodClient(endpoint, over: http, token: "t").version() == "1.30.3-abc-Clean")
    #expect(http.requests.map { $0.headers["Authorization"] } == ["Bearer t"])
    #expect(http.requests.map(\.target) == ["/version"])
  }

  @Test func readsRecordedSyncStates() async throws {
    guard let body = try recordedBytes("istiod/debug_syncz.json"),
      let refused = try recordedBytes("istiod/debug_syncz_listener_nack.json"),
      let stale = try recordedBytes("istiod/debug_syncz_stale_envoy_stopped.json"),
      let gone = try recordedBytes("istiod/debug_syncz_envoy_gone.json")
    else { return }
    func states(_ body: [UInt8]) async throws -> [ProxySync] {
      try await IstiodClient(endpoint, over: FixedClient(200, body)).proxies()
    }
    let all = try await states(body)
    #expect(all.count == 3 && all.allSatisfy { $0.types.values.allSatisfy { $0.state == .synced } })
    #expect(all.allSatisfy { $0.types[.routes]?.sentTime != nil && $0.istioVersion == "1.30.3" })
    let rejected = try await states(refused)
    #expect(rejected.count == 2)
    for proxy in rejected {
      guard case .rejected(let reason)? = proxy.types[.listeners]?.state else {
        Issue.record("\(proxy)")
        continue
      }
      #expect(reason.hasPrefix("Error adding/updating listener(s)") && !reason.contains("\n"))
      #expect(proxy.types[.clusters]?.state == .synced)
    }
    #expect(try await states(stale).contains { $0.types.values.contains { $0.state == .stale } })
    #expect(try await states(gone).count < all.count)
  }

  @Test func readsRecordedServices() async throws {
    guard let body = try recordedBytes("istiod/debug_registryz.json") else { return }
    let services = try await IstiodClient(endpoint, over: FixedClient(200, body)).services()
    let reviews = try #require(services.first { $0.host == "reviews.bookinfo.svc.cluster.local" })
    #expect(reviews.name == "reviews" && reviews.namespace == "bookinfo" && reviews.registry == "Kubernetes")
    #expect(reviews.ports == [.init(name: "http", number: 9080, networkProtocol: "HTTP")])
    #expect(reviews.selector == ["app": "reviews"] && reviews.addresses.count == 1 && !reviews.isOutsideTheMesh)
  }
}
