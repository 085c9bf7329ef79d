import JSON
import Pseudoterminal
import SandboxClient
import Testing

extension ProgramTests {
  /// Splits of the Gateway API, from asked to seen and back, on real Envoys.
  @Suite struct GatewayAPITests {
    private let mesh: RunningSandbox

    init() throws { mesh = try RunningSandbox("--scenario", "gateway-api", "--rps", "400") }

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
      let applied = before["destinations"]?.array?.compactMap { $0["applied"] } ?? []
      #expect(applied.map { $0["taken"] } == [6, 6] && applied.map { $0["of"] } == [6, 6], "\(before)")

      let run = try mesh.meshdeck(
        "split", "set", "reviews", "reviews-v1=75", "reviews-v3=25", "--yes", "--seen", "-o", "json")
      #expect(run.code == 0, "\(run.errors)")
      let answer = try JSONValue(printed: run)
      #expect(answer["applied"]?["taken"] == 6 && answer["applied"]?["of"] == 6, "\(run.output)")
      #expect(answer["seen"]?["arrivedAfter"]?.double != nil, "\(run.output)")
      #expect(try weights() == [75, 25])

      let undo = try mesh.meshdeck("split", "undo", "--yes", "-o", "json")
      #expect(undo.code == 0, "\(undo.errors)")
      #expect(try JSONValue(printed: undo)["applied"]?["taken"] == 6)
      #expect(try weights() == [90, 10])
    }

    @Test func weightsAreRelative() throws {
      try patch(
        #"[{"op":"replace","path":"/spec/rules/0/backendRefs/0/weight","value":3},{"op":"replace","path":"/spec/rules/0/backendRefs/1/weight","value":1}]"#
      )
      let dryRun = try mesh.meshdeck("split", "set", "reviews", "reviews-v3=50%", "--dry-run")
      #expect(dryRun.errors.contains("spec.rules[0].backendRefs[0].weight: 3 → 2"), "\(dryRun.errors)")
      #expect(dryRun.errors.contains("(was 25 %, will be 50 %)"), "\(dryRun.errors)")
      // A tenth of 4 is no weight: the total becomes 100.
      let run = try mesh.meshdeck("split", "set", "HTTPRoute/reviews", "reviews-v3=10%", "--yes", "-o", "json")
      #expect(run.code == 0, "\(run.errors)")
      #expect(try JSONValue(printed: run)["applied"]?["taken"] == 6, "\(run.output)")
      #expect(try weights() == [90, 10])
      let zero = try mesh.meshdeck("split", "set", "reviews", "reviews-v3=0", "reviews-v1=0", "--yes")
      #expect(zero.code == 3 && zero.errors.contains("all weights are 0"), "\(zero.code) \(zero.errors)")
      #expect(try weights() == [90, 10])
    }

    @Test func whatIsAtZeroIsInNoProxyAndComesBack() throws {
      let run = try mesh.meshdeck("split", "set", "reviews", "reviews-v1=100", "reviews-v3=0", "--yes", "-o", "json")
      #expect(run.code == 0, "\(run.errors)")
      #expect(try JSONValue(printed: run)["applied"]?["taken"] == 6, "\(run.output)")
      let undo = try mesh.meshdeck("split", "undo", "--yes", "-o", "json")
      #expect(try JSONValue(printed: undo)["applied"]?["taken"] == 6, "\(undo.output) \(undo.errors)")
      #expect(try weights() == [90, 10])
    }

