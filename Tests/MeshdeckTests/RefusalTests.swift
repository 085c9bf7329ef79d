import FoundationEssentials
import Peers
import Pseudoterminal
import Testing

extension ProgramTests {
  /// What bad input gets: a sentence, an exit code, and nothing written.
  @Suite struct RefusalTests {
    static let refusals: [(arguments: [String], code: Int32, words: String)] = [
      (["v1=0", "v3=0"], 3, "all weights are 0"),
      (["v3=-1"], 3, "whole number from 0"),
      (["v3=ten"], 3, "not a whole number"),
      (["v3=101%"], 3, "from 0 to 100"),
      (["v1=50%", "v3=40%"], 3, "add up to 90"),
      (["v1=50%", "v3=40"], 2, "weights or percentages"),
      (["v3=20", "--rule", "tcp/0"], 2, "has no rule tcp/0"),
      (["v3=20", "--rule", "udp/0"], 2, "udp/0"),
      (["v9=10"], 3, "v9 is no destination of"),
      (["v3=20", "--read-only"], 3, "read-only"),
      (
        ["v3=20", "--context", "sandbox-viewer"], 3, "you may not patch virtualservices.networking.istio.io in bookinfo"
      ),
      (["v3"], 2, "is not DESTINATION=WEIGHT"),
      (["v3=1", "v3=2"], 2, "v3 is given twice"),
      (["v3=20", "--rule", "7"], 2, "has no rule 7"),
      (["v3=20", "--no-such-option"], 2, "--no-such-option"),
      (["v3=20", "--context", "nowhere"], 2, "nowhere"),
      (["v3=20", "--wait", "soon"], 2, "soon"),
    ]

    @Test(arguments: refusals)
    func isRefused(arguments: [String], code: Int32, words: String) throws {
      let mesh = try RunningSandbox.calm()
      let before = try mesh.weights()
      let run = try ProgramRun(
        builtProgram("meshdeck"), ["split", "set", "reviews", "--yes"] + arguments + mesh.options,
        environment: mesh.environment())
      #expect(run.code == code, "\(run.errors)")
      #expect(run.errors.contains(words), "\(run.errors)")
      #expect(run.output.isEmpty)
      #expect(try mesh.weights() == before)
    }

    @Test func nobodyIsAskedWhereNobodyIs() throws {
      let mesh = try RunningSandbox.calm()
      let before = try mesh.weights()
      let run = try mesh.meshdeck("split", "set", "reviews", "v1=7", "v3=93")
      #expect(run.code == 2 && run.errors.contains("--yes"), "\(run.errors)")
      #expect(try mesh.weights() == before)
    }

    @Test func aRouteThatIsNotThere() throws {
      let run = try RunningSandbox.calm().meshdeck("split", "set", "nope", "v3=1", "--yes")
      #expect(run.code == 2 && run.errors.contains("no route is called nope"), "\(run.errors)")
    }

    @Test(arguments: [
      ("apiVersion: v1\nkind: Config\nclusters: [", Int32(2), "kubeconfig"),
      (unreachable, Int32(5), "127.0.0.1"),
    ])
    func aKubeconfigThatLeadsNowhere(text: String, code: Int32, words: String) throws {
      let state = try TemporaryFolder()
      let file = "\(state.path)/kubeconfig"
      try text.write(toFile: file, atomically: false, encoding: .utf8)
      let run = try ProgramRun(
        builtProgram("meshdeck"), ["routes", "--kubeconfig", file], environment: RunningSandbox.environment(state))
      #expect(run.code == code, "\(run.errors)")
      #expect(run.errors.contains(words), "\(run.errors)")
      #expect(run.output.isEmpty)
    }

    @Test func anAPIServerThatIsGoneIsSaidSoon() throws {
      let mesh = try RunningSandbox.calm()
      let file = "\(mesh.state.path)/gone"
      try Self.unreachable.write(toFile: file, atomically: false, encoding: .utf8)
      var options = mesh.options
      let place = try #require(options.firstIndex(of: "--kubeconfig"))
      options[place + 1] = file
      let run = try ProgramRun(
        builtProgram("meshdeck"), ["proxies", "-n", "bookinfo"] + options, environment: mesh.environment())
      #expect(run.code == 5 && run.errors.contains("cannot connect to https://127.0.0.1:1"), "\(run.errors)")
      #expect(run.output.contains("reviews-v1-"), "what the proxies say themselves is shown: \(run.output)")
    }

    @Test(arguments: ["routes", "proxies"])
    func whoDoesNotAnswerIsNamed(command: String) throws {
      let run = try RunningSandbox.calm().meshdeck(
        command, "--istiod", "istiod.invalid", "--proxy", "lost.bookinfo=http://127.0.0.1:1")
      #expect(run.code == 0 && run.output.contains("reviews"), "\(run.errors)")
      #expect(run.errors.contains("istiod does not answer"), "\(run.errors)")
      #expect(run.errors.contains("lost.bookinfo is silent"), "\(run.errors)")
    }

    @Test func aKubeconfigThatIsMissing() throws {
      let state = try TemporaryFolder()
      let run = try ProgramRun(
        builtProgram("meshdeck"), ["routes", "--kubeconfig", "\(state.path)/none"],
        environment: RunningSandbox.environment(state))
      #expect(run.code == 2 && run.errors.contains("\(state.path)/none"), "\(run.errors)")
    }

    /// Nothing listens on port 1.
    static let unreachable = """
      apiVersion: v1
      kind: Config
      current-context: gone
      clusters: [{name: gone, cluster: {server: "https://127.0.0.1:1"}}]
      users: [{name: me, user: {token: secret}}]
      contexts: [{name: gone, context: {cluster: gone, user: me}}]
      """
  }
}
