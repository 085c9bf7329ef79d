import IstioAPI
import KubernetesAPI
import MeshModel
import Transport

/// Walks a change from the draft to the server's answer: checks, dry run, journal, write on a condition, outcome.
struct ChangeWriter: Sendable {
  /// Waits for a server that asks for patience, at most.
  private static let longestPatience: Duration = .seconds(10)
  private static let mostAttempts = 4

  let kubernetes: KubernetesClient
  /// VirtualServices in the version that the server serves.
  let type: ResourceType
  let journal: Journal
  let context: String
  let user: String
  let clock: MeshClock

  func preview(_ draft: ChangeDraft) async throws(ChangeFailure) -> ChangePreview {
    try check(draft)
    var found = try await read(draft)
    var attempt = 0
    while true {
      attempt += 1
      do throws(KubernetesError) {
        let answer = try await patch(draft, found, .dryRun)
        let then = RuleWeights(draft.route, in: answer.resource)
        return ChangePreview(lines: then.map(found.lines) ?? [], warnings: answer.warnings)
      } catch {
        guard error.mayBeFailedTest else { throw failure(error) }
        found = try await foundAnew(draft, after: error, found, attempt: attempt)
      }
    }
  }

  func apply(_ draft: ChangeDraft) async throws(ChangeFailure) -> AppliedChange {
    try check(draft)
    let found = try await read(draft)
    let change = try await journal.begin(draft, uid: found.uid, context: context, user: user)
    do throws(ChangeFailure) {
      return try await write(change, draft, found)
    } catch {
      if case .answerLost = error {
        await note(change, .unknown("\(error)"))
      } else {
        await note(change, .failed("\(error)"))
      }
      throw error
    }
  }

  private func write(
    _ change: Change, _ draft: ChangeDraft, _ found: RuleWeights
  ) async throws(ChangeFailure) -> AppliedChange {
    var found = found
    var attempt = 0
    while true {
      attempt += 1
      if Task.isCancelled { throw .refused("cancelled before it was written") }
      let sent = clock.now()
      do throws(KubernetesError) {
        let answer = try await patch(draft, found, .forReal)
        return await made(change, answer.resource.object.resourceVersion, at: sent)
      } catch {
        if error.mayBeFailedTest {
          found = try await foundAnew(draft, after: error, found, attempt: attempt)
        } else if case .tooManyRequests(let wanted) = error, attempt < Self.mostAttempts {
          await clock.sleep(min(wanted ?? .seconds(1), Self.longestPatience))
        } else if error.leavesDoubt {
          return try await findOut(change, after: error, sent: sent)
        } else {
          throw failure(error)
        }
      }
    }
  }

  /// The rule to try again with, after a patch that may have failed for its `test`s: 422 does not say, the object does.
  /// Only an object that moved is written again, and only while the rule itself is what the draft was made against.
  private func foundAnew(
    _ draft: ChangeDraft, after error: KubernetesError, _ found: RuleWeights, attempt: Int
  ) async throws(ChangeFailure) -> RuleWeights {
    let now = try await read(draft)
    guard now != found else { throw .denied(error.words) }
    guard attempt < Self.mostAttempts else {
      throw .refused(
        "\(draft.route.resource) was changed by others each of the \(attempt) times that it was to be written, "
          + "though not in this rule: something updates it all the time; try again, or stop that first")
    }
    return now
  }

  private func patch(
    _ draft: ChangeDraft, _ found: RuleWeights, _ mode: WriteMode
  ) async throws(KubernetesError) -> Written<VirtualService> {
    guard let patch = found.setting(draft.after) else {
      throw .badRequest(message: "the rule has other destinations than the change")
    }
    let resource = draft.route.resource
    return try await kubernetes.patch(
      VirtualService.self, as: type, in: resource.namespace, name: resource.name, with: patch, mode: mode)
  }

  private func made(_ change: Change, _ version: String, at sent: Timestamp) async -> AppliedChange {
    await note(change, .made(resourceVersion: version))
    return AppliedChange(change: change, resourceVersion: version, written: sent)
  }

  /// What happened has happened, whatever becomes of the journal's second line: without it the change stands as
  /// `started`, which says that it may have been made.
  private func note(_ change: Change, _ outcome: ChangeRecord.Outcome) async {
    try? await journal.end(change.id, outcome)
  }

