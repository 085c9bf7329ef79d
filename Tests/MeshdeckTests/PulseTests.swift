import JSON
import Pseudoterminal
import Testing

extension ProgramTests {
  /// What is wrong, told of real Envoys.
  @Suite struct PulseTests {
    struct Story: Sendable, CustomTestStringConvertible {
      let scenario: String
      /// How far it has come when the mesh is there.
      let start: String
      let kind: String
      let subject: String
      var change: String?
      var testDescription: String { scenario }
    }

    static let stories = [
      Story(
        scenario: "bad-canary", start: "26s", kind: "canary", subject: "reviews #0 v3",
        change: "Deployment reviews-v3"),
      Story(scenario: "slow-dependency", start: "0s", kind: "slow", subject: "ratings v1"),
      Story(scenario: "stale-proxy", start: "12s", kind: "rejected", subject: "details-v1-"),
      Story(scenario: "ejection", start: "12s", kind: "ejected", subject: "details v1"),
      Story(scenario: "unready", start: "12s", kind: "unready", subject: "reviews"),
      Story(scenario: "expiring-certificate", start: "12s", kind: "certificate", subject: "ratings-v1-"),
      Story(scenario: "mtls-mismatch", start: "12s", kind: "errors", subject: "productpage v1 → details"),
    ]

    @Test(arguments: stories) func eachScenarioIsFoundOut(_ story: Story) throws {
      let mesh = try RunningSandbox("--scenario", story.scenario, "--start-at", story.start)
      let run = try ProgramRun(
        builtProgram("meshdeck"), ["pulse", "--watch", "-o", "json", "--after", "2s"] + mesh.options,
        environment: mesh.environment(), within: .seconds(90)
      ) { Self.finding(of: story, in: $0) != nil }
      let told = try #require(Self.finding(of: story, in: run.output), "\(run.output)\(run.errors)")
      #expect(told["evidence"]?.array?.isEmpty == false)
      #expect(told["since"]?.string != nil)
      if let change = story.change {
        #expect(told["precededBy"]?.array?.first?["change"]?.string?.hasPrefix(change) == true, "\(told.text())")
      }
    }

    /// The story's finding in the newest whole line.
    private static func finding(of story: Story, in output: String) -> JSONValue? {
      output.split(separator: "\n").lazy.compactMap { try? JSONValue(parsing: Array($0.utf8)).array }
        .flatMap(\.self)
        .first { $0["kind"]?.string == story.kind && $0["subject"]?.string?.hasPrefix(story.subject) == true }
    }

    /// A calm mesh raises nothing for a minute; and after it both sources say the same of who called whom.
    @Test func aCalmMinuteRaisesNothingAndBothSourcesAgree() throws {
      let mesh = try RunningSandbox("--scenario", "calm", "--rps", "60")
      let watch = try ProgramRun(
        "/usr/bin/timeout",
        ["65", builtProgram("meshdeck"), "pulse", "--watch", "-o", "json", "--after", "4s"] + mesh.options,
        environment: mesh.environment(), within: .seconds(120))
      let lines = watch.output.split(separator: "\n")
      #expect(lines == ["[]"], "\(watch.output)\(watch.errors)")

      let stored = try edges(mesh)
      let logged = try edges(mesh, "--prometheus", "none")
      #expect(stored.source != logged.source)
      var compared = 0
      for (edge, rate) in logged.rates where rate * 60 >= 1000 {
        let other = try #require(stored.rates[edge], "\(edge) is in one source alone")
        #expect(abs(rate - other) <= 0.03 * rate, "\(edge): \(rate) by logs, \(other) by the store")
        compared += 1
      }
      #expect(compared >= 3, "\(logged.rates)")
    }

    private func edges(
      _ mesh: RunningSandbox, _ more: String...
    ) throws -> (source: String?, rates: [String: Double]) {
      let run = try ProgramRun(
        builtProgram("meshdeck"), ["graph", "-o", "json", "--window", "60s"] + mesh.options + more,
        environment: mesh.environment())
      let json = try JSONValue(printed: run)
      let edges = try #require(json["edges"]?.array, "\(run.output)\(run.errors)")
      var rates: [String: Double] = [:]
      for edge in edges {
        guard let rate = edge["requestsPerSecond"]?.double else { continue }
        rates["\(edge["from"]?.text() ?? "") → \(edge["to"]?.text() ?? "")"] = rate
      }
      return (json["source"]?.string, rates)
    }
  }
}
