import ConsoleTestSupport
import MeshModel
import TerminalUI
import Testing

@testable import Console

@Suite struct WeightEditorTests {
  func weights(_ state: State) -> [Int] { state.editor?.draft.shares.map(\.weight.value) ?? [] }

  @Test(arguments: [
    ("wz", [100, 0]), ("w→", [74, 26]), ("w←←", [77, 23]), ("w5", [95, 5]), ("w50", [50, 50]), ("w100", [0, 100]),
    ("w10\u{8}", [99, 1]), ("w101", [75, 25]), ("w1500", [75, 25]), ("w→101", [74, 26]), ("we", [50, 50]),
    ("ws", [25, 75]), ("w7x", [75, 25]),
    ("w↑z", [0, 100]),
    ("w0", [100, 0]), ("w05", [95, 5]),
  ]) func keysShapeTheDraft(_ keys: String, _ expected: [Int]) {
    var state = settled()
    for key in keys {
      if key == "\u{8}" {
        _ = state.update(.terminal(.key(Key(.backspace))))
      } else {
        _ = state.type(String(key))
      }
    }
    #expect(weights(state) == expected)
    #expect(state.editor?.base == Bookinfo.split((Bookinfo.v1, 75), (Bookinfo.v3, 25)))
  }

  /// One digit too many leaves no share that nobody typed, and cannot be applied.
  @Test func moreThanAllIsRefused() {
    var state = settled()
    _ = state.type("w150")
    #expect(state.notice?.hasPrefix("150 is more than 100 percent") == true)
    #expect(state.type("⏎").isEmpty)
    #expect(state.editor?.stage == .drafting)
    #expect(state.editor?.isChanged == false)
    #expect(state.notice?.hasPrefix("150 is more than 100 percent") == true)
    _ = state.update(.terminal(.key(Key(.backspace))))
    #expect(weights(state) == [85, 15])
    #expect(state.notice == nil)
  }

  /// Nobody sees the question in a window without room for it: no key answers it.
  @Test func aWindowThatIsTooSmallTakesNoAnswer() {
    var state = settled()
    _ = state.type("wz")
    _ = state.update(.previewed(revision: state.revision, .success(ChangePreview(lines: [], warnings: []))))
    _ = state.type("⏎")
    let size = state.size
    _ = state.update(.terminal(.resize(Size(columns: 30, rows: 8))))
    let hidden = state
    #expect(state.type("⏎⏎⎋zx5u/?").isEmpty)
    #expect(state == hidden)
    #expect(state.type("q") == [.quit])
    #expect(state.update(.terminal(.key(.control("c")))) == [.quit])
    #expect(state.update(.terminal(.key(.control("z")))) == [.suspend])
    _ = state.update(.terminal(.resize(size)))
    #expect(state.editor?.stage == .confirming)
    #expect(state.type("⏎").contains { if case .apply = $0 { true } else { false } })
  }

  @Test func aFilterIsNotTypedBlind() {
    var state = settled(size: Size(columns: 30, rows: 8))
    _ = state.type("/q")
    #expect(state.prompt == nil)
    _ = state.update(.terminal(.resize(Pictures.sizes[0])))
    _ = state.type("/r")
    _ = state.update(.terminal(.resize(Size(columns: 30, rows: 8))))
    _ = state.update(.terminal(.paste("atings")))
    #expect(state.type("x").isEmpty)
    #expect(state.routeList.filter.text == "r")
  }

  @Test func aRuleThatIsGoneHasNoWeightsToTake() {
    var state = settled()
    _ = state.type("w5")
    _ = state.update(.routes(.value(Bookinfo.routes().filter { $0.id != Bookinfo.reviewsRule })))
    #expect(state.editor?.stage == .conflict(theirs: nil))
    for key in ["", "⏎", "→", "t"] {
      _ = state.type(key)
      let text = Pictures.frame(state).text
      #expect(text.contains("esc leave"))
      #expect(!text.contains("t take"), "after \(key)")
    }
  }

  @Test func shiftedArrowsMoveFive() {
    var state = settled()
    _ = state.type("w")
    _ = state.update(.terminal(.key(Key(.left, .shift))))
    #expect(weights(state) == [80, 20])
  }