  /// What may not even be asked of the server.
  private func check(_ draft: ChangeDraft) throws(ChangeFailure) {
    guard kubernetes.gate == .open else { throw .readOnly }
    guard draft.route.resource.kind == .virtualService else {
      throw .refused("\(draft.route.resource) has no weights: nothing routes it")
    }
    if let stranger = draft.after.destinations.first(where: { draft.before[$0] == nil }) {
      throw .refused("\(stranger) is no destination of \(draft.route)")
    }
    if let missing = draft.before.destinations.first(where: { draft.after[$0] == nil }) {
      throw .refused("\(missing) has no weight given")
    }
    if let refusal = draft.after.refusal { throw .refused(refusal) }
  }

  /// The rule as it is now, provided that it still says what the draft was made against.
  private func read(_ draft: ChangeDraft) async throws(ChangeFailure) -> RuleWeights {
    let service: VirtualService
    do throws(KubernetesError) {
      service = try await kubernetes.get(
        VirtualService.self, as: type, in: draft.route.resource.namespace, name: draft.route.resource.name)
    } catch {
      if case .notFound = error { throw .conflict(theirs: nil) }
      throw failure(error)
    }
    // A rule that takes other requests is another one: the one that is meant stands elsewhere now, or nowhere.
    guard let found = RuleWeights(draft.route, in: service), draft.match.map({ $0 == found.match }) ?? true else {
      throw .conflict(theirs: nil)
    }
    try checkUndone(draft, found)
    guard found.split == draft.before else { throw .conflict(theirs: found.split) }
    if let obstacle = found.obstacle { throw .refused(obstacle) }
    return found
  }

  /// An undo is of the object that the change was made to, not of one that has its name now.
  private func checkUndone(_ draft: ChangeDraft, _ found: RuleWeights) throws(ChangeFailure) {
    guard let number = draft.undoes, let uid = found.uid,
      let undone = try journal.records(context: context).first(where: { $0.id == number })?.change.uid, undone != uid
    else { return }
    throw .refused(
      "#\(number) was made to another \(draft.route.resource.name): in another cluster, or before it was made anew")
  }

  /// The request left and nobody said what became of it: looks for its effect.
  private func findOut(
    _ change: Change, after error: KubernetesError, sent: Timestamp
  ) async throws(ChangeFailure) -> AppliedChange {
    let resource = change.route.resource
    let trouble = Trouble(error, doing: "write \(resource)")
    for pause in [Duration.milliseconds(100), .milliseconds(500), .seconds(2)] {
      await clock.sleep(pause)
      let service: VirtualService? = try? await kubernetes.get(
        VirtualService.self, as: type, in: resource.namespace, name: resource.name)
      guard let service, let found = RuleWeights(change.route, in: service),
        change.match.map({ $0 == found.match }) ?? true
      else { continue }
      if found.split == change.after, change.after != change.before {
        return await made(change, service.object.resourceVersion, at: sent)
      }
      // Ours may have been there in between: what it is now does not tell.
      if found.split != change.before { throw .answerLost(trouble, now: found.split) }
    }
    throw .answerLost(trouble, now: nil)
  }

  private func failure(_ error: KubernetesError) -> ChangeFailure {
    switch error {
    case .readOnly: .readOnly
    case .forbidden, .denied, .badRequest, .invalid, .conflict, .alreadyExists, .unsupported: .denied(error.words)
    case .notFound: .conflict(theirs: nil)
    default: .unreachable(Trouble(error, doing: "write the change"))
    }
  }
}

extension KubernetesError {
  /// A `test` of a patch that fails is told apart from an invalid object by nothing in the answer.
  fileprivate var mayBeFailedTest: Bool {
    switch self {
    case .invalid, .conflict: true
    default: false
    }
  }

  /// Whether the request may have been carried out all the same.
  fileprivate var leavesDoubt: Bool {
    switch self {
    case .transport(.deadlineExceeded), .transport(.brokenOff), .transport(.malformed), .transport(.tooLarge),
      .transport(.cancelled), .serverFailed, .notKubernetes, .unreadable:
      true
    default: false
    }
  }

  /// The server's own words, where there are any.
  fileprivate var words: String {
    switch self {
    case .forbidden(let message), .badRequest(let message), .denied(_, let message): message
    default: description
    }
  }
}
