import Glibc
import JSON
import Peers
import Pseudoterminal
import SandboxClient
import Testing

extension ProgramTests {
  /// What the commands print.
  @Suite struct OutputTests {
    @Test func proxies() throws {
      let run = try RunningSandbox.calm().meshdeck("proxies", "-o", "json")
      let proxies = try #require(try JSONValue(printed: run).array)
      #expect(proxies.count == 7)
      #expect(proxies.count { $0["kind"] == "gateway" } == 1)
      for proxy in proxies {
        #expect(proxy["state"] == "LIVE" && proxy["version"] == "1.40.0", "\(proxy)")
        for type in ["CDS", "LDS", "RDS"] { #expect(proxy["sync"]?[type]?["state"] == "synced", "\(type) \(proxy)") }
      }
    }

    @Test func routes() throws {
      let mesh = try RunningSandbox.calm()
      let run = try mesh.meshdeck("routes", "-o", "json")
      let routes = try #require(try JSONValue(printed: run).array)
      let reviews = try #require(routes.first { $0["name"] == "reviews" && $0["kind"] == "VirtualService" })
      let destinations = try #require(reviews["destinations"]?.array)
      #expect(destinations.compactMap { $0["destination"]?.string } == ["v1", "v3"])
      for destination in destinations {
        #expect(destination["applied"]?["taken"] == 6 && destination["applied"]?["of"] == 6, "\(destination)")
        let share = try #require(destination["askedShare"]?.double)
        #expect(share > 0 && share < 1)
      }
      // The table says the same.
      let table = try mesh.meshdeck("routes")
      #expect(table.output.hasPrefix("ROUTE ") && table.output.contains("VirtualService bookinfo/reviews"))
    }

    /// As JSON, as a picture, and in the language of graphviz; what is hidden is in none.
    @Test func theGraph() throws {
      let mesh = try RunningSandbox.calm()
      var graph = try JSONValue(printed: try mesh.meshdeck("graph", "-o", "json"))
      // Of a mesh that has just begun too little is known to call anything healthy.
      let deadline = ContinuousClock.now + .seconds(30)
      while graph["window"]?.double ?? 0 < 10, ContinuousClock.now < deadline {
        graph = try JSONValue(printed: try mesh.meshdeck("graph", "-o", "json"))
      }
      let nodes = try #require(graph["nodes"]?.array), edges = try #require(graph["edges"]?.array)
      #expect(nodes.contains { $0["name"] == "reviews" && $0["version"] == "v2" }, "what is idle is there")
      let called = edges.first { $0["from"]?["name"] == "productpage" && $0["to"]?["name"] == "details" }
      #expect(try #require(called?["requestsPerSecond"]?.double) > 0, "\(graph)")
      #expect(called?["health"] == "healthy" && called?["codes"]?["200"] != nil, "\(graph)")
      let picture = try mesh.meshdeck("graph")
      #expect(
        picture.output.contains("│ productpage ● │") && picture.output.contains("─ reviews ─"), "\(picture.output)")
      let dot = try mesh.meshdeck("graph", "-o", "dot", "--hide", "details or idle")
      #expect(dot.output.hasPrefix("digraph mesh {\n") && dot.output.contains("bookinfo/productpage v1"))
      #expect(!dot.output.contains("details") && !dot.output.contains("reviews v2"), "\(dot.output)")
      let wrong = try mesh.meshdeck("graph", "--hide", "er > 1%")
      #expect(wrong.code == 2 && wrong.errors.contains("there is no “er” (did you mean err?)"), "\(wrong.errors)")
    }