  /// A typed 10 begins with a 1: what that did to the other shares is taken back.
  @Test func typingLeavesNoTrace() {
    var state = settled()
    let v2 = Bookinfo.destination("reviews", "v2")
    let split = Bookinfo.split((Bookinfo.v1, 60), (v2, 30), (Bookinfo.v3, 10))
    _ = state.update(.routes(.value([Bookinfo.route(Bookinfo.reviewsRule, "reviews", split)])))
    _ = state.type("w100")
    #expect(weights(state) == [0, 0, 100])
    for _ in 0..<3 { _ = state.update(.terminal(.key(Key(.backspace)))) }
    #expect(state.editor?.draft == split)
  }

  @Test func pinnedSharesStay() {
    var state = settled()
    let v2 = Bookinfo.destination("reviews", "v2")
    _ = state.update(
      .routes(
        .value([
          Bookinfo.route(
            Bookinfo.reviewsRule, "reviews", Bookinfo.split((Bookinfo.v1, 60), (v2, 30), (Bookinfo.v3, 10)))
        ])))
    _ = state.type("w↑ ↓z")
    #expect(weights(state) == [70, 30, 0])
    _ = state.type("↑↑ ↓↓→")
    #expect(state.notice?.contains("pinned") == true, "nobody is left to give")
    #expect(weights(state) == [70, 30, 0])
  }

  @Test func aTotalThatCannotSayAPercentageIsRescaled() {
    var state = settled()
    _ = state.update(
      .routes(
        .value([Bookinfo.route(Bookinfo.reviewsRule, "reviews", Bookinfo.split((Bookinfo.v1, 1), (Bookinfo.v3, 1)))])))
    _ = state.type("w10")
    #expect(weights(state) == [90, 10])
    #expect(Pictures.frame(state).text.contains("rescaled from a total of 2"))
  }

  @Test func nothingIsSentWithoutAChangeOrAConfirmation() {
    var state = settled()
    #expect(state.type("w⏎⏎⏎").isEmpty)
    #expect(state.notice == "nothing to apply: the draft is what the resource says")
    let effects = state.type("z⏎")
    #expect(!effects.contains { if case .apply = $0 { true } else { false } })
  }

  /// Confirmed before the server has answered: it leaves when the dry run accepts it, and not when it refuses.
  @Test(arguments: [true, false]) func aFastHandWaitsForTheDryRun(_ accepts: Bool) {
    var state = settled()
    let asked = state.type("wz⏎⏎")
    #expect(!asked.contains { if case .apply = $0 { true } else { false } })
    let revision = state.revision
    let answer: Result<ChangePreview, ChangeFailure> =
      accepts ? .success(ChangePreview(lines: [], warnings: [])) : .failure(.denied("no"))
    let effects = state.update(.previewed(revision: revision, answer))
    #expect(effects.contains { if case .apply = $0 { true } else { false } } == accepts)
  }

  @Test func answersToOlderDraftsAreDropped() {
    var state = settled()
    _ = state.type("w→")
    let old = state.revision
    _ = state.type("→")
    _ = state.update(.previewed(revision: old, .failure(.denied("no"))))
    #expect(state.editor?.check == .waiting(isAsked: false))
    #expect(state.update(.settled(revision: old)).isEmpty)
    #expect(state.update(.settled(revision: state.revision)).count == 1)
  }

  /// The feed may still tell of the resource as it was before our own write.
  @Test func anEchoOfTheOldVersionIsNoConflict() throws {
    var state = settled()
    _ = state.type("wz")
    _ = state.update(.previewed(revision: state.revision, .success(ChangePreview(lines: [], warnings: []))))
    _ = state.type("⏎⏎")
    let editor = try #require(state.editor)
    let change = Change(id: 13, route: editor.route, resourceVersion: "100", before: editor.base, after: editor.draft)
    let applied = AppliedChange(change: change, resourceVersion: "101", written: state.now)
    _ = state.update(.applied(revision: state.revision, .success(applied)))
    _ = state.update(.routes(.value(Bookinfo.routes())))
    #expect(state.editor?.stage == .drafting)
    #expect(state.editor?.draft == change.after)
    _ = state.update(.routes(.value(Bookinfo.routes(v1: 100, v3: 0, version: "101"))))
    #expect(state.editor?.stage == .drafting)
    // A real one after that is seen.
    _ = state.type("→")
    _ = state.update(.routes(.value(Bookinfo.routes(v1: 10, v3: 90, version: "102"))))
    #expect(state.editor?.stage == .conflict(theirs: Bookinfo.split((Bookinfo.v1, 10), (Bookinfo.v3, 90))))
  }

