import FoundationEssentials
import JSON
import Peers
import Pseudoterminal
import Testing

extension ProgramTests {
  /// What stands between a person and a change: checks, confirmation, read-only.
  @Suite struct RoadTests {
    private func preview(_ mesh: RunningSandbox, _ weights: String...) throws -> (code: Int32, answer: JSONValue) {
      try preview(mesh, weights)
    }

    private func preview(_ mesh: RunningSandbox, _ weights: [String]) throws -> (code: Int32, answer: JSONValue) {
      let run = try ProgramRun(
        builtProgram("meshdeck"),
        ["split", "set", "reviews"] + weights + ["--dry-run", "-o", "json"] + mesh.options,
        environment: mesh.environment())
      return (run.code, try JSONValue(printed: run))
    }

    private func verdicts(_ answer: JSONValue, _ check: String) -> [String] {
      (answer["checks"]?.array ?? []).filter { $0["check"]?.string == check }.compactMap { $0["verdict"]?.string }
    }

    private func evidence(_ answer: JSONValue, _ check: String) -> String {
      (answer["checks"]?.array ?? []).filter { $0["check"]?.string == check }.compactMap { $0["evidence"]?.string }
        .joined(separator: "\n")
    }

    /// A mesh that has just begun has no figures yet.
    private func previewWithFigures(_ mesh: RunningSandbox, _ weights: String...) throws -> JSONValue {
      let deadline = ContinuousClock.now + .seconds(30)
      while true {
        let answer = try preview(mesh, weights).answer
        let rate = answer["radius"]?["requestsPerSecond"]?.double ?? 0
        if rate > 1 || ContinuousClock.now >= deadline { return answer }
      }
    }

    @Test func everyCheckIsToldWithItsEvidence() throws {
      let mesh = try RunningSandbox.calm()
      try mesh.begin(v1: 90, v3: 10)
      let good = try previewWithFigures(mesh, "v3=11", "v1=89")
      for check in ["permission", "weights", "destination", "callers", "waypoint", "override"] {
        #expect(verdicts(good, check) == ["ok"], "\(check): \(good)")
      }
      #expect(verdicts(good, "subset") == ["ok", "ok"])
      #expect(
        evidence(good, "subset").contains("reviews/v3, a subset of DestinationRule reviews, has 1 of 1 pods ready"))
      #expect(verdicts(good, "capacity").allSatisfy { $0 == "ok" } && !verdicts(good, "capacity").isEmpty, "\(good)")
      #expect(good["radius"]?["callers"] == ["productpage v1"], "\(good)")
      #expect(try #require(good["radius"]?["requestsPerSecond"]?.double) > 1)
      #expect(good["reconcilers"] == [])
      // One pod of v3 would get all that three versions' callers send.
      let all = try previewWithFigures(mesh, "v3=100%")
      #expect(evidence(all, "capacity").contains("on each of 1 ready pod; no pod of the rule gets more than"), "\(all)")
    }

    @Test func whatWouldBreakRequestsIsRefused() throws {
      let mesh = try RunningSandbox.calm()
      try mesh.begin(v1: 90, v3: 10)
      let path = "/spec/subsets/2/labels/version"
      func relabel(_ version: String) throws {
        try mesh.kubectl(
          "patch", "destinationrule", "reviews", "--type", "json", "-p",
          "[{\"op\":\"replace\",\"path\":\"\(path)\",\"value\":\"\(version)\"}]")
      }
      try relabel("v9")
      let broken = Result { try preview(mesh, "v3=20") }
      let away = Result { try preview(mesh, "v3=5") }
      let written = Result { try mesh.meshdeck("split", "set", "reviews", "v3=20", "--yes") }
      try relabel("v3")
      let (code, answer) = try broken.get()
      #expect(code == 3)
      #expect(verdicts(answer, "subset").contains("refusal"), "\(answer)")
      #expect(evidence(answer, "subset").contains("matches no pod"))
      // Requests can be taken away from it.
      #expect(try away.get().code == 0)
      #expect(try written.get().code == 3)
      #expect(try written.get().errors.contains("matches no pod"))
      #expect(try mesh.weights() == [90, 10])
      // It is back, and so new that proxies may not know it.
      #expect(verdicts(try preview(mesh, "v3=20").answer, "order") == ["warning"])
    }

