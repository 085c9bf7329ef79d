import MeshHealth
import MeshModel
import TerminalUI

/// Leaving the console while ramps are on their way.
enum Leaving: Equatable, Sendable {
  /// Asks what becomes of them.
  case asking
  /// They have been told; the console ends with the last of them.
  case waiting
}

/// What a person is asked about ramps, over any screen.
enum RampQuestion: Equatable, Sendable {
  case leaving
  case lost(RampRecord)
}

extension State {
  var runningRamps: [RampProgress] { (ramps.value ?? []).filter { $0.ramp.end == nil } }

  /// The ramp on its way on the rule that is edited.
  var editorRamp: RampProgress? {
    editor.flatMap { editor in runningRamps.first { $0.ramp.plan.route == editor.route } }
  }

  var rampQuestion: RampQuestion? {
    if leaving == .asking { return .leaving }
    // Where one cannot write, and before one knows where the rule stands, there is nothing to decide.
    guard let lost = lostRamps.first, routes.value != nil, !identity.isReadOnly else { return nil }
    return .lost(lost)
  }

  // MARK: Beginning

  /// Asks how a ramp to the selected destination is to go.
  mutating func openRamp() -> [Effect] {
    guard let editor, let route = editedRoute(editor) else { return [] }
    switch editor.stage {
    case .drafting, .confirming, .checking: break
    case .sending, .conflict: return edit { _ in }
    }
    do throws(RampPlan.Refusal) {
      let plan = try RampPlan(of: route, to: editor.selected)
      prompt = Prompt(.ramp, usual(editor, steps: plan.steps).description)
    } catch { notice = "no ramp: \(error)" }
    return edit { $0.draft = $0.base }
  }

  /// The rule as the draft was made against it.
  private func editedRoute(_ editor: WeightEditor) -> Route? {
    guard var route = routes.value?.first(where: { $0.id == editor.route && $0.match == editor.match }) else {
      return nil
    }
    route.split = editor.base
    route.resourceVersion = editor.resourceVersion
    return route
  }

  /// With the thresholds of the service as guards.
  private func usual(_ editor: WeightEditor, steps: [Int]? = nil) -> RampTerms {
    RampTerms(
      steps: steps,
      guards: .usual(for: editor.route, diagnosis.rules.thresholds(for: editor.selected.node.service)))
  }

  private func plan(_ text: String) -> Result<RampPlan, RampTerms.Problem> {
    guard let editor, let route = editedRoute(editor) else { return .failure(.init("the rule is gone")) }
    do {
      let terms = try RampTerms(text, usual: usual(editor))
      return .success(
        try RampPlan(of: route, to: editor.selected, steps: terms.steps, hold: terms.hold, guards: terms.guards))
    } catch { return .failure(.init("\(error)")) }
  }

  /// What is typed, as it is understood.
  func rampHint(_ text: String) -> Line {
    switch plan(text) {
    case .success(let plan):
      Line("\(plan); \(plan.guards.sentence)", .dim)
        + (plan.route.resource.kind == .grpcRoute && !plan.guards.areNone ? Line("; \(Self.grpcErrors)", .warning) : [])
    case .failure(let problem): Line("\(problem)", .warning)
    }
  }

  /// What the guards do not see: Istio's log format has no gRPC status.
  private static let grpcErrors = "of gRPC only HTTP errors count where the metrics store does not tell"

  /// The draft becomes what the ramp comes to, so that the dry run and the checks are of that.
  mutating func askAboutRamp(_ text: String) -> [Effect] {
    guard var editor else { return [] }
    switch plan(text) {
    case .failure(let problem):
      notice = "\(problem)"
      return []
    case .success(let plan):
      prompt = nil
      revision += 1
      editor.revision = revision
      editor.ramp = plan
      editor.draft = plan.split(at: plan.steps.count)
      editor.undoes = nil
      editor.failure = nil
      editor.stage = .confirming
      editor.check = .waiting(isAsked: true)
      self.editor = editor
      return [.preview(editor.change, revision: revision)]
    }
  }

