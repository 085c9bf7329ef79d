import EnvoyAPI
import MeshModel
import ProxyLogs
import Testing

@testable import LiveMesh

struct LoggedRefusalTests {
  private let time = Timestamp(seconds: 1_000_000)
  private let proxy = ProxyID("ratings.bookinfo")

  private func refusal(_ text: String) -> LoggedRefusal? { LoggedRefusal(ProxyLogLine(text), time: time) }

  @Test func onlyRefusalsOfRoutesCount() {
    let line = "2026-11-23T01:12:47.071Z\twarning\tenvoy config external/envoy/source/x.cc:130\t"
    let sum = "Sum of weights in the weighted_cluster must be greater than 0."
    let url = "type.googleapis.com/envoy.config"
    #expect(refusal(line + "delta config for \(url).route.v3.RouteConfiguration rejected: \(sum)")?.reason == sum)
    #expect(refusal(line + "Filesystem config update rejected: \(sum)")?.reason == sum)
    #expect(refusal(line + "gRPC config for \(url).listener.v3.Listener rejected: cannot bind") == nil)
    #expect(refusal(line + "all is well") == nil)
    #expect(
      refusal(line + "Filesystem config update rejected: " + String(repeating: "x", count: 9000))?.reason.count == 500)
  }

  private func board(_ weights: [(String, UInt64)]) -> ProxyBoard.State {
    let route = RouteConfiguration.Route(
      match: .init(path: .prefix("/")),
      action: .weightedClusters(
        weights.map { WeightedCluster(name: "outbound|9080|\($0.0)|\(reviews)", weight: $0.1) }),
      origin: ResourceOrigin("/apis/networking.istio.io/v1/namespaces/bookinfo/virtual-service/reviews"))
    var reading = ProxyReading(id: proxy, address: "http://127.0.0.1:15000", reach: .answering(state: "LIVE"))
    let made = RuleJoin.made(in: [
      RouteConfiguration(name: "9080", virtualHosts: [.init(name: "reviews", domains: ["*"], routes: [route])])
    ])
    reading.routes = ProxyRoutes(configurations: ["9080": MadeRoutes(made)])
    var board = ProxyBoard.State()
    board.readings[0] = reading
    return board
  }

  private func asked(writtenAt written: Timestamp) -> Asked {
    var asked = Asked()
    asked.rules = [rule(0, split: TrafficSplit([v1: 75, v3: 25]))]
    asked.rules[0].route.lastWrite = Route.LastWrite(manager: "kubectl", time: written)
    return asked
  }

  @Test func aProxyThatIsBehindAndSaidWhyIsRejected() {
    let refusals = [proxy: LoggedRefusal(reason: "Sum of weights", time: time)]
    var builder = ReportBuilder()
    let report = builder.report(
      asked(writtenAt: time), board([("v1", 90), ("v3", 10)]), refusals, in: .namespace("bookinfo"))
    #expect(report.applied[ruleID(0)]?.rejected == [.init(proxy: proxy, reason: "Sum of weights")])
    #expect(report.proxies.first?.sync[.routes] == .rejected(reason: "Sum of weights", since: time))
  }

  @Test func whatWasRefusedBeforeTheRuleWasWrittenIsOver() {
    let refusals = [proxy: LoggedRefusal(reason: "Sum of weights", time: time)]
    var builder = ReportBuilder()
    let report = builder.report(
      asked(writtenAt: time + .seconds(1)), board([("v1", 90), ("v3", 10)]), refusals, in: .namespace("bookinfo"))
    #expect(report.applied[ruleID(0)]?.behind == [proxy])
  }

  @Test func aProxyThatHasTheRuleRefusesNothing() {
    let refusals = [proxy: LoggedRefusal(reason: "Sum of weights", time: time)]
    var builder = ReportBuilder()
    let report = builder.report(
      asked(writtenAt: time), board([("v1", 75), ("v3", 25)]), refusals, in: .namespace("bookinfo"))
    #expect(report.applied[ruleID(0)]?.taken == [proxy])
    #expect(report.proxies.first?.sync[.routes] == .unknown)
  }
}
