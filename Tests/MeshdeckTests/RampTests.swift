import FoundationEssentials
import Glibc
import JSON
import Peers
import Pseudoterminal
import Spawning
import Testing

extension ProgramTests {
  /// Ramps between real Envoys, with kubectl as the second writer.
  @Suite struct RampTests {
    private func lines(_ mesh: RunningSandbox, _ event: String) throws -> [JSONValue] {
      let journal = (try? String(contentsOfFile: mesh.state.journal, encoding: .utf8)) ?? ""
      return journal.split(separator: "\n").compactMap { try? JSONValue(parsing: String($0)) }
        .filter { $0["event"]?.string == event }
    }

    @Test func aHealthyVersionGetsAllOfIt() throws {
      let mesh = try RunningSandbox.calm()
      try mesh.begin(v1: 90, v3: 10)
      // On a busy machine either version may be the slower one.
      let run = try mesh.meshdeck(
        "split", "ramp", "reviews", "v3", "--steps", "50,100", "--hold", "2s", "--least", "20", "--p99", "none",
        "--note", "v3 is ready", "--yes", "-o", "json")
      #expect(run.code == 0, "\(run.errors)")
      let answer = try JSONValue(printed: run)
      #expect(answer["outcome"] == "completed" && answer["step"] == 2 && answer["reason"] == .null, "\(answer)")
      #expect(answer["changes"]?.array?.count == 2)
      #expect(run.errors.contains("step 2 of 2: v3 100 %"), "\(run.errors)")
      #expect(try mesh.weights() == [0, 100])
      let begun = try #require(try lines(mesh, "rampBegun").last)
      #expect(begun["note"] == "v3 is ready")
      #expect(try lines(mesh, "rampEnded").last?["outcome"] == "completed")
      let notes = try lines(mesh, "started").suffix(2).compactMap { $0["note"]?.string }
      let id = try #require(begun["id"]?.int)
      #expect(
        notes == ["ramp #\(id), step 1 of 2, v3 is ready", "ramp #\(id), step 2 of 2, v3 is ready"], "steps are changes"
      )
    }

