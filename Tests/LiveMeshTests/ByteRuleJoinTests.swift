import EnvoyAPI
import IstioAPI
import JSON
import KubernetesAPI
import MeshModel
import Testing
import Transport

@testable import LiveMesh

/// Listeners as istiod writes them for the rules below.
private let listeners = #"""
  {"configs":[{"@type":"type.googleapis.com/envoy.admin.v3.ListenersConfigDump.DynamicListener","name":"0.0.0.0_443",
    "active_state":{"last_updated":"2026-11-23T01:12:47Z","listener":{"name":"0.0.0.0_443",
      "address":{"socket_address":{"address":"0.0.0.0","port_value":443}},
      "filter_chains":[
        {"filter_chain_match":{"server_names":["db.example.com"]},
         "metadata":{"filter_metadata":{"istio":{"config":"/apis/networking.istio.io/v1/namespaces/bookinfo/virtual-service/db"}}},
         "filters":[{"name":"envoy.filters.network.tcp_proxy","typed_config":{
           "@type":"type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy","stat_prefix":"x",
           "weighted_clusters":{"clusters":[{"name":"outbound|443|v1|db.bookinfo.svc.cluster.local","weight":90},
             {"name":"outbound|443|v2|db.bookinfo.svc.cluster.local","weight":10}]}}}]},
        {"filter_chain_match":{"server_names":["other.example.com"]},
         "filters":[{"typed_config":{
           "@type":"type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy","cluster":"elsewhere"}}]}],
      "default_filter_chain":{"filters":[{"typed_config":{"@type":"type.googleapis.com/x.HttpConnectionManager"}}]}}}},
   {"name":"10.0.0.1_3306","active_state":{"listener":{"name":"10.0.0.1_3306",
      "address":{"socket_address":{"address":"10.0.0.1","port_value":3306}},
      "filter_chains":[
        {"metadata":{"filter_metadata":{"istio":{"config":"/apis/networking.istio.io/v1/namespaces/bookinfo/virtual-service/db"}}},
         "filters":[{"typed_config":{
           "@type":"type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
           "cluster":"outbound|3306|v1|db.bookinfo.svc.cluster.local"}}]}]}}}]}
  """#

private let resource = #"""
  {"apiVersion":"networking.istio.io/v1","kind":"VirtualService","metadata":{"name":"db","namespace":"bookinfo"},
   "spec":{"hosts":["db"],
    "tls":[{"match":[{"port":443,"sniHosts":["db.example.com"]}],"route":[
      {"destination":{"host":"db","subset":"v1"},"weight":TLS},{"destination":{"host":"db","subset":"v2"},"weight":10}]}],
    "tcp":[{"match":[{"port":5432}],"route":[{"destination":{"host":"db","subset":"v2"}}]},
      {"match":[{"port":3306}],"route":[{"destination":{"host":"db","subset":"v1"}}]}]}}
  """#

struct ByteRuleJoinTests {
  private let db = ResourceID(kind: .virtualService, namespace: "bookinfo", name: "db")

  private func asked(tls weight: Int) throws -> Asked {
    let text = resource.split(separator: "TLS").joined(separator: String(weight))
    let object = try #require(KubernetesObject(try JSON(parsing: text)))
    return Asked(AskedResources(virtualServices: [VirtualService(object)]))
  }

  private func chains() async throws -> [ByteRoute] {
    let client = ScriptedClient { _ in .status(200, listeners) }
    return try await EnvoyAdmin(Endpoint(host: "proxy.test"), over: client).byteRoutes()
  }

  @Test func filterChainsAreRead() async throws {
    let chains = try await chains()
    #expect(chains.map(\.listener) == ["0.0.0.0_443", "0.0.0.0_443", "10.0.0.1_3306"])
    #expect(chains.map(\.port) == [443, 443, 3306])
    #expect(chains.map(\.serverNames) == [["db.example.com"], ["other.example.com"], []])
    #expect(chains[0].clusters.map(\.weight) == [90, 10])
    #expect(chains[0].origin?.name == "db")
  }

  @Test(arguments: [(90, true), (80, false)])
  func rulesAreFoundByTheirNamesAndPorts(weight: Int, isAsked: Bool) async throws {
    let asked = try asked(tls: weight)
    var reading = ProxyReading(
      id: ProxyID("a.bookinfo"), address: "http://127.0.0.1:15000", reach: .answering(state: "LIVE"))
    reading.byteRoutes = try await chains()
    var board = ProxyBoard.State()
    board.readings[0] = reading
    var builder = ReportBuilder()
    let applied = builder.report(asked, board, in: .namespace("bookinfo")).applied
    let tls = applied[RouteID(resource: db, section: .tls, rule: 0)]
    #expect(tls?.taken.count == (isAsked ? 1 : 0))
    #expect(tls?.behind.count == (isAsked ? 0 : 1))
    #expect(applied[RouteID(resource: db, section: .tcp, rule: 0)] == nil, "nothing listens for it")
    #expect(applied[RouteID(resource: db, section: .tcp, rule: 1)]?.taken.count == 1)
  }

  @Test func aGatewaysChainIsFoundByItsServerNames() async throws {
    let rules = try #require(try asked(tls: 90).byteRules[db])
    var chains = try await chains()
    for place in chains.indices { chains[place].origin = nil }
    let carried = ByteRuleJoin.join(rules, of: db, chains)
    #expect(carried == [RouteID(resource: db, section: .tls, rule: 0): .asAsked])
  }
}