    @Test func aRampGoesItsWayAndStandsOnTheTimeLine() throws {
      // On a busy machine either version may be the slower one.
      let run = try mesh.meshdeck(
        "split", "ramp", "reviews", "reviews-v3", "--steps", "50,100", "--hold", "2s", "--least", "20", "--p99", "none",
        "--yes", "-o", "json")
      #expect(run.code == 0, "\(run.errors)")
      #expect(try JSONValue(printed: run)["outcome"] == "completed", "\(run.output)")
      #expect(try weights() == [0, 100])
      let changes = try JSONValue(printed: try mesh.meshdeck("changes", "-o", "json")).array ?? []
      let moments = changes.compactMap { $0["ramp"]?["event"]?.string }
      #expect(moments == ["ended", "begun"], "\(changes)")
      #expect(changes.first { $0["ramp"]?["event"] == "ended" }?["ramp"]?["outcome"] == "completed")
      let back = try mesh.meshdeck("split", "set", "reviews", "reviews-v1=90", "reviews-v3=10", "--yes")
      #expect(back.code == 0, "\(back.errors)")
    }

    @Test func theConsoleEditsOneAndShowsAnothersEdit() throws {
      let console = try mesh.console()
      try console.wait("10 asked") {
        $0.row(after: "▾ reviews", containing: " reviews-v3 ")?.contains(" 10  6/6") == true
      }
      try patch(
        #"[{"op":"replace","path":"/spec/rules/0/backendRefs/0/weight","value":65},{"op":"replace","path":"/spec/rules/0/backendRefs/1/weight","value":35}]"#
      )
      try console.wait("35 asked") {
        $0.row(after: "▾ reviews", containing: " reviews-v3 ")?.contains(" 35  6/6") == true
      }
      try console.wait("who wrote it") {
        $0.text.contains("HTTPRoute bookinfo/reviews") && $0.text.contains("by kubectl-patch")
      }
      console.type("w")
      try console.wait(for: "weights 65 + 35 = 100")
      console.type("\u{1b}[C")
      try console.wait("the dry run") { $0.text.contains("dry run accepted") }
      console.type("\r\r")
      try console.wait("it is applied") { $0.text.contains("6/6") && !$0.text.contains("dry run accepted") }
      #expect(try weights() != [65, 35])
    }

    @Test func aHeadersRequestsAndCopiesAreSetAndPutBack() throws {
      let before = try mesh.kubectl("get", "httproute", "reviews", "-o", "jsonpath={.spec}")
      let canary = try mesh.meshdeck("split", "canary", "reviews", "x-canary=1", "reviews-v3", "--yes", "-o", "json")
      #expect(canary.code == 0, "\(canary.errors)")
      #expect(try JSONValue(printed: canary)["applied"]?["taken"] == 6, "\(canary.output)")
      #expect(
        try mesh.kubectl("get", "httproute", "reviews", "-o", "jsonpath={.spec.rules[0].matches[0].headers[0].name}")
          == "x-canary")
      let undo = try mesh.meshdeck("split", "undo", "--yes")
      #expect(undo.code == 0, "\(undo.errors)")
      #expect(try mesh.kubectl("get", "httproute", "reviews", "-o", "jsonpath={.spec}") == before)

      #expect(try mesh.meshdeck("split", "mirror", "reviews", "reviews-v2=10%", "--yes").code == 3, "it copies none")
      try patch(
        #"[{"op":"add","path":"/spec/rules/0/filters","value":[{"type":"RequestMirror","requestMirror":{"backendRef":{"name":"reviews-v2","port":9080},"percent":5}}]}]"#
      )
      let mirror = try mesh.meshdeck("split", "mirror", "reviews", "reviews-v2=10%", "--yes", "-o", "json")
      #expect(mirror.code == 0, "\(mirror.errors)")
      #expect(try JSONValue(printed: mirror)["applied"]?["taken"] == 6, "\(mirror.output)")
      let percent = "jsonpath={.spec.rules[0].filters[0].requestMirror.percent}"
      #expect(try mesh.kubectl("get", "httproute", "reviews", "-o", percent) == "10")
      #expect(try mesh.meshdeck("split", "undo", "--yes").code == 0)
      #expect(try mesh.kubectl("get", "httproute", "reviews", "-o", percent) == "5")
      try patch(#"[{"op":"remove","path":"/spec/rules/0/filters"}]"#)
    }

