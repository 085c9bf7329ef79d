import KubernetesAPI
import MeshModel
import Transport

/// Walks a change from the draft to the server's answer: checks, dry run, journal, write on a condition, outcome.
struct ChangeWriter: Sendable {
  /// Waits for a server that asks for patience, at most.
  private static let longestPatience: Duration = .seconds(10)
  private static let mostAttempts = 4

  /// Looks at what a change concerns, or only at what can refuse it.
  typealias Examination = @Sendable (ChangeDraft, _ isToRefuseAlone: Bool) async -> ChangeFindings

  let kubernetes: KubernetesClient
  /// The kind of the object that routes, in the version that the server serves.
  let type: ResourceType
  let journal: Journal
  let context: String
  let user: String
  let clock: MeshClock
  let examine: Examination

  private var planner: ChangePlanner { ChangePlanner(kubernetes: kubernetes, type: type) }

  func preview(_ draft: ChangeDraft) async throws(ChangeFailure) -> ChangePreview {
    try check(draft)
    let draft = try await planner.completed(draft)
    async let findings = examine(draft, false)
    do throws(ChangeFailure) {
      var preview = try await dryRun(draft)
      (preview.checks, preview.radius, preview.reconcilers) = await (
        findings.checks, findings.radius, findings.reconcilers
      )
      return preview
    } catch {
      // Where a check says why not, that is told rather than what the server made of it.
      let found = await findings
      if case .conflict = error { throw error }
      guard found.checks.refusal != nil else { throw error }
      return ChangePreview(
        lines: [], warnings: [], checks: found.checks, radius: found.radius, reconcilers: found.reconcilers)
    }
  }

  private func dryRun(_ draft: ChangeDraft) async throws(ChangeFailure) -> ChangePreview {
    var plan = try await plan(draft)
    var attempt = 0
    while true {
      attempt += 1
      do throws(KubernetesError) {
        var preview = ChangePreview(lines: [], warnings: [])
        for write in plan.writes {
          let answer = try await write.send(to: kubernetes, mode: .dryRun)
          preview.lines += write.lines(to: answer.object)
          preview.warnings += answer.warnings
        }
        return preview
      } catch {
        guard error.mayBeFailedTest else { throw ChangeFailure(error) }
        plan = try await planAnew(draft, after: error, plan, attempt: attempt)
      }
    }
  }

  func apply(_ draft: ChangeDraft) async throws(ChangeFailure) -> AppliedChange {
    try check(draft)
    let draft = try await planner.completed(draft)
    async let findings = examine(draft, true)
    let plan = try await plan(draft)
    if let refusal = await findings.checks.refusal { throw .refused(refusal) }
    let (change, claim) = try await journal.begin(
      draft, match: plan.match, uid: plan.uid, context: context, user: user)
    defer { withExtendedLifetime(claim) {} }
    do throws(ChangeFailure) {
      return try await write(change, draft, plan)
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
    _ change: Change, _ draft: ChangeDraft, _ plan: WritePlan
  ) async throws(ChangeFailure) -> AppliedChange {
    var plan = plan
    var attempt = 0
    while true {
      attempt += 1
      if Task.isCancelled { throw .refused("cancelled before it was written") }
      let sent = clock.now()
      do throws(KubernetesError) {
        var last: KubernetesObject?
        for write in plan.writes { last = try await write.send(to: kubernetes, mode: .forReal).object }
        return await made(change, last, at: sent)
      } catch {
        if error.mayBeFailedTest {
          // A transport may send a request again whose answer was lost: it then meets its own work.
          if case .after(let object) = try? await planner.standing(of: change) {
            return await made(change, object, at: sent)
          }
          plan = try await planAnew(draft, after: error, plan, attempt: attempt)
        } else if case .tooManyRequests(let wanted) = error, attempt < Self.mostAttempts {
          await clock.sleep(min(wanted ?? .seconds(1), Self.longestPatience))
        } else if error.leavesDoubt {
          return try await findOut(change, after: error, sent: sent)
        } else {
          throw ChangeFailure(error)
        }
      }
    }
  }

  /// The plan to try again with, after a patch that may have failed for its `test`s: 422 does not say, the object does.
  /// Only an object that moved is written again, and only while the rule itself is what the draft was made against.
  private func planAnew(
    _ draft: ChangeDraft, after error: KubernetesError, _ plan: WritePlan, attempt: Int
  ) async throws(ChangeFailure) -> WritePlan {
    let now = try await self.plan(draft)
    guard now != plan else { throw .denied(error.words) }
    guard attempt < Self.mostAttempts else {
      throw .refused(
        "\(draft.route.resource) was changed by others each of the \(attempt) times that it was to be written, "
          + "though not in this rule: something updates it all the time; try again, or stop that first")
    }
    return now
  }

  private func made(_ change: Change, _ object: KubernetesObject?, at sent: Timestamp) async -> AppliedChange {
    let version = object?.resourceVersion ?? change.resourceVersion
    // A controller's object is another one than the change is of.
    let isOwn = if case .controller = change.edit { false } else { true }
    await note(change, .made(resourceVersion: version), uid: change.uid == nil && isOwn ? object?.uid : nil)
    return AppliedChange(change: change, resourceVersion: version, written: sent)
  }

  /// What happened has happened, whatever becomes of the journal's second line: without it the change stands as
  /// `started`, which says that it may have been made.
  private func note(_ change: Change, _ outcome: ChangeRecord.Outcome, uid: String? = nil) async {
    try? await journal.end(change.id, outcome, uid: uid)
  }

  /// What may not even be asked of the server.
  private func check(_ draft: ChangeDraft) throws(ChangeFailure) {
    guard kubernetes.gate == .open else { throw .readOnly }
    guard draft.route.resource.kind != .service else {
      throw .refused("\(draft.route.resource) has no weights: nothing routes it")
    }
    if let refusal = draft.edit.refusal(of: draft.route) { throw .refused(refusal) }
  }

  private func plan(_ draft: ChangeDraft) async throws(ChangeFailure) -> WritePlan {
    let plan = try await planner.plan(draft)
    try checkUndone(draft, plan)
    return plan
  }

  /// An undo is of the object that the change was made to, not of one that has its name now.
  private func checkUndone(_ draft: ChangeDraft, _ plan: WritePlan) throws(ChangeFailure) {
    guard let number = draft.undoes, let uid = plan.uid,
      let undone = try journal.records(context: context).first(where: { $0.id == number })?.change.uid, undone != uid
    else { return }
    throw .refused(
      "#\(number) was made to another \(draft.route.resource.name): in another cluster, or before it was made anew")
  }

  /// The request left and nobody said what became of it: looks for its effect.
  private func findOut(
    _ change: Change, after error: KubernetesError, sent: Timestamp
  ) async throws(ChangeFailure) -> AppliedChange {
    let trouble = Trouble(error, doing: "write \(change.route.resource)")
    for pause in [Duration.milliseconds(100), .milliseconds(500), .seconds(2)] {
      await clock.sleep(pause)
      switch try? await planner.standing(of: change) {
      case .after(let object): return await made(change, object, at: sent)
      // Ours may have been there in between: what it is now does not tell.
      case .other(.some(let split)): throw .answerLost(trouble, now: split)
      case .before, .other(nil), nil: continue
      }
    }
    throw .answerLost(trouble, now: nil)
  }
}

extension ChangeFailure {
  init(_ error: KubernetesError) {
    self =
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
