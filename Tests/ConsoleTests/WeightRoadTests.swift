import ConsoleTestSupport
import MeshModel
import TerminalUI
import Testing

@testable import Console

/// Checks, confirmation by name, notes, recovery and undo in the weight editor.
@Suite struct WeightRoadTests {
  private func isApply(_ effect: Effect) -> Bool { if case .apply = effect { true } else { false } }

  /// The editor with v3 at 50 %, and the answer of the dry run.
  private func drafted(_ identity: MeshIdentity = Bookinfo.identity, _ preview: ChangePreview = Bookinfo.preview)
    -> State
  {
    var state = settled(identity)
    _ = state.type("w50")
    _ = state.update(.previewed(revision: state.revision, .success(preview)))
    return state
  }

  @Test func whatACheckRefusesIsNotSent() {
    var state = drafted(Bookinfo.identity, Bookinfo.refusedPreview)
    #expect(state.type("⏎⏎⏎").isEmpty)
    #expect(state.editor?.stage == .drafting)
    #expect(state.notice?.hasPrefix("not written: reviews/v3, a subset of DestinationRule reviews, has none") == true)
  }

  /// Confirmed while the server was still asked: its answer counts before the hand's.
  @Test func aFastHandIsRefusedToo() {
    var state = settled()
    _ = state.type("w50⏎⏎")
    #expect(state.editor?.stage == .checking)
    #expect(state.update(.previewed(revision: state.revision, .success(Bookinfo.refusedPreview))).isEmpty)
    #expect(state.editor?.stage == .drafting)
    #expect(state.notice?.hasPrefix("not written: ") == true)
  }

  @Test func oneKeyIsEnoughElsewhere() {
    var state = drafted()
    #expect(state.type("⏎⏎").contains(where: isApply))
  }

  @Test func productionWantsTheName() {
    var state = drafted(Bookinfo.production)
    #expect(state.type("⏎⏎").isEmpty)
    #expect(Pictures.frame(state).text.contains("type reviews to say that it is meant: this context is production"))
    #expect(state.type("review⏎").isEmpty)
    #expect(state.notice == "\"review\" is not reviews: nothing was written")
    #expect(state.type("s⏎").contains(where: isApply))
    #expect(state.prompt == nil)
    #expect(state.editor?.stage == .sending)
  }

  @Test func aFastHandTypesTheNameToo() {
    var state = settled(Bookinfo.production)
    _ = state.type("w50⏎⏎")
    #expect(state.update(.previewed(revision: state.revision, .success(Bookinfo.preview))).isEmpty)
    #expect(state.type("reviews⏎").contains(where: isApply))
  }

  @Test func escapeLeavesTheQuestion() {
    var state = drafted(Bookinfo.production)
    _ = state.type("⏎⏎revi⎋")
    #expect(state.prompt == nil)
    #expect(state.editor?.stage == .confirming)
    _ = state.type("⎋")
    #expect(state.editor?.stage == .drafting)
  }

  /// A name that was typed for one draft sends no other.
  @Test func aRuleThatMovesMeanwhileIsNotSent() {
    var state = drafted(Bookinfo.production)
    _ = state.type("⏎⏎reviews")
    _ = state.update(.routes(.value(Bookinfo.routes(v1: 60, v3: 40, version: "200"))))
    #expect(state.type("⏎").isEmpty)
    #expect(state.notice == "the rule has changed meanwhile: nothing was written")
    #expect(state.editor?.stage == .conflict(theirs: Bookinfo.split((Bookinfo.v1, 60), (Bookinfo.v3, 40))))
  }

  @Test(arguments: [
    (Protection(share: 0.25), true), (Protection(share: 0.3), false),
    (Protection(requestsPerSecond: 60), true), (Protection(requestsPerSecond: 61), false),
  ])
  func aLimitWantsTheName(_ protection: Protection, _ wantsName: Bool) {
    var state = drafted(MeshIdentity(context: "any", scope: .allNamespaces, protection: protection))
    #expect(state.type("⏎⏎").contains(where: isApply) == !wantsName)
    #expect((state.prompt != nil) == wantsName)
  }

  @Test func aNoteGoesWithTheChange() throws {
    var state = drafted()
    _ = state.type("nv3 fails⏎")
    #expect(Pictures.frame(state).text.contains("why: v3 fails"))
    let effects = state.type("⏎⏎")
    guard case .apply(let draft, _)? = effects.first(where: isApply) else {
      Issue.record("nothing was sent: \(effects)")
      return
    }
    #expect(draft.note == "v3 fails")
  }

  /// What the controller understands walks the same road, and the draft stays.
  @Test func theControllerIsToldInstead() throws {
    var state = drafted()
    #expect(Pictures.frame(state).text.contains("o suspend"))
    _ = state.type("o")
    #expect(Pictures.frame(state).text.contains("suspend Kustomization flux-system/apps instead?"))
    let effects = state.type("⏎")
    guard case .apply(let draft, let revision)? = effects.first(where: isApply) else {
      Issue.record("nothing was sent: \(effects)")
      return
    }
    let suspension = ControllerAction(
      .suspend, .init(kind: "Kustomization", namespace: "flux-system", name: "apps"))
    #expect(draft.edit == .controller(suspension))
    let change = Change(id: 13, route: draft.route, resourceVersion: "100", edit: draft.edit)
    let applied = AppliedChange(change: change, resourceVersion: "7", written: state.now)
    let next = state.update(.applied(revision: revision, .success(applied)))
    #expect(next.contains { if case .preview = $0 { true } else { false } })
    #expect(state.underway.isEmpty)
    #expect(state.notice == "#13 written: suspend Kustomization flux-system/apps")
    #expect(state.editor?.draft == Bookinfo.split((Bookinfo.v1, 50), (Bookinfo.v3, 50)))
  }

