import Glibc
import JSON
import Pseudoterminal
import Testing

extension ProgramTests {
  /// What anybody changes, by the real kubectl's own words.
  @Suite struct ChangesTests {
    @Test func whatIsChangedIsToldAsItHappens() throws {
      let mesh = try RunningSandbox.calm()
      try mesh.begin(v1: 90, v3: 10)
      let told = try mesh.terminal("changes", "--watch", columns: 200, rows: 60)
      try told.wait(for: "VirtualService bookinfo/reviews  created")

      try mesh.patch(v1: 75, v3: 25)
      try told.wait(for: "kubectl-patch  VirtualService bookinfo/reviews  v1 90 → 75  v3 10 → 25")
      try mesh.kubectl("set", "image", "deployment/details-v1", "*=docker.io/istio/examples-bookinfo-details-v1:1.20.4")
      try told.wait(for: "kubectl-set  Deployment bookinfo/details-v1  image 1.20.3 → 1.20.4")
      try mesh.kubectl("set", "env", "deployment/details-v1", "LOG_LEVEL=debug", "API_TOKEN=hunter2")
      try told.wait(for: "env LOG_LEVEL debug added  env API_TOKEN changed")
      try mesh.kubectl("annotate", "service", "details", "health.kiali.io/rate=400,10,20,http,.*", "note=mine")
      try told.wait(for: "kubectl-annotate  Service bookinfo/details  health.kiali.io/rate 400,10,20,http,.* added")
      try mesh.begin(v1: 90, v3: 10)
      try told.wait(for: "meshdeck  VirtualService bookinfo/reviews  v1 75 → 90  v3 25 → 10")
      #expect(!told.text.contains("hunter2") && !told.text.contains("note"), "\(told.text)")
      told.send(SIGTERM)
      _ = try told.waitForExit()
    }

    @Test func whatWasChangedBeforeIsToldWithWhoItWas() throws {
      let mesh = try RunningSandbox.calm()
      try mesh.kubectl("annotate", "--overwrite", "virtualservice", "bookinfo", "note=mine")
      let run = try mesh.meshdeck("changes", "-o", "json", "--since", "1h")
      let changes = try #require(try JSONValue(printed: run).array)
      let mine = try #require(
        changes.first { $0["by"] == "kubectl-annotate" && $0["object"]?["name"] == "bookinfo" })
      #expect(mine["action"] == "changed" && mine["object"]?["kind"] == "VirtualService", "\(mine)")
      #expect(mine["services"] == ["bookinfo/productpage"] && mine["fields"] == [], "nobody knows what it was")
      let v3 = try #require(changes.first { $0["object"]?["name"] == "reviews-v3" })
      #expect(v3["version"] == "v3" && v3["services"] == ["bookinfo/reviews"], "\(v3)")
      #expect(try mesh.meshdeck("changes", "--since", "1h").output.hasPrefix("TIME "))
      #expect(try mesh.meshdeck("changes", "--since", "25h").code == 2)
    }

    @Test func oursAreToldWithTheirNumbersAsTheScreenExportsThem() throws {
      let mesh = try RunningSandbox.calm()
      try mesh.begin(v1: 80, v3: 20)
      try mesh.begin(v1: 90, v3: 10)
      let run = try mesh.meshdeck("changes", "-o", "jsonl", "--since", "1h")
      let lines = try run.output.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
      let ours = try #require(lines.last { $0["change"] != .null }, "\(run.output)")
      #expect(ours["by"] == "meshdeck" && ours["outcome"] == "made" && ours["object"]?["name"] == "reviews")
      #expect(ours["fields"]?.array?.count == 2 && ours["health"] == .null, "\(ours)")
      let notes = try mesh.meshdeck("changes", "-o", "markdown", "--since", "1h").output
      #expect(notes.hasPrefix("# Changes in ") && notes.contains("v1 80 → 90  v3 20 → 10"), "\(notes)")
    }
  }
}