    @Test func theRoutesScreen() throws {
      let run = try RunningSandbox.calm().meshdeck("screen", "routes", "--size", "118x36")
      #expect(run.code == 0, "\(run.errors)")
      let rows = run.output.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(rows.count >= 36)
      #expect(rows[0].contains("sandbox ▸ bookinfo") && rows[0].contains("7/7 in sync"), "\(run.output)")
      #expect(run.output.contains("▾ reviews VirtualService bookinfo/reviews"))
      #expect(!run.output.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    }

    @Test func theLogOfAVersion() throws {
      let run = try RunningSandbox.calm().meshdeck("logs", "reviews/v1", "--no-follow", "-o", "jsonl")
      #expect(run.code == 0, "\(run.errors)")
      let lines = try run.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
      #expect(!lines.isEmpty)
      #expect(lines.allSatisfy { $0["proxy"]?.string?.hasPrefix("reviews-v1-") == true })
      let access = try #require(lines.last { $0["response_code"] != nil })
      #expect(access["response_code"] == 200 && access["path"] == "/reviews/0", "\(access)")
      // What is asked of lines holds for the mesh's logs as for files.
      let none = try RunningSandbox.calm().meshdeck("logs", "reviews/v1", "--no-follow", "--filter", "code = 299")
      #expect(none.code == 0 && none.output.isEmpty && none.errors.contains("0 of "), "\(none.errors)")
      let top = try RunningSandbox.calm().meshdeck("logs", "reviews", "--top", "paths")
      #expect(top.output.contains("PATHS") && top.output.contains("/reviews/0"), "\(top.output) \(top.errors)")
      let id = try #require(access["request_id"]?.string)
      let trail = try RunningSandbox.calm().meshdeck("logs", "--request", id)
      #expect(trail.output.contains("  productpage-v1-") && trail.output.contains("reviews-v1-"), "\(trail.output)")
    }

    @Test func aReaderThatHasHeardEnoughIsNoTrouble() throws {
      let mesh = try RunningSandbox.calm()
      let command = "'\(builtProgram("meshdeck"))' logs reviews/v1 \(mesh.options.joined(separator: " "))"
      let run = try ProgramRun(
        "/bin/bash", ["-c", "\(command) | head -1; exit ${PIPESTATUS[0]}"], environment: mesh.environment())
      #expect(run.code == 0)
      #expect(run.output.split(separator: "\n").count == 1)
      #expect(run.errors.isEmpty, "\(run.errors)")
    }
  }

  /// Nothing of a sandbox stays, whatever ended it.
  @Suite struct LeftoverTests {
    enum Ending: CaseIterable { case key, terminate, hangUp, kill, killSandbox }

    @Test(arguments: Ending.allCases)
    func nothingOfADemoIsLeft(ending: Ending) throws {
      let state = try TemporaryFolder()
      let demo = try Pseudoterminal(
        builtProgram("meshdeck"), ["demo", "--scenario", "calm"], columns: 118, rows: 36,
        environment: RunningSandbox.environment(state))
      try demo.openRoutes()
      try demo.wait(for: "▾ reviews")
      let processes = ProcessTable.tree(of: demo.process)
      #expect(processes.count >= 10, "the console, the sandbox, who keeps the proxies, and eight Envoys")
      switch ending {
      case .key: demo.type("q")
      case .terminate: demo.send(SIGTERM)
      case .hangUp: demo.send(SIGHUP)
      case .kill: demo.send(SIGKILL)
      case .killSandbox:
        // The console stays, and says what it misses; its sandbox leaves nothing behind either.
        let sandbox = try #require(processes.first { $0.parent == demo.process })
        kill(sandbox.id, SIGKILL)
        try demo.wait("its age") { $0.text.contains("s old") }
        demo.type("q")
      }
      _ = try demo.waitForExit()
      try demo.wait("nobody: \(ProcessTable.running(among: processes))") { _ in
        ProcessTable.running(among: processes).isEmpty
      }
      if ending != .kill { #expect(demo.isRestored && demo.hasLeft) }
    }

    @Test func twoSandboxesRunAtOnce() throws {
      let one = try RunningSandbox.calm()
      let other = try RunningSandbox("--scenario", "calm")
      #expect(one.process.ready.gateway != other.process.ready.gateway)
      try other.patch(v1: 33, v3: 67)
      #expect(try one.weights() != [33, 67])
    }
  }
}