    @Test func whatElseDecidesIsNamed() throws {
      let mesh = try RunningSandbox.calm()
      try mesh.begin(v1: 90, v3: 10)
      try mesh.kubectl("label", "namespace", "bookinfo", "istio.io/dataplane-mode=ambient")
      try mesh.kubectl("run", "curl", "--image", "curl")
      try mesh.kubectl(
        "annotate", "virtualservice", "reviews", "argocd.argoproj.io/tracking-id=shop:x/VirtualService:bookinfo/reviews"
      )
      let found = Result { try preview(mesh, "v3=20") }
      try mesh.kubectl("label", "namespace", "bookinfo", "istio.io/dataplane-mode-")
      try mesh.kubectl("delete", "pod", "curl", "--wait=false")
      try mesh.kubectl("annotate", "virtualservice", "reviews", "argocd.argoproj.io/tracking-id-")
      let answer = try found.get().answer
      #expect(try found.get().code == 0)
      #expect(verdicts(answer, "waypoint") == ["warning"])
      #expect(evidence(answer, "callers").hasPrefix("curl of bookinfo has no sidecar"), "\(answer)")
      let reconciler = try #require(answer["reconcilers"]?.array?.first)
      #expect(reconciler["controller"] == "Argo CD" && reconciler["putsBack"] == "within about 3 min", "\(answer)")
    }

    /// A second VirtualService of the host, which is the younger one.
    @Test func aSecondVirtualServiceIsNamed() throws {
      let mesh = try RunningSandbox.calm()
      try mesh.begin(v1: 90, v3: 10)
      let file = "\(mesh.state.path)/second.json"
      let second: JSONValue = [
        "apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
        "metadata": ["name": "second", "namespace": "bookinfo"],
        "spec": ["hosts": ["reviews"], "http": [["route": [["destination": ["host": "reviews", "subset": "v1"]]]]]],
      ]
      try second.text().write(toFile: file, atomically: true, encoding: .utf8)
      try mesh.kubectl("create", "-f", file)
      let found = Result { try preview(mesh, "v3=20") }
      try mesh.kubectl("delete", "virtualservice", "second")
      #expect(evidence(try found.get().answer, "override").contains("VirtualService bookinfo/second is of reviews."))
    }