  @Test func anUnrelatedWriteIsFollowed() {
    var state = settled()
    _ = state.type("wz")
    _ = state.update(.routes(.value(Bookinfo.routes(version: "150"))))
    #expect(state.editor?.resourceVersion == "150")
    #expect(weights(state) == [100, 0])
  }

  /// Somebody put a rule before it: the one in its place has the same weights and takes other requests.
  @Test func anotherRuleInItsPlaceIsNotEdited() {
    var state = settled()
    _ = state.type("wz")
    let split = Bookinfo.split((Bookinfo.v1, 75), (Bookinfo.v3, 25))
    let other = Bookinfo.route(Bookinfo.reviewsRule, "reviews", version: "150", match: "x-beta: 1", split)
    _ = state.update(.routes(.value([other])))
    #expect(state.editor?.stage == .conflict(theirs: nil))
    #expect(!state.type("⏎⏎").contains { if case .apply = $0 { true } else { false } })
  }

  @Test func theWritesAnswerCountsAfterTheEditorIsLeft() throws {
    var state = settled()
    _ = state.type("wz")
    let revision = state.revision
    _ = state.update(.previewed(revision: revision, .success(ChangePreview(lines: [], warnings: []))))
    _ = state.type("⏎⏎⎋")
    #expect(state.editor == nil)
    _ = state.update(.applied(revision: revision, .failure(.denied("quota"))))
    let told = "reviews #1: the change was not made: denied by the server: quota; esc puts this away"
    #expect(state.failedWrite == told)
    _ = state.type("jk5")
    #expect(Pictures.frame(state).text.contains(told), "other keys leave it, on every screen")
    _ = state.type("⎋")
    #expect(state.failedWrite == nil)
    #expect(state.screen == .proxies, "esc did that alone")
  }

  @Test func theNextWritePutsAFailedOneAway() {
    var state = settled()
    _ = state.type("wz")
    let revision = state.revision
    _ = state.update(.previewed(revision: revision, .success(ChangePreview(lines: [], warnings: []))))
    _ = state.type("⏎⏎⎋")
    _ = state.update(.applied(revision: revision, .failure(.denied("quota"))))
    _ = state.type("wz")
    #expect(state.failedWrite != nil)
    _ = state.update(.previewed(revision: state.revision, .success(ChangePreview(lines: [], warnings: []))))
    _ = state.type("⏎⏎")
    #expect(state.failedWrite == nil)
  }

  @Test func whoWroteOverAChangeIsTold() {
    var state = settled()
    _ = state.type("wz")
    let revision = state.revision
    let draft = state.editor?.change
    _ = state.update(.previewed(revision: revision, .success(ChangePreview(lines: [], warnings: []))))
    _ = state.type("⏎⏎")
    guard let draft else { return }
    let change = Change(
      id: 13, route: draft.route, resourceVersion: "101", before: draft.before, after: draft.after)
    let applied = AppliedChange(change: change, resourceVersion: "102", written: Bookinfo.start)
    _ = state.update(.applied(revision: revision, .success(applied)))
    #expect(state.subscriptions.contains(.propagation(applied)))
    let theirs = Bookinfo.split((Bookinfo.v1, 60), (Bookinfo.v3, 40))
    _ = state.update(.routes(.value(Bookinfo.routes(v1: 60, v3: 40, version: "103"))))
    let progress = Propagation(
      applied: Applied(behind: [ProxyID("a.b")]), seen: SeenProgress(verdict: .notApplied),
      superseded: .init(split: theirs, by: "kubectl-edit", after: .seconds(3)))
    _ = state.update(.propagation(13, .value(progress)))
    let told = "later by kubectl-edit: 60/40"
    #expect(Pictures.frame(state).text.contains(told), "in the editor")
    _ = state.type("⎋")
    #expect(Pictures.frame(state).text.contains(told), "and without it")
    #expect(!state.subscriptions.contains(.propagation(applied)), "nothing more comes")
  }

