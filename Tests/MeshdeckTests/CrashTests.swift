import FoundationEssentials
import Glibc
import JSON
import Peers
import Pseudoterminal
import Spawning
import Testing

extension ProgramTests {
  /// The program is killed in the middle of its road; the next one finds out what happened and says so.
  @Suite struct CrashTests {
    /// What the journal says of a change, by its lines.
    private struct Entry {
      var id: Int
      var after: [Int]
      var outcome: String?
    }

    private func entries(_ mesh: RunningSandbox) throws -> [Entry] {
      let text = (try? String(contentsOfFile: mesh.state.journal, encoding: .utf8)) ?? ""
      var entries: [Entry] = []
      for line in text.split(separator: "\n").compactMap({ try? JSONValue(parsing: String($0)) }) {
        guard let id = line["id"]?.int, let event = line["event"]?.string else { continue }
        if event == "started" {
          let after = line["after"]?.array?.compactMap { $0["weight"]?.int } ?? []
          entries.append(Entry(id: id, after: after, outcome: nil))
        } else if let place = entries.firstIndex(where: { $0.id == id }) {
          entries[place].outcome = event
        }
      }
      return entries
    }

    @Test func journalAndClusterNeverDisagreeUntold() throws {
      let mesh = try RunningSandbox("--scenario", "calm")
      var random = SeededGenerator(seed: 20_261_126)
      let began = ContinuousClock.now
      try mesh.begin(v1: 90, v3: 10)
      var weights = [90, 10]
      var (rounds, open, made) = (0, 0, 0)
      while ContinuousClock.now - began < .seconds(45) {
        rounds += 1
        let wanted = [100 - rounds % 90 - 1, rounds % 90 + 1]
        let known = try entries(mesh).count
        var program = Program(
          builtProgram("meshdeck"),
          ["split", "set", "reviews", "v1=\(wanted[0])", "v3=\(wanted[1])", "--yes"] + mesh.options)
        program.environment = mesh.environment().map { "\($0.key)=\($0.value)" }
        let process = try program.start()
        // By turns at any moment of its life, and while it writes: that takes some milliseconds only.
        if rounds.isMultiple(of: 2) {
          usleep(UInt32.random(in: 0...1_000_000, using: &random))
        } else {
          let deadline = ContinuousClock.now + .seconds(5)
          while try entries(mesh).count == known, ContinuousClock.now < deadline { usleep(100) }
          usleep(UInt32.random(in: 0...8_000, using: &random))
        }
        kill(process, SIGKILL)
        waitpid(process, nil, 0)

        let stoodOpen = try entries(mesh).dropFirst(known).first.map { $0.outcome == nil } ?? false
        let next = try mesh.meshdeck("split", "set", "reviews", "v1=50", "v3=50", "--dry-run")
        let now = try mesh.weights()
        let entry = try entries(mesh).dropFirst(known).first
        switch entry?.outcome {
        case "made": #expect(now == wanted, "round \(rounds): \(next.errors)")
        case "failed": #expect(now == weights, "round \(rounds): \(next.errors)")
        case nil where entry == nil: #expect(now == weights, "round \(rounds): nothing was written down")
        case let other: Issue.record("round \(rounds): \(other ?? "started") is no end; \(next.errors)")
        }
        if stoodOpen, let entry {
          open += 1
          #expect(next.errors.contains("#\(entry.id) of "), "round \(rounds): it is said: \(next.errors)")
          #expect(next.errors.contains("ended without an answer: it was"), "round \(rounds): \(next.errors)")
        }
        made += now == wanted ? 1 : 0
        weights = now
      }
      print("killed \(rounds) times; \(made) changes made, \(open) stood open")
      #expect(rounds >= 20)
      #expect(open > 0 && made > 0, "\(rounds) kills, \(open) open, \(made) made")
    }
  }
}
