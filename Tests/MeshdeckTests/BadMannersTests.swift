import FoundationEssentials
import JSON
import Peers
import Pseudoterminal
import SandboxClient
import Testing

extension ProgramTests {
  /// What real servers answer to a write, each told in a clear sentence.
  @Suite struct BadMannersTests {
    private static func status(_ code: Int, _ message: String, reason: String? = nil) -> String {
      var status: JSONValue = [
        "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "message": .string(message),
        "code": .int(code),
      ]
      if let reason { status["reason"] = .string(reason) }
      return status.text()
    }

    private static let mesh = Result { try RunningSandbox("--simulated", "--scenario", "calm") }

    /// Sets the weights through a server with these manners; then says what the resource has.
    private func set(
      v3: Int, _ manner: @escaping @Sendable (Int, _ isDryRun: Bool) -> UnmanneredServer.Manner
    ) throws -> (run: ProgramRun, weights: [Int], outcome: String?) {
      let mesh = try Self.mesh.get()
      try mesh.patch(v1: 90, v3: 10)
      let kubeconfig = try String(contentsOfFile: mesh.process.ready.kubeconfig, encoding: .utf8)
      let place = try #require(kubeconfig.split(separator: "\n").first { $0.contains("server: http://") })
      let address = place.drop { $0 != "/" }.dropFirst(2).split(separator: ":")
      let server = try UnmanneredServer(
        before: (String(address[0]), try #require(UInt16(address[1]))), manner)
      let file = "\(mesh.state.path)/kubeconfig-\(server.port)"
      let lines = kubeconfig.split(separator: "\n", omittingEmptySubsequences: false)
      try lines.map { $0 == place ? "    server: http://127.0.0.1:\(server.port)" : String($0) }.joined(separator: "\n")
        .write(toFile: file, atomically: true, encoding: .utf8)
      var options = mesh.options
      options[1] = file
      let run = try ProgramRun(
        builtProgram("meshdeck"),
        ["split", "set", "reviews", "v1=\(100 - v3)", "v3=\(v3)", "--yes", "--wait", "10s"] + options,
        environment: mesh.environment())
      let last = try String(contentsOfFile: mesh.state.journal, encoding: .utf8).split(separator: "\n").last
      return (run, try mesh.weights(), try last.map { try JSONValue(parsing: String($0)) }?["event"]?.string)
    }

    @Test func aServerThatForbidsIsQuoted() throws {
      let words = "virtualservices \"reviews\" is forbidden: User \"ada\" cannot patch"
      let (run, weights, outcome) = try set(v3: 20) { _, isDryRun in
        isDryRun ? .passes : .answers(status: "403 Forbidden", body: Self.status(403, words, reason: "Forbidden"))
      }
      #expect(run.code == 3 && run.errors.contains("denied by the server: \(words)"), "\(run.errors)")
      #expect(weights == [90, 10] && outcome == "failed", "\(weights) \(outcome ?? "")")
    }

    /// Istio's own: 400 without a reason.
    @Test func aWebhookIsQuotedBeforeAnythingIsWritten() throws {
      let message = "admission webhook \"validation.istio.io\" denied the request: configuration is invalid: no gateway"
      let (run, weights, _) = try set(v3: 20) { _, _ in
        .answers(status: "400 Bad Request", body: Self.status(400, message))
      }
      #expect(run.code == 3, "\(run.errors)")
      #expect(run.errors.contains("denied by the server: configuration is invalid: no gateway"), "\(run.errors)")
      #expect(weights == [90, 10])
    }

    @Test func warningsAreToldBeforeTheQuestion() throws {
      let (run, weights, _) = try set(v3: 20) { _, isDryRun in
        isDryRun ? .adds(header: "Warning: 299 - \"subset v3 is deprecated\"") : .passes
      }
      #expect(run.errors.contains("the server warns: subset v3 is deprecated"), "\(run.errors)")
      #expect(run.code == 0 && weights == [80, 20])
    }

    @Test func aServerThatIsBusyIsAskedAgainWhenItSays() throws {
      let began = ContinuousClock.now
      let (run, weights, outcome) = try set(v3: 20) { number, isDryRun in
        number > 1 || isDryRun
          ? .passes
          : .answers(
            status: "429 Too Many Requests", headers: "Retry-After: 1\r\n",
            body: Self.status(429, "too many requests", reason: "TooManyRequests"))
      }
      #expect(run.code == 0, "\(run.errors)")
      #expect(weights == [80, 20] && outcome == "made")
      #expect(ContinuousClock.now - began >= .seconds(1))
    }

    @Test func aServerThatStaysBusyIsSaidToBe() throws {
      let (run, weights, outcome) = try set(v3: 20) { _, isDryRun in
        isDryRun
          ? .passes
          : .answers(
            status: "429 Too Many Requests", body: Self.status(429, "too many requests", reason: "TooManyRequests"))
      }
      #expect(run.code == 5 && run.errors.contains("the API server asks for fewer requests (429)"), "\(run.errors)")
      #expect(weights == [90, 10] && outcome == "failed", "\(weights) \(outcome ?? "")")
    }

    @Test func aLostAnswerIsFoundOut() throws {
      let (run, weights, outcome) = try set(v3: 20) { number, isDryRun in
        isDryRun || number > 1 ? .passes : .losesTheAnswer
      }
      #expect(run.code == 0, "\(run.errors)")
      #expect(weights == [80, 20] && outcome == "made")
    }

    @Test func aLostRequestIsSaidToBeInDoubt() throws {
      let (run, weights, outcome) = try set(v3: 20) { _, isDryRun in isDryRun ? .passes : .losesTheRequest }
      #expect(run.code == 5, "\(run.errors)")
      #expect(run.errors.contains("sent, but no answer came, so it may have been made"), "\(run.errors)")
      #expect(weights == [90, 10] && outcome == "unknown")
      // The next command looks again, and says so.
      let next = try Self.mesh.get().meshdeck("split", "set", "reviews", "v1=50", "v3=50", "--dry-run")
      #expect(next.errors.contains("ended without an answer: it was not made"), "\(next.errors)")
    }

    @Test(arguments: [409, 422]) func aWriteThatMeetsAnotherOneIsTriedAnew(code: Int) throws {
      let (run, weights, outcome) = try set(v3: 20) { number, isDryRun in
        guard number == 1, !isDryRun else { return .passes }
        let mesh = try? Self.mesh.get()
        // Somebody changes something else of the object meanwhile.
        _ = try? mesh?.kubectl("annotate", "virtualservice", "reviews", "--overwrite", "touched=\(code)")
        return .answers(
          status: "\(code) Rejected",
          body: Self.status(code, "the server rejected our request due to an error in our request"))
      }
      #expect(run.code == 0, "\(run.errors)")
      #expect(weights == [80, 20] && outcome == "made")
    }

    @Test(arguments: [409, 422]) func aWriteThatMeetsOtherWeightsIsAConflict(code: Int) throws {
      let (run, weights, outcome) = try set(v3: 20) { number, isDryRun in
        guard number == 1, !isDryRun else { return .passes }
        try? Self.mesh.get().patch(v1: 60, v3: 40)
        return .answers(
          status: "\(code) Rejected",
          body: Self.status(code, "the server rejected our request due to an error in our request"))
      }
      #expect(run.code == 4, "\(run.errors)")
      #expect(
        run.errors.contains("somebody else changed this rule; nothing was overwritten; it now says v1=60 v3=40"),
        "\(run.errors)")
      #expect(weights == [60, 40] && outcome == "failed")
    }
  }
}
