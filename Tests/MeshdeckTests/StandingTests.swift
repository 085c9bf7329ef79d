import Glibc
import JSON
import Pseudoterminal
import Spawning
import Testing

extension ProgramTests {
  /// What stays standing when something falls: a proxy, the API server, the console itself.
  @Suite struct StandingTests {
    @Test func aProxyThatIsKilledIsToldAsSilent() throws {
      let mesh = try RunningSandbox("--scenario", "calm")
      let console = try mesh.console()
      try console.wait(for: "7/7 in sync")
      console.type("5")
      try console.wait("the proxies") { $0.text.contains("ratings-v1-") && $0.text.contains("istio-ingressgateway-") }
      kill(try mesh.proxyProcess(of: "ratings-v1-").id, SIGKILL)
      try console.wait("6 in sync") { $0.text.contains("6/7 in sync") }
      try console.wait("which is silent") { terminal in
        (0..<terminal.rows).contains { terminal.row($0).contains("ratings-v1-") && terminal.row($0).contains("silent") }
      }
      // The road of a change is open: the others take it.
      let run = try mesh.meshdeck("split", "set", "reviews", "v1=50", "v3=50", "--yes", "-o", "json")
      #expect(run.code == 0, "\(run.output)\(run.errors)")
      #expect(try JSONValue(printed: run)["applied"]?["taken"] == 5)
      #expect(try mesh.weights() == [50, 50])
    }

    @Test func whatWasKnownStaysWhileTheServerIsGone() throws {
      let mesh = try RunningSandbox("--scenario", "calm")
      let console = try mesh.console()
      try console.wait("10 asked") { $0.row(after: "▾ reviews", containing: " v3 ")?.contains(" 10  6/6") == true }
      let server = try mesh.proxyProcess(of: "api-front")
      kill(server.id, SIGKILL)
      try console.wait("its age") { $0.text.contains(try Regex(#"routes, .*[0-9.]+s old"#)) }
      #expect(console.text.contains("stale"))
      let row = try #require(console.row(after: "▾ reviews", containing: " v3 "))
      #expect(row.contains(" 10 "), "what was known stays: \(row)")

      let again = try Background(server.words)
      defer { again.stop() }
      try console.wait("all live", within: .seconds(60)) {
        !$0.text.contains("s old") && $0.row(0).contains("live")
      }
      try mesh.patch(v1: 65, v3: 35)
      try console.wait("35 asked") { $0.row(after: "▾ reviews", containing: " v3 ")?.contains(" 35 ") == true }
    }

    @Test(arguments: [SIGTERM, SIGHUP])
    func aSignalEndsTheConsoleClean(signal: Int32) throws {
      let console = try RunningSandbox.calm().console()
      try console.wait(for: "▾ reviews")
      console.send(signal)
      #expect(try console.waitForExit() & 0x7f == signal)
      #expect(console.isRestored && console.hasLeft)
    }

    @Test func theConsoleIsStoppedAndGoesOn() throws {
      let mesh = try RunningSandbox.calm()
      let shell = try Pseudoterminal(
        "/bin/bash", ["--norc", "--noprofile", "-i"], columns: 118, rows: 36, environment: mesh.environment())
      shell.type("'\(builtProgram("meshdeck"))' \(mesh.options.joined(separator: " "))\r")
      try shell.openRoutes()
      try shell.wait(for: "▾ reviews")
      let before = shell.written.count
      shell.type("\u{1a}")
      try shell.wait("the shell") {
        $0.hasLeftScreen && String(decoding: $0.written[before...], as: UTF8.self).contains("Stopped")
      }
      shell.type("fg\r")
      try shell.wait("the whole picture") {
        $0.row(0).contains("meshdeck") && $0.text.contains("▾ reviews") && !$0.text.contains("Stopped")
      }
      shell.type("q")
      try shell.wait("the shell again") { $0.hasLeftScreen }
      shell.type("exit 7\r")
      #expect(try shell.waitForExit() >> 8 == 7)
    }

    @Test func aTinyWindowSaysSoAndGrowsBack() throws {
      let console = try RunningSandbox.calm().console()
      try console.wait(for: "▾ reviews")
      console.resize(columns: 20, rows: 5)
      try console.wait("a word on the size") { $0.text.contains("40") && $0.text.contains("10") }
      #expect(!console.text.contains("reviews"))
      console.resize(columns: 80, rows: 24)
      try console.wait("the list") { $0.text.contains("▾ reviews") && $0.row(23).contains("q") }
      console.type("q")
      #expect(try console.waitForExit() == 0)
      #expect(console.isRestored)
    }

    @Test func aProxyThatRefusesIsNamedWithItsWords() throws {
      let mesh = try RunningSandbox("--scenario", "stale-proxy", "--start-at", "12s")
      let run = try mesh.meshdeck(
        "split", "set", "reviews", "v1=50", "v3=50", "--yes", "--wait", "5s", "-o", "json")
      #expect(run.code == 6, "\(run.output)\(run.errors)")
      let applied = try JSONValue(printed: run)["applied"]
      #expect(applied?["taken"] == 5 && applied?["of"] == 6, "\(run.output)")
      #expect(applied?["seconds"] == .null)
      let rejection = try #require(applied?["rejected"]?.array?.first)
      #expect(rejection["proxy"]?.string?.hasPrefix("details-v1-") == true)
      let words = try #require(rejection["reason"]?.string)
      #expect(!words.isEmpty)
      #expect(run.errors.contains("5 of 6"), "\(run.errors)")

      let console = try mesh.console(columns: 200)
      try console.wait("5/6") { $0.row(after: "▾ reviews", containing: " v3 ")?.contains("5/6") == true }
      console.type("5")
      try console.wait("its words") { $0.text.contains(words.prefix(40)) }
    }
  }
}

/// A program that runs until it is stopped.
final class Background {
  private let process: pid_t

  init(_ words: [String]) throws {
    process = try Program(words[0], Array(words.dropFirst())).start()
  }

  func stop() {
    kill(process, SIGKILL)
    waitpid(process, nil, 0)
  }
}