    @Test func severalRulesAreChangedTogether() throws {
      let more =
        #"[{"op":"add","path":"/spec/rules/0","value":{"matches":[{"path":{"type":"PathPrefix","value":"/reviews/1"}}],"backendRefs":[{"name":"reviews-v1","port":9080,"weight":1},{"name":"reviews-v3","port":9080,"weight":1}]}}]"#
      try patch(more)
      func all() throws -> String {
        try mesh.kubectl("get", "httproute", "reviews", "-o", "jsonpath={.spec.rules[*].backendRefs[*].weight}")
      }
      #expect(try all() == "1 1 90 10")
      #expect(try mesh.meshdeck("split", "set", "reviews", "reviews-v3=25%", "--yes").code == 2, "which rule?")
      let run = try mesh.meshdeck("split", "set", "reviews", "--every-rule", "reviews-v3=25%", "--yes", "-o", "json")
      #expect(run.code == 0, "\(run.errors)")
      #expect(try JSONValue(printed: run)["applied"]?["taken"] == 6, "\(run.output)")
      #expect(try all() == "75 25 75 25")
      let undo = try mesh.meshdeck("split", "undo", "--yes")
      #expect(undo.code == 0, "\(undo.errors)")
      #expect(try all() == "1 1 90 10")
      let nowhere = try mesh.meshdeck("split", "set", "reviews", "--every-rule", "v9=1", "--yes")
      #expect(nowhere.code == 3 && nowhere.errors.contains("has no rule that sends to v9"), "\(nowhere.errors)")
    }

    @Test func theFirstRouteOfAServiceIsMadeAndTakenAway() throws {
      try mesh.kubectl("delete", "httproute", "reviews")
      let dryRun = try mesh.meshdeck("split", "first", "reviews", "reviews-v1=3", "reviews-v3=1", "--dry-run")
      #expect(
        dryRun.code == 0 && dryRun.errors.contains("ok: you may create HTTPRoute bookinfo/reviews"), "\(dryRun.errors)")
      #expect(try mesh.kubectl("get", "httproutes,virtualservices", "-o", "name").contains("/reviews") == false)

      let first = try mesh.meshdeck(
        "split", "first", "reviews", "reviews-v1=3", "reviews-v3=1", "--yes", "--seen", "-o", "json")
      #expect(first.code == 0, "\(first.errors)")
      #expect(try JSONValue(printed: first)["applied"]?["taken"] == 6, "\(first.output)")
      #expect(try weights() == [3, 1])
      #expect(try mesh.meshdeck("split", "first", "reviews", "v1=1", "--yes").code == 3, "it is routed already")

      let undo = try mesh.meshdeck("split", "undo", "--yes", "-o", "json")
      #expect(undo.code == 0, "\(undo.errors)")
      #expect(try JSONValue(printed: undo)["applied"]?["behind"] == [], "\(undo.output)")
      #expect(try mesh.kubectl("get", "httproutes", "-o", "name") == "")

      // Of versions a VirtualService is made, with the subsets that it names.
      let versions = try mesh.meshdeck("split", "first", "reviews", "v1=50%", "v2=50%", "--yes", "-o", "json")
      #expect(versions.code == 0, "\(versions.errors)")
      #expect(try JSONValue(printed: versions)["applied"]?["taken"] == 6, "\(versions.output)")
      #expect(try mesh.weights() == [50, 50])
      let subsets = try mesh.kubectl("get", "destinationrule", "reviews", "-o", "jsonpath={.spec.subsets[*].name}")
      #expect(subsets == "v1 v2")
      let more = try mesh.meshdeck("split", "undo", "--yes")
      #expect(more.code == 0, "\(more.errors)")
      #expect(
        try mesh.kubectl("get", "virtualservices", "-o", "name") == "virtualservice.networking.istio.io/bookinfo\n")

      let several = try mesh.meshdeck("split", "first", "ratings", "ratings=1", "--yes")
      #expect(several.code == 3 && several.errors.contains("has the ports 9080, 9081"), "\(several.errors)")
    }
  }
}