  @Test func anOfferIsLeftByEscapeOrByGoingRound() {
    var state = drafted()
    _ = state.type("o⎋")
    #expect(state.editor != nil && state.editor?.offer == nil)
    _ = state.type("oo")
    #expect(state.editor?.offer == nil)
    var bare = drafted(Bookinfo.identity, ChangePreview(lines: [], warnings: []))
    #expect(bare.type("o").isEmpty)
    #expect(bare.notice == "there is no controller here that could be told anything")
    var production = drafted(Bookinfo.production)
    #expect(production.type("o⏎").isEmpty)
    #expect(production.type("reviews⏎").contains(where: isApply))
  }

  @Test func whatBecameOfAnEarlierChangeIsSaidUntilItIsPutAway() {
    var state = settled()
    let change = Change(
      id: 12, route: Bookinfo.reviewsRule, resourceVersion: "9",
      before: Bookinfo.split((Bookinfo.v1, 90), (Bookinfo.v3, 10)),
      after: Bookinfo.split((Bookinfo.v1, 75), (Bookinfo.v3, 25)))
    let record = ChangeRecord(
      change: change, time: Bookinfo.start, context: "prod-eu1", user: "ada", outcome: .made(resourceVersion: "10"))
    #expect(state.update(.recovered(.success([record]))) == [.readHistory, .readRamps])
    let words = "ended without an answer: it was made"
    #expect(Pictures.frame(state).text.contains(words))
    _ = state.type("j")
    #expect(Pictures.frame(state).text.contains(words))
    _ = state.type("⎋")
    #expect(!Pictures.frame(state).text.contains(words))
    #expect(state.update(.recovered(.success([]))) == [.readRamps])
  }

  // MARK: Undo

  private func observed(from before: TrafficSplit, to after: TrafficSplit) -> ObservedChange {
    let object = ObservedChange.ObjectID(kind: "VirtualService", namespace: "bookinfo", name: "reviews")
    return ObservedChange(
      id: .init(object: object, version: "100"), action: .changed, time: Bookinfo.start, by: "kubectl-edit",
      reach: .namespace("bookinfo"),
      weights: [RuleEdit(route: Bookinfo.reviewsRule, match: "any", before: before, after: after)])
  }

  private let earlier = Bookinfo.split((Bookinfo.v1, 90), (Bookinfo.v3, 10))
  private let now = Bookinfo.split((Bookinfo.v1, 75), (Bookinfo.v3, 25))

  @Test func whatOthersChangedIsPutBack() {
    var state = settled()
    let effects = state.openUndo(of: observed(from: earlier, to: now))
    #expect(state.editor?.stage == .confirming)
    guard case .preview(let draft, _)? = effects.first else {
      Issue.record("nothing was asked: \(effects)")
      return
    }
    #expect(draft.before == now)
    #expect(draft.after == earlier)
    #expect(draft.undoes == nil)
  }

  @Test func whatNobodySawCannotBePutBack() {
    var state = settled()
    let object = ObservedChange.ObjectID(kind: "VirtualService", namespace: "bookinfo", name: "reviews")
    let change = ObservedChange(
      id: .init(object: object, version: "1"), action: .changed, time: Bookinfo.start, by: nil, reach: .mesh)
    #expect(state.openUndo(of: change).isEmpty)
    #expect(state.editor == nil)
    #expect(state.notice?.hasSuffix("what its weights were before is not known") == true)
  }

  /// Where somebody has changed the rule since, all three are shown, and nothing is overwritten before a person says so.
  @Test func whatWasChangedSinceIsShownThreeWays() throws {
    var state = settled()
    let wrote = Bookinfo.split((Bookinfo.v1, 50), (Bookinfo.v3, 50))
    #expect(state.openUndo(of: observed(from: earlier, to: wrote)).isEmpty)
    #expect(state.editor?.stage == .conflict(theirs: now))
    let text = Pictures.frame(state).text
    for line in ["before   v1 50   v3 50", "theirs   v1 75   v3 25", "yours    v1 90   v3 10"] {
      #expect(text.contains(line))
    }
    #expect(state.type("⏎").isEmpty, "enter does not force it")
    _ = state.type("t")
    #expect(state.editor?.base == now)
    #expect(state.editor?.draft == earlier)
    #expect(state.editor?.stage == .drafting)
  }

  @Test func anyChangeOfTheJournalIsUndone() {
    var state = settled()
    func record(_ id: Int, _ before: TrafficSplit, _ after: TrafficSplit) -> ChangeRecord {
      ChangeRecord(
        change: Change(id: id, route: Bookinfo.reviewsRule, resourceVersion: "9", before: before, after: after),
        time: Bookinfo.start, context: "prod-eu1", user: "ada", outcome: .made(resourceVersion: "10"))
    }
    let other = Bookinfo.split((Bookinfo.v1, 100), (Bookinfo.v3, 0))
    _ = state.update(.history(.success([record(9, earlier, now), record(8, other, earlier)])))
    #expect(!state.openUndo(of: 9).isEmpty)
    #expect(state.editor?.draft == earlier)
    _ = state.type("⎋⎋")
    // What #8 wrote is no longer there: what is, is not overwritten unasked.
    #expect(state.openUndo(of: 8).isEmpty)
    #expect(state.editor?.stage == .conflict(theirs: now))
    #expect(Pictures.frame(state).text.contains("#8 wrote   v1 90   v3 10"))
    #expect(state.openUndo(of: 7).isEmpty)
    #expect(state.notice == "the journal of this context has no change #7 of these rules")
  }
}
