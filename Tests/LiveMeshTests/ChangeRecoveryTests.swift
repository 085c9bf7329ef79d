import MeshModel
import Peers
import Synchronization
import Testing

@testable import LiveMesh

@Suite(.timeLimit(.minutes(1)))
struct ChangeRecoveryTests {
  private let folder: TemporaryFolder
  private let clock = HandClock.ticking(from: Timestamp(seconds: 1_000_000), by: .milliseconds(600))
  private var journal: Journal { Journal(path: folder.path + "/changes.jsonl", clock: clock) }
  private let draft = ChangeDraft(
    route: ruleID(0), resourceVersion: "1043", before: TrafficSplit([v1: 75, v3: 25]),
    after: TrafficSplit([v1: 100, v3: 0]), note: "v3 fails")

  init() throws { folder = try TemporaryFolder() }

  private func recovery(_ standing: ChangePlanner.Standing?) -> ChangeRecovery {
    ChangeRecovery(journal: journal, context: "prod", clock: clock) { _ throws(ChangeFailure) in
      guard let standing else { throw .unreachable(Trouble(.unreachable, "the API server does not answer")) }
      return standing
    }
  }

  @Test(arguments: [
    (
      ChangePlanner.Standing.after(nil), ChangeRecord.Outcome.made(resourceVersion: "1043"),
      "ended without an answer: it was made"
    ),
    (.before, .failed("not made: the rule says what it said before"), "ended without an answer: it was not made"),
    (
      .other(TrafficSplit([v1: 60, v3: 40])), .overwritten(now: "v1=60 v3=40"),
      "ended without an answer: whether it was made cannot be told; now it says v1=60 v3=40"
    ),
    (
      .other(nil), .overwritten(now: "the rule is gone"),
      "ended without an answer: whether it was made cannot be told; now it says the rule is gone"
    ),
  ]) func whatBecameOfAChangeIsFoundOut(
    _ standing: ChangePlanner.Standing, _ outcome: ChangeRecord.Outcome, _ words: String
  ) async throws {
    _ = try await journal.begin(draft, context: "prod", user: "ada")
    let resolved = try await recovery(standing).resolve()
    #expect(resolved.map(\.outcome) == [outcome])
    #expect(resolved.first?.recovery.hasSuffix(words) == true, "\(resolved.first?.recovery ?? "")")
    #expect(resolved.first?.change.note == "v3 fails")
    #expect(try journal.records(context: "prod").map(\.outcome) == [outcome])
    #expect(try await recovery(standing).resolve() == [], "it is told once")
  }

  @Test func whatCannotBeReadStaysAndIsToldAgain() async throws {
    let (change, claim) = try await journal.begin(draft, context: "prod", user: "ada")
    try await journal.end(change.id, .unknown("no answer"))
    #expect(try await recovery(nil).resolve() == [], "its writer is still at it")
    _ = consume claim
    for _ in 0..<2 {
      let resolved = try await recovery(nil).resolve()
      #expect(resolved.map(\.outcome) == [.unknown("no answer")])
      #expect(resolved.first?.recovery.hasSuffix("could not be read; look at the rule before you go on") == true)
    }
  }

  /// A request may still be on its way when its writer is gone.
  @Test func notMadeIsSaidOnlyAfterAWhile() async throws {
    _ = try await journal.begin(draft, context: "prod", user: "ada")
    let asked = Mutex(0)
    let recovery = ChangeRecovery(journal: journal, context: "prod", clock: clock) { _ in
      asked.withLock { count in
        count += 1
        return count == 1 ? .before : .after(nil)
      }
    }
    #expect(try await recovery.resolve().map(\.outcome) == [.made(resourceVersion: "1043")])
  }

  @Test func whatIsKnownIsLeftAlone() async throws {
    let change = try await journal.begin(draft, context: "prod", user: "ada").change
    try await journal.end(change.id, .made(resourceVersion: "1044"))
    _ = try await journal.begin(draft, context: "staging", user: "ada")
    #expect(try await recovery(.before).resolve() == [])
  }
}
