import JSON
import Pseudoterminal
import SandboxClient
import Testing

extension ProgramTests {
  /// Splits of the Gateway API, from asked to seen and back, on real Envoys.
  @Suite struct GatewayAPITests {
    private let mesh: RunningSandbox

    init() throws { mesh = try RunningSandbox("--scenario", "gateway-api") }

    private func weights() throws -> [Int] {
      let text = try mesh.kubectl(
        "get", "httproute", "reviews", "-o", "jsonpath={.spec.rules[0].backendRefs[*].weight}")
      return text.split(separator: " ").compactMap { Int($0) }
    }

    private func patch(_ patch: String) throws {
      try mesh.kubectl("patch", "httproute", "reviews", "--type", "json", "-p", patch)
    }

    private func route() throws -> JSONValue {
      let rows = try JSONValue(printed: mesh.meshdeck("routes", "-o", "json")).array ?? []
      return try #require(rows.first { $0["kind"] == "HTTPRoute" && $0["name"] == "reviews" })
    }

    @Test func anHTTPRouteIsShownChangedSeenAndUndone() throws {
      #expect(try mesh.kubectl("get", "httproutes", "-o", "name") == "httproute.gateway.networking.k8s.io/reviews\n")
      let before = try route()
      #expect(before["destinations"]?.array?.compactMap { $0["asked"]?.int } == [90, 10], "\(before)")
      #expect(before["applied"]?["taken"] == 6 && before["applied"]?["of"] == 6, "\(before)")

      let run = try mesh.meshdeck(
        "split", "set", "reviews", "reviews-v1=60", "reviews-v3=40", "--yes", "--wait", "seen", "-o", "json")
      #expect(run.code == 0, "\(run.errors)")
      let answer = try JSONValue(printed: run)
      #expect(answer["applied"]?["taken"] == 6 && answer["applied"]?["of"] == 6, "\(run.output)")
      #expect(answer["seen"]?["verdict"] == "arrived", "\(run.output)")
      #expect(try weights() == [60, 40])

      let undo = try mesh.meshdeck("split", "undo", "--yes", "-o", "json")
      #expect(undo.code == 0, "\(undo.errors)")
      #expect(try JSONValue(printed: undo)["applied"]?["taken"] == 6)
      #expect(try weights() == [90, 10])
    }
  }
}