  mutating func rampBegun(_ revision: Int, _ result: Result<Change.ID, ChangeFailure>) -> [Effect] {
    guard let sending, sending.revision == revision else { return [] }
    self.sending = nil
    let isOpen = editor?.revision == revision
    if isOpen {
      editor?.stage = .drafting
      editor?.leaveRamp()
    }
    switch result {
    case .success(let id):
      editor?.note = nil
      notice = "ramp #\(id) has begun: it goes on while this console runs"
    case .failure(.conflict(let theirs)) where isOpen: editor?.stage = .conflict(theirs: theirs)
    case .failure(let failure) where isOpen: editor?.failure = failure
    case .failure(let failure): failedWrite = "\(sending.route): no ramp was begun: \(failure); esc puts this away"
    }
    editorFollowsRoutes()
    return [.readRamps]
  }

  // MARK: Going

  mutating func takeRamps(_ event: FeedEvent<[RampProgress]>) -> [Effect] {
    let before = ramps.value ?? []
    ramps.take(event, at: now)
    let all = ramps.value ?? []
    var effects: [Effect] = []
    for progress in all {
      guard let end = progress.ramp.end, before.first(where: { $0.id == progress.id })?.ramp.end == nil else {
        continue
      }
      tell(progress, end)
      effects = [.readRamps]
    }
    if all.map(\.changes.count) != before.map(\.changes.count) { effects.append(.readHistory) }
    if leaving != nil, runningRamps.isEmpty {
      effects = leaving == .waiting ? [.quit] : effects
      leaving = nil
    }
    return effects
  }

  private mutating func tell(_ progress: RampProgress, _ end: Ramp.End) {
    let plan = progress.ramp.plan
    let what = "ramp #\(progress.id) of \(plan.route)"
    switch end {
    case .completed: notice = "\(what) is completed: \(plan.split(at: plan.steps.count))"
    case .reverted(.asked): notice = "\(what) is back at the start: \(plan.start)"
    case .reverted(.guarded(let why)):
      failedWrite = "\(what) went back to the start, \(plan.start): \(why); esc puts this away"
    case .stopped(let stop):
      let place = stop.isOverwritten ? "" : ", \(plan.split(at: stop.step))"
      failedWrite =
        "\(what) stopped at \(stop.step == 0 ? "the start" : "step \(stop.step)")\(place): \(stop.why); "
        + "esc puts this away"
    }
  }

  mutating func tellEditorRamp(_ order: Ramp.Order) -> [Effect] {
    editorRamp.map { [.tellRamp($0.id, order)] } ?? []
  }

  // MARK: Questions

  /// Leaves the console; where ramps are on their way, asks first. Who asks again has decided.
  mutating func leave() -> [Effect] {
    guard !runningRamps.isEmpty, leaving == nil else { return [.quit] }
    leaving = .asking
    return []
  }

  /// Of a ramp that is listed: what becomes of it, where that is open.
  mutating func askAgain(about ramp: RampRecord) {
    if ramp.isRun {
      notice = "ramp #\(ramp.id) is on its way: pause it or take it back in the editor of its rule"
    } else if !ramp.canBeResumed {
      notice = "ramp #\(ramp.id) is over: its changes are listed, undo those"
    } else if identity.isReadOnly {
      notice = "this console is read-only: ramp #\(ramp.id) is left where it is"
    } else {
      lostRamps.removeAll { $0.id == ramp.id }
      lostRamps.insert(ramp, at: 0)
    }
  }

  mutating func answerRamp(_ answer: RampAnswer) -> [Effect] {
    switch (rampQuestion, answer) {
    case (.leaving, .stop), (.leaving, .goBack):
      leaving = .waiting
      notice = answer == .stop ? "stopping" : "going back to the start; ^C leaves at once"
      return runningRamps.map { .tellRamp($0.id, answer == .stop ? .stop : .goBack) }
    case (.leaving, .later): leaving = nil
    case (.lost(let record), .goOn), (.lost(let record), .goBack):
      lostRamps.removeFirst()
      return [.resumeRamp(record.id, isGoingBack: answer == .goBack)]
    case (.lost(let record), .later):
      rampsPutOff.insert(record.id)
      lostRamps.removeFirst()
    case (.leaving, .goOn), (.lost, .stop), (nil, _): break
    }
    return []
  }
}

/// What a person can say when asked about a ramp.
enum RampAnswer: Equatable, Sendable { case goOn, goBack, stop, later }
