import ConsoleTestSupport
import MeshModel
import TerminalUI
import Testing

@testable import ConsoleRuntime

@Suite(.timeLimit(.minutes(1))) struct StoryTests {
  /// The story of the README: the worst share is selected; four keys move it to 0.
  @Test func fourKeysMoveTheCanaryToZeroAndItIsSeenToArrive() async throws {
    let story = Story()
    await story.sees("reviews/v3 ← reviews #1 any")
    await story.sees("31.0%")
    story.press("wz⏎⏎")
    await story.until { $0.mesh.applied.count == 1 }
    let draft = try #require(story.mesh.applied.first)
    #expect(draft.route == Bookinfo.reviewsRule)
    #expect(draft.before == Bookinfo.split((Bookinfo.v1, 75), (Bookinfo.v3, 25)))
    #expect(draft.after == Bookinfo.split((Bookinfo.v1, 100), (Bookinfo.v3, 0)))
    #expect(draft.resourceVersion == "100")
    #expect(story.mesh.previewed == [draft], "the dry run comes first")

    await story.until { $0.mesh.progress.opened == 1 }
    for taken in 0...6 {
      let applied = Bookinfo.applied(taken: taken)
      story.mesh.progress.send(
        .value(
          Propagation(
            applied: applied, appliedAfter: taken == 6 ? .milliseconds(1300) : nil,
            seen: SeenProgress(verdict: taken == 6 ? .gathering : .notApplied))))
      await story.sees("applied ████████████████████ 6/6".replacing(taken))
    }
    story.mesh.progress.send(
      .value(
        Propagation(
          applied: Bookinfo.applied(taken: 6), appliedAfter: .milliseconds(1300),
          seen: SeenProgress(
            verdict: .arrived(after: .seconds(10)), source: .accessLogs,
            shares: [Bookinfo.v3: Seen(requests: 0, of: 600)!], requests: 600))))
    await story.sees("6/6 in 1.3 s  seen 0 ≤0.6 ✓ 10 s")
    #expect(story.screen.contains("#13 reviews v3 25 → 0"))
    await story.until { $0.mesh.progress.open == 0 }

    // Left, the strip stays; two keys undo it.
    story.press("⎋")
    #expect(story.screen.contains("#13 reviews v3 25 → 0"))
    story.mesh.routes.send(.value(Bookinfo.routes(v1: 100, v3: 0, version: "after 13")))
    await story.sees("v3          ··········     0")
    story.press("u")
    await story.sees("undo v3 0 → 25, v1 100 → 75?")
    story.press("⏎")
    await story.until { $0.mesh.applied.count == 2 }
    let undo = try #require(story.mesh.applied.last)
    #expect(undo.after == draft.before)
    #expect(undo.undoes == 13)
    #expect(undo.resourceVersion == "after 13")
  }

  @Test func aConflictShowsBothAndOverwritesNothing() async throws {
    let story = Story()
    await story.sees("31.0%")
    story.mesh.refuseWrites(with: .conflict(theirs: Bookinfo.split((Bookinfo.v1, 60), (Bookinfo.v3, 40))))
    story.press("wz⏎⏎")
    await story.sees("nothing was overwritten")
    #expect(story.screen.contains("theirs   v1 60   v3 40"))
    #expect(story.screen.contains("yours    v1 100   v3 0"))
    story.press("⏎")
    #expect(story.mesh.applied.count == 1, "enter does not force it")

    // Their version comes in; the draft is made against it.
    story.mesh.refuseWrites(with: nil)
    story.mesh.routes.send(.value(Bookinfo.routes(v1: 60, v3: 40, version: "200")))
    await story.sees("kubectl-edit changed this rule")
    story.press("t⏎⏎")
    await story.until { $0.mesh.applied.count == 2 }
    let draft = try #require(story.mesh.applied.last)
    #expect(draft.before == Bookinfo.split((Bookinfo.v1, 60), (Bookinfo.v3, 40)))
    #expect(draft.after == Bookinfo.split((Bookinfo.v1, 100), (Bookinfo.v3, 0)))
    #expect(draft.resourceVersion == "200")
  }

  @Test func someoneElsesWriteIsNoticedWhileDrafting() async {
    let story = Story()
    await story.sees("31.0%")
    story.press("w→")
    story.mesh.routes.send(.value(Bookinfo.routes(v1: 50, v3: 50, version: "201")))
    await story.sees("kubectl-edit changed this rule in the meantime")
    story.press("⏎⏎⏎")
    #expect(story.mesh.applied.isEmpty)
  }

  @Test func whatTheServerForbidsIsSaidAndNotSent() async {
    let story = Story()
    await story.sees("31.0%")
    story.mesh.answerPreviews(
      with: .failure(.denied("virtualservices.networking.istio.io \"reviews\" is forbidden: User \"sre\" cannot patch"))
    )
    story.press("wz")
    story.pass(.milliseconds(200))
    await story.sees("✗ dry run: denied by the server")
    story.press("⏎⏎")
    await story.idle()
    await story.sees("cannot patch")
    #expect(story.mesh.applied.isEmpty)
  }

  @Test func aFailedWriteKeepsTheDraft() async {
    let story = Story()
    await story.sees("31.0%")
    story.mesh.refuseWrites(with: .journal("the disk is full"))
    story.press("wz⏎⏎")
    await story.sees("✗ not sent, because the journal cannot be written: the disk is full")
    story.mesh.refuseWrites(with: nil)
    story.press("⏎⏎")
    await story.until { $0.mesh.applied.count == 2 }
  }

  @Test func readOnlyOpensTheEditorAndRefusesToApply() async {
    let story = Story(identity: MeshIdentity(context: "prod-eu1", scope: .namespace("bookinfo"), isReadOnly: true))
    await story.sees("31.0%")
    story.press("wz⏎")
    await story.sees("read-only: writing is switched off")
    story.press("⏎⏎")
    story.pass(.milliseconds(200))
    await story.idle()
    #expect(story.mesh.applied.isEmpty)
  }

  @Test func troubleKeepsWhatIsKnownWithItsAge() async {
    let story = Story()
    await story.sees("31.0%")
    story.mesh.traffic.send(.trouble(Trouble(.unreachable, "the API server does not answer", remedy: "check the VPN")))
    await story.sees("the API server does not answer; check the VPN")
    story.pass(.seconds(12))
    #expect(story.screen.contains("stale 12s"))
    #expect(story.screen.contains("traffic, 12s old: the API server does not answer"))
    #expect(story.screen.contains("31.0%"), "the figures stay")
    story.mesh.traffic.send(.value(Bookinfo.sample(at: Bookinfo.start + .seconds(12))))
    await story.sees("late 12s")
    #expect(!story.screen.contains("check the VPN"))
    story.mesh.proxies.send(.value(Bookinfo.report()))
    await story.sees("live 0.0s")
  }

  @Test func logsAreClosedWhenLeft() async {
    let story = Story()
    await story.sees("31.0%")
    story.press("l")
    await story.until { $0.mesh.logs.open == 1 }
    story.mesh.logs.send(.value(LogBatch(lines: [Bookinfo.access(1)])))
    await story.sees("/reviews/7")
    story.press("3")
    #expect(story.screen.contains("ASKED"))
    story.press("6")
    #expect(story.screen.contains("/reviews/7"), "the tail goes on behind another screen")
    story.press("⎋")
    await story.until { $0.mesh.logs.open == 0 }
  }

  @Test func nothingIsDrawnWhenNothingChanges() async {
    let story = Story()
    await story.sees("31.0%")
    await story.idle()
    let drawn = story.terminal.drawn
    for _ in 0..<10 { story.loop.turn() }
    #expect(story.terminal.drawn == drawn)
    story.pass(.seconds(1))
    #expect(story.terminal.drawn == drawn + 1, "the age on screen")
    #expect(story.loop.untilNext == .seconds(1))
  }

  @Test func aFloodIsDrawnOncePerFrame() async {
    let story = Story()
    await story.sees("31.0%")
    story.press("l")
    await story.until { $0.mesh.logs.open == 1 }
    let drawn = story.terminal.drawn
    for number in 0..<500 {
      story.mesh.logs.send(.value(LogBatch(lines: [Bookinfo.access(number % 50, code: 200 + number)])))
    }
    await story.sees(" 699 ")
    // Time stands still but for whole frames, so each frame shows all that had come by then.
    #expect(story.terminal.drawn - drawn < 500)
  }

  @Test func endsWhenAsked() async {
    let story = Story()
    story.press("q")
    #expect(story.loop.hasEnded)
  }
}

extension String {
  /// The same strip at another count: the bar is not what is looked for.
  fileprivate func replacing(_ taken: Int) -> String { taken == 6 ? self : "\(taken)/6" }
}