  @Test func aLostAnswerIsNotSaidToBeAFailure() {
    var state = settled()
    _ = state.type("wz")
    let revision = state.revision
    _ = state.update(.previewed(revision: revision, .success(ChangePreview(lines: [], warnings: []))))
    _ = state.type("⏎⏎⎋")
    _ = state.update(
      .applied(revision: revision, .failure(.answerLost(Trouble(.unreachable, "it broke off"), now: nil))))
    #expect(
      state.failedWrite
        == "reviews #1: the change was sent, but no answer came, so it may have been made: it broke off; "
        + "esc puts this away")
  }

  /// The watch brought it while the write was under way; nothing more comes.
  @Test func whatOthersWroteWhileSendingCountsAfterAFailure() {
    var state = settled()
    _ = state.type("wz")
    let revision = state.revision
    _ = state.update(.previewed(revision: revision, .success(ChangePreview(lines: [], warnings: []))))
    _ = state.type("⏎⏎")
    _ = state.update(.routes(.value(Bookinfo.routes(v1: 10, v3: 90, version: "102"))))
    #expect(state.editor?.stage == .sending)
    _ = state.update(.applied(revision: revision, .failure(.denied("quota"))))
    #expect(state.editor?.stage == .conflict(theirs: Bookinfo.split((Bookinfo.v1, 10), (Bookinfo.v3, 90))))
  }

  @Test func takingTheirsEndsWhatWasTyped() {
    var state = settled()
    let v2 = Bookinfo.destination("reviews", "v2")
    _ = state.type("w5")
    let theirs = Bookinfo.split((Bookinfo.v1, 60), (v2, 40))
    _ = state.update(.routes(.value([Bookinfo.route(Bookinfo.reviewsRule, "reviews", version: "150", theirs)])))
    _ = state.type("t1")
    #expect(state.editor?.draft.destinations == theirs.destinations)
  }

  @Test func undoTakesTheNewestThatIsNotUndone() {
    func record(_ id: Int, undoes: Int? = nil, _ outcome: ChangeRecord.Outcome = .made(resourceVersion: "9"))
      -> ChangeRecord
    {
      let change = Change(
        id: id, route: Bookinfo.reviewsRule, resourceVersion: "1",
        before: Bookinfo.split((Bookinfo.v1, 90), (Bookinfo.v3, 10)),
        after: Bookinfo.split((Bookinfo.v1, 75), (Bookinfo.v3, 25)), undoes: undoes)
      return ChangeRecord(change: change, time: Bookinfo.start, context: "prod-eu1", user: "sre", outcome: outcome)
    }
    var state = settled()
    _ = state.update(.history(.success([record(6, .failed("no")), record(5, undoes: 4), record(4), record(3)])))
    let effects = state.type("u")
    #expect(state.editor?.undoes == 3)
    // With other figures it is no undoing.
    var changed = state
    _ = changed.type("→")
    #expect(changed.editor?.undoes == nil)
    #expect(!Pictures.frame(changed).text.contains("undoes #3"))
    #expect(weights(state) == [90, 10])
    #expect(effects.count == 1, "the dry run")
    _ = state.type("⎋⎋")
    _ = state.update(.history(.success([])))
    #expect(state.type("u").isEmpty)
    #expect(state.notice == "no change in the journal of this context is left to undo")
    _ = state.update(.history(.success([record(3)])))
    _ = state.update(.routes(.value(Bookinfo.routes(v1: 60, v3: 40, version: "120"))))
    #expect(state.type("u").isEmpty)
    #expect(state.editor?.stage == .conflict(theirs: Bookinfo.split((Bookinfo.v1, 60), (Bookinfo.v3, 40))))
    #expect(state.editor?.undoes == 3)
  }

  /// The journal has been read, and the watch has not told of the write yet.
  @Test func ourOwnWriteCanBeUndoneAtOnce() {
    var state = settled()
    _ = state.type("wz")
    let revision = state.revision
    _ = state.update(.previewed(revision: revision, .success(ChangePreview(lines: [], warnings: []))))
    guard let draft = state.editor?.change else {
      Issue.record("no editor")
      return
    }
    _ = state.type("⏎⏎")
    let change = Change(
      id: 13, route: draft.route, resourceVersion: draft.resourceVersion, before: draft.before, after: draft.after)
    _ = state.update(
      .applied(
        revision: revision,
        .success(AppliedChange(change: change, resourceVersion: "101", written: Bookinfo.start))))
    _ = state.type("⎋u")
    #expect(state.editor?.change.resourceVersion == "101")
    #expect(state.editor?.change.before == draft.after)
    #expect(state.editor?.stage == .confirming)
    _ = state.update(.routes(.value(Bookinfo.routes(v1: 75, v3: 25))))
    #expect(state.editor?.stage == .confirming, "what the watch still says of the old version is no conflict")
  }
}