    @Test func aBadCanaryGoesBackByItself() throws {
      let mesh = try RunningSandbox("--scenario", "bad-canary", "--start-at", "26s")
      let start = try mesh.weights()
      #expect(start == [75, 25])
      let run = try mesh.meshdeck(
        "split", "ramp", "reviews", "v3", "--steps", "50,100", "--hold", "60s", "--yes", "-o", "json")
      #expect(run.code == 7, "\(run.errors)")
      #expect(try mesh.weights() == start)
      let answer = try JSONValue(printed: run)
      #expect(answer["outcome"] == "reverted" && answer["changes"]?.array?.count == 2, "\(answer)")
      #expect(answer["reason"]?.string?.contains("v3 fails ") == true, "\(answer)")
      #expect(try lines(mesh, "rampEnded").last?["reason"] == answer["reason"])
      #expect(
        try lines(mesh, "started").last?["note"]?.string?.contains("back to the start: v3 fails") == true)
    }

    /// A running ramp that has come to its first step.
    private func begin(_ mesh: RunningSandbox, hold: String) throws -> pid_t {
      let known = try lines(mesh, "made").count
      var program = Program(
        builtProgram("meshdeck"),
        [
          "split", "ramp", "reviews", "v3", "--steps", "40,80", "--hold", hold, "--least", "20", "--p99", "none",
          "--yes",
        ]
          + mesh.options)
      program.environment = mesh.environment().map { "\($0.key)=\($0.value)" }
      let process = try program.start()
      let deadline = ContinuousClock.now + .seconds(20)
      while try lines(mesh, "made").count == known, ContinuousClock.now < deadline { usleep(10_000) }
      try #require(try mesh.weights() == [60, 40])
      return process
    }

    private func end(of process: pid_t) -> Int32 {
      var status: Int32 = 0
      waitpid(process, &status, 0)
      return status & 0x7f == 0 ? status >> 8 & 0xff : -(status & 0x7f)
    }

    @Test func whoeverWritesTheRuleStopsIt() throws {
      let mesh = try RunningSandbox.calm()
      try mesh.begin(v1: 90, v3: 10)
      let process = try begin(mesh, hold: "60s")
      try mesh.patch(v1: 55, v3: 45)
      #expect(end(of: process) == 8)
      #expect(try mesh.weights() == [55, 45], "nothing is overwritten")
      let last = try #require(try lines(mesh, "rampEnded").last)
      #expect(last["outcome"] == "stopped" && last["overwritten"] == true)
      #expect(last["reason"] == "kubectl-patch wrote this rule; it now says v1=55 v3=45")
    }

    @Test func anInterruptedRampSaysWhereItIsAndGoesBackWhenAsked() throws {
      let mesh = try RunningSandbox.calm()
      try mesh.begin(v1: 90, v3: 10)
      let process = try begin(mesh, hold: "60s")
      kill(process, SIGINT)
      #expect(end(of: process) == 8)
      #expect(try mesh.weights() == [60, 40])
      let last = try #require(try lines(mesh, "rampEnded").last)
      #expect(last["outcome"] == "stopped" && last["step"] == 1 && last["reason"] == "asked to stop")
      let back = try mesh.meshdeck("split", "ramp", "--revert", "--yes")
      #expect(back.code == 0, "\(back.errors)")
      #expect(back.output.contains("is back at the start: v1=90 v3=10"), "\(back.output)")
      #expect(try mesh.weights() == [90, 10])
      let none = try mesh.meshdeck("split", "ramp", "--revert", "reviews", "--yes")
      #expect(none.code == 2 && none.errors.contains("no ramp in the journal"), "\(none.errors)")
    }

    @Test func aKilledRampIsToldAndGoesOn() throws {
      let mesh = try RunningSandbox.calm()
      try mesh.begin(v1: 90, v3: 10)
      let process = try begin(mesh, hold: "60s")
      let during = try mesh.meshdeck("split", "set", "reviews", "v3=20", "--dry-run")
      #expect(!during.errors.contains("ended in the middle"), "its program lives: \(during.errors)")
      let second = try mesh.meshdeck("split", "ramp", "reviews", "v3", "--steps", "90", "--yes")
      #expect(second.code == 3 && second.errors.contains("is run by another meshdeck"), "\(second.errors)")
      kill(process, SIGKILL)
      #expect(end(of: process) == -SIGKILL)
      let told = try mesh.meshdeck("split", "set", "reviews", "v3=20", "--dry-run")
      #expect(told.errors.contains("ended in the middle: it is at step 1 of 2, 40 %"), "\(told.errors)")
      let refused = try mesh.meshdeck("split", "ramp", "reviews", "v3", "--steps", "90", "--yes")
      #expect(refused.code == 3 && refused.errors.contains("resume it, or take it back, first"), "\(refused.errors)")
      let resumed = try lines(mesh, "rampResumed").count
      // Its hold was a minute: what goes on with it is stopped and taken back.
      var program = Program(builtProgram("meshdeck"), ["split", "ramp", "--resume", "--yes"] + mesh.options)
      program.environment = mesh.environment().map { "\($0.key)=\($0.value)" }
      let again = try program.start()
      let deadline = ContinuousClock.now + .seconds(20)
      while try lines(mesh, "rampResumed").count == resumed, ContinuousClock.now < deadline { usleep(10_000) }
      kill(again, SIGTERM)
      #expect(end(of: again) == 8)
      #expect(try mesh.weights() == [60, 40])
      let back = try mesh.meshdeck("split", "ramp", "--revert", "--yes")
      #expect(back.code == 0, "\(back.errors)")
      #expect(try mesh.weights() == [90, 10])
    }

    @Test func aResumedRampComesToItsEnd() throws {
      let mesh = try RunningSandbox.calm()
      try mesh.begin(v1: 90, v3: 10)
      let process = try begin(mesh, hold: "4s")
      // It holds its first step for four seconds at the least.
      kill(process, SIGKILL)
      #expect(end(of: process) == -SIGKILL)
      let run = try mesh.meshdeck("split", "ramp", "--resume", "--yes")
      #expect(run.code == 0, "\(run.errors)")
      #expect(run.output.contains("completed: v1=20 v3=80"), "\(run.output)")
      #expect(try mesh.weights() == [20, 80])
    }

    @Test(
      "What is no ramp is refused before anything is written",
      arguments: [
        (["reviews", "v3", "--steps", "50,40"], 3), (["reviews", "v3", "--steps", "abc"], 2), (["reviews"], 2),
        (["reviews", "v9"], 3), (["reviews", "v3", "--steps", "50", "--read-only"], 3), (["--resume", "--revert"], 2),
        (["reviews", "v3", "--against", "v3"], 3),
      ] as [([String], Int32)])
    func whatIsNoRampIsRefused(_ arguments: [String], _ code: Int32) throws {
      let mesh = try RunningSandbox.calm()
      let known = try lines(mesh, "rampBegun").count
      let run = try ProgramRun(
        builtProgram("meshdeck"), ["split", "ramp"] + arguments + ["--yes"] + mesh.options,
        environment: mesh.environment())
      #expect(run.code == code, "\(run.errors)")
      #expect(try lines(mesh, "rampBegun").count == known)
    }
  }
}