    /// Pausing a Rollout is one patch of the Rollout, by the road of every change, and is undone like one.
    @Test func aRolloutIsPausedAndUndone() throws {
      let mesh = try RunningSandbox.calm()
      try mesh.begin(v1: 90, v3: 10)
      let file = "\(mesh.state.path)/rollout.json"
      let rollout: JSONValue = [
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout",
        "metadata": ["name": "reviews-rollout", "namespace": "bookinfo"],
        "spec": [
          "strategy": ["canary": ["trafficRouting": ["istio": ["virtualService": ["name": "reviews"]]]]]
        ],
      ]
      try rollout.text().write(toFile: file, atomically: true, encoding: .utf8)
      try mesh.kubectl("create", "-f", file)
      let found = Result { try preview(mesh, "v3=20").answer }
      let paused = Result { try mesh.meshdeck("split", "controller", "pause", "reviews", "--yes") }
      func isPaused() throws -> String {
        try mesh.kubectl("get", "rollout", "reviews-rollout", "-o", "jsonpath={.spec.paused}")
      }
      let during = Result { try isPaused() }
      let undone = Result { try mesh.meshdeck("split", "undo", "--yes") }
      let after = Result { try isPaused() }
      let unknown = Result { try mesh.meshdeck("split", "controller", "suspend", "reviews", "--yes") }
      let aborted = Result { try mesh.meshdeck("split", "controller", "abort", "reviews", "--yes", "-o", "json") }
      let status = Result { try mesh.kubectl("get", "rollout", "reviews-rollout", "-o", "jsonpath={.status.abort}") }
      let final = Result { try mesh.meshdeck("split", "undo", "--yes") }
      try mesh.kubectl("delete", "rollout", "reviews-rollout")
      let reconciler = try #require(found.get()["reconcilers"]?.array?.first)
      #expect(reconciler["controller"] == "Argo Rollouts" && reconciler["offers"] == ["pause", "abort"])
      #expect(try paused.get().code == 0, "\((try? paused.get())?.errors ?? "")")
      #expect(try during.get() == "true")
      #expect(try undone.get().code == 0, "\((try? undone.get())?.errors ?? "")")
      #expect(try after.get() == "false")
      #expect(try aborted.get().code == 0 && status.get() == "true", "\((try? aborted.get())?.errors ?? "")")
      #expect(try JSONValue(printed: aborted.get())["change"]?.int != nil)
      #expect(try final.get().errors.contains("there is no way back from abort Rollout bookinfo/reviews-rollout"))
      #expect(try unknown.get().code == 3)
      #expect(
        try unknown.get().errors.contains(
          "nothing can be told to suspend; pause Rollout bookinfo/reviews-rollout, abort Rollout"))
      #expect(try mesh.weights() == [90, 10])
    }

    /// Marked by a pattern, on the command line and on screen alike.
    @Test func productionWantsTheName() throws {
      let mesh = try RunningSandbox.calm()
      try mesh.begin(v1: 90, v3: 10)
      let environment = mesh.environment([
        "XDG_CONFIG_HOME": try configuration("[contexts.\"sand*\"]\nproduction = true")
      ])
      func set(_ arguments: String...) throws -> ProgramRun {
        try ProgramRun(
          builtProgram("meshdeck"), ["split", "set", "reviews", "v3=20", "v1=80"] + arguments + mesh.options,
          environment: environment)
      }
      let unnamed = try set("--yes")
      #expect(unnamed.code == 3)
      #expect(
        unnamed.errors.contains("this context is production, so --yes needs --confirm reviews"), "\(unnamed.errors)")
      #expect(try set("--yes", "--confirm", "ratings").code == 3)
      #expect(try mesh.weights() == [90, 10])
      #expect(try set("--dry-run").code == 0)
      let named = try set("--yes", "--confirm", "reviews", "--note", "v3 is well")
      #expect(named.code == 0, "\(named.errors)")
      #expect(try mesh.weights() == [80, 20])
      let journal = try String(contentsOfFile: mesh.state.journal, encoding: .utf8)
      #expect(journal.contains("\"note\":\"v3 is well\""))
    }

    /// Where it is written that nothing is, no way leads round it.
    @Test func whatIsReadOnlyByPatternIsReadOnly() throws {
      let mesh = try RunningSandbox.calm()
      let before = try mesh.weights()
      let environment = mesh.environment([
        "XDG_CONFIG_HOME": try configuration("[contexts.\"sand*\"]\nread_only = true")
      ])
      for arguments in [
        ["split", "set", "reviews", "v3=20", "--yes"], ["split", "set", "reviews", "v3=20", "--dry-run"],
      ] {
        let run = try ProgramRun(
          builtProgram("meshdeck"), arguments + mesh.options, environment: environment)
        #expect(run.code == 3 && run.errors.contains("read-only"), "\(arguments): \(run.errors)")
      }
      #expect(try mesh.weights() == before)
    }

    private func configuration(_ text: String) throws -> String {
      let folder = try RunningSandbox.calm().state.path + "/config-\(UInt32.random(in: 0...UInt32.max))"
      try FileManager.default.createDirectory(atPath: "\(folder)/meshdeck", withIntermediateDirectories: true)
      try text.write(toFile: "\(folder)/meshdeck/config.toml", atomically: true, encoding: .utf8)
      return folder
    }
  }
}
