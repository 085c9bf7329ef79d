import KubernetesAPI
import MeshModel

/// Finds out what became of changes whose writer ended, or lost the answer, before it was known.
struct ChangeRecovery: Sendable {
  /// A request that had left when its writer ended has arrived by then.
  private static let settling: Duration = .seconds(1)

  let journal: Journal
  let context: String
  let clock: MeshClock
  /// Reads what the objects say of a change now.
  let standing: @Sendable (Change) async throws(ChangeFailure) -> ChangePlanner.Standing

  /// Resolves what is not known, and writes it down. Gives those changes as they are now, newest first; one that cannot
  /// be read stays as it is.
  func resolve() async throws(ChangeFailure) -> [ChangeRecord] {
    var resolved: [ChangeRecord] = []
    for record in try journal.records(context: context) where record.outcome.isOpen {
      // Another console is at it.
      guard !JournalClaim.isHeld(record.id, journal: journal.path) else { continue }
      guard let outcome = await outcome(of: record) else {
        resolved.append(record)
        continue
      }
      try await journal.end(record.id, outcome)
      resolved.append(
        ChangeRecord(
          change: record.change, time: record.time, context: record.context, user: record.user, outcome: outcome))
    }
    return resolved
  }

  private func outcome(of record: ChangeRecord) async -> ChangeRecord.Outcome? {
    while true {
      let isSettled = clock.now() - record.time >= Self.settling
      switch try? await standing(record.change) {
      case nil: return nil
      case .after(let object): return .made(resourceVersion: object?.resourceVersion ?? record.change.resourceVersion)
      case .other(let split): return .overwritten(now: split.map { "\($0)" } ?? "the rule is gone")
      case .before where isSettled: return .failed("not made: the rule says what it said before")
      case .before: await clock.sleep(Self.settling)
      }
    }
  }
}
