import ConsoleTestSupport
import MeshModel
import TerminalUI
import Testing

@testable import Console

/// Ramps from the weight editor, on every screen, when the console is left, and when one was lost.
@Suite struct RampTests {
  private var plan: RampPlan {
    get throws {
      let route = try #require(Bookinfo.routes().first { $0.id == Bookinfo.reviewsRule })
      return try RampPlan(of: route, to: Bookinfo.v3, steps: [50, 100], guards: RampGuards())
    }
  }

  /// One that holds its first step for 18 seconds and has seen this many requests.
  private func running(_ requests: Int = 120, errors: Int = 0, at step: Int = 1) throws -> RampProgress {
    let begun = Bookinfo.start - .seconds(18)
    var ramp = Ramp(try plan, at: step, now: begun)
    func traffic(_ requests: Int, _ errors: Int) -> DestinationTraffic {
      DestinationTraffic(requests: requests, errors: errors, p99: .milliseconds(12), p99Low: .milliseconds(11))
    }
    ramp.take(.seen(traffic(requests, errors), stable: traffic(400, 1), until: Bookinfo.start), at: Bookinfo.start)
    return RampProgress(id: 14, ramp: ramp, applied: Bookinfo.applied(taken: 6))
  }

  private func ended(_ order: Ramp.Order) throws -> RampProgress {
    var progress = try running()
    progress.ramp.take(.order(order), at: Bookinfo.start)
    if order == .goBack {
      progress.ramp.take(.written, at: Bookinfo.start)
      progress.ramp.take(.applied, at: Bookinfo.start)
    }
    return progress
  }

  @Test func aRampIsTypedCheckedAskedAboutAndBegun() throws {
    var state = settled()
    _ = state.type("w")
    state.editor?.selected = Bookinfo.v3
    _ = state.type("r")
    #expect(state.prompt?.input.text == "50,100 hold 60s errors 1% p99 2x least 50")
    #expect(Pictures.frame(state).text.contains("v3 to 50, 100 %, 60 s each, against v1; back if 1 % more fail"))
    let asked = state.type("⏎")
    guard case .preview(let draft, _)? = asked.first else {
      Issue.record("nothing was asked: \(asked)")
      return
    }
    #expect(draft.after.description == "v1=0 v3=100", "the checks are of what it comes to")
    _ = state.update(.previewed(revision: state.revision, .success(Bookinfo.preview)))
    #expect(Pictures.frame(state).text.contains("ramp v3 to 50, 100 %, 60 s each, against v1?"))
    let effects = state.type("⏎")
    #expect(effects == [.beginRamp(try plan, note: nil, revision: state.revision)])
    _ = state.update(.rampBegun(revision: state.revision, .success(14)))
    #expect(state.editor?.isChanged == false && state.editor?.stage == .drafting)
    #expect(state.notice?.hasPrefix("ramp #14 has begun") == true)
  }

  @Test func aWrongLineIsSaidAndNothingIsAsked() {
    var state = settled()
    _ = state.type("w")
    state.editor?.selected = Bookinfo.v3
    _ = state.type("r")
    state.prompt = Prompt(.ramp, "50,40 hold 60s")
    #expect(state.type("⏎").isEmpty)
    #expect(state.notice == "steps are whole percentages from 1 to 100, each more than the one before")
    state.prompt = Prompt(.ramp, "50 hold soon")
    #expect(state.type("⏎").isEmpty)
    #expect(state.notice == "\"soon\" is no time, as in 60s or 5m")
    _ = state.type("⎋")
    #expect(state.editor?.isChanged == false)
  }

  @Test func escapeLeavesTheQuestionAndTheDraft() {
    var state = settled()
    _ = state.type("w")
    state.editor?.selected = Bookinfo.v3
    _ = state.type("r⏎⎋")
    #expect(state.editor?.ramp == nil && state.editor?.isChanged == false && state.editor?.stage == .drafting)
  }

  @Test func productionWantsTheNameForARampToo() {
    var state = settled(Bookinfo.production)
    _ = state.type("w")
    state.editor?.selected = Bookinfo.v3
    _ = state.type("r⏎")
    _ = state.update(.previewed(revision: state.revision, .success(Bookinfo.preview)))
    #expect(state.type("⏎").isEmpty)
    #expect(state.type("reviews⏎").contains { if case .beginRamp = $0 { true } else { false } })
  }

  @Test func readOnlyRefusesARamp() {
    var state = settled(MeshIdentity(context: "prod-eu1", scope: .namespace("bookinfo"), isReadOnly: true))
    _ = state.type("wr")
    #expect(state.prompt == nil)
    #expect(state.notice?.contains("read-only") == true)
  }

  @Test func theEditorShowsTheRampAndItsKeys() throws {
    var state = settled()
    _ = state.type("w")
    _ = state.update(.ramps(.value([try running()])))
    try Pictures.expect("ramp-holding", state)
    #expect(state.type("p") == [.tellRamp(14, .pause)])
    #expect(state.type("b") == [.tellRamp(14, .goBack)])
    #expect(state.type("s") == [.tellRamp(14, .stop)])
    #expect(state.type("5").isEmpty && state.editor?.isChanged == false, "nothing is edited below a ramp")
    _ = state.type("⎋")
    #expect(state.editor == nil)
  }

  @Test func aRampIsToldOnEveryScreen() throws {
    var state = settled()
    var few = try running(18)
    few.waits = ["18 of 50 requests to v3"]
    _ = state.update(.ramps(.value([few])))
    for key in ["1", "2", "3", "5", "6", "7"] {
      _ = state.type(key)
      let text = Pictures.frame(state).text
      #expect(text.contains("ramp #14 reviews v3 50 % step 1 of 2"), "on screen \(key)")
    }
    try Pictures.expect("ramp-waiting", state)
    var broken = try running(200, errors: 70)
    broken.applied = nil
    _ = state.update(.ramps(.value([broken])))
    #expect(Pictures.frame(state).text.contains("goes back to the start: v3 fails 35.0% of 200 requests"))
  }

  @Test func howItEndedStaysUntilItIsPutAway() throws {
    var state = settled()
    _ = state.update(.ramps(.value([try running()])))
    _ = state.update(.ramps(.value([try ended(.stop)])))
    #expect(
      state.failedWrite == "ramp #14 of reviews #1 stopped at step 1, v1=50 v3=50: asked to stop; esc puts this away")
    _ = state.type("⎋")
    #expect(state.failedWrite == nil)
    _ = state.update(.ramps(.value([try ended(.stop)])))
    #expect(state.failedWrite == nil, "it is told once")
  }

  @Test(arguments: ["q", "^c"]) func leavingAsksFirst(_ key: String) throws {
    func press(_ state: inout State) -> [Effect] {
      key == "q" ? state.type("q") : state.update(.terminal(.key(.control("c"))))
    }
    var state = settled()
    #expect(press(&state) == [.quit], "without a ramp")
    _ = state.update(.ramps(.value([try running()])))
    #expect(press(&state).isEmpty)
    try Pictures.expect("ramp-leaving", state)
    #expect(state.type("⎋").isEmpty && state.leaving == nil)
    _ = press(&state)
    #expect(state.update(.terminal(.key(.control("c")))) == [.quit], "who asks again has decided")
    _ = state.type("⎋")
    _ = press(&state)
    #expect(state.type("b") == [.tellRamp(14, .goBack)])
    #expect(!state.update(.ramps(.value([try running()]))).contains(.quit))
    #expect(state.update(.ramps(.value([try ended(.goBack)]))) == [.quit])
  }

  @Test func aLostRampIsAskedAbout() throws {
    let record = RampRecord(
      id: 12, plan: try plan, time: Bookinfo.start - .seconds(600), context: "prod-eu1", user: "sre")
    var state = settled()
    _ = state.update(.routes(.value(Bookinfo.routes(v1: 50, v3: 50))))
    #expect(state.update(.recovered(.success([]))) == [.readRamps])
    _ = state.update(.rampHistory(.success([record])))
    try Pictures.expect("ramp-lost", state)
    #expect(state.type("3").isEmpty && state.rampQuestion != nil, "it wants an answer")
    var other = state
    #expect(state.type("r") == [.resumeRamp(12, isGoingBack: false)])
    #expect(state.rampQuestion == nil)
    #expect(other.type("b") == [.resumeRamp(12, isGoingBack: true)])
    _ = other.update(.rampResumed(12, .conflict(theirs: Bookinfo.split((Bookinfo.v1, 60), (Bookinfo.v3, 40)))))
    #expect(other.failedWrite?.hasPrefix("ramp #12: somebody else changed this rule") == true)
  }

  @Test func rampsStandOnTheTimeLine() throws {
    let back = RampRecord(
      id: 9, plan: try plan, time: Bookinfo.start - .seconds(900), context: "prod-eu1", user: "sre", note: "try v3",
      later: [
        .init(.resumed, at: Bookinfo.start - .seconds(850)),
        .init(.ended(.reverted(.guarded("31.0% errors of v3"))), at: Bookinfo.start - .seconds(800)),
      ])
    let lost = RampRecord(
      id: 12, plan: try plan, time: Bookinfo.start - .seconds(600), context: "prod-eu1", user: "sre")
    #expect(back.end == .reverted(.guarded("31.0% errors of v3")) && !back.canBeResumed && lost.isLost)
    var state = settled()
    _ = state.update(.routes(.value(Bookinfo.routes(v1: 50, v3: 50))))
    _ = state.update(.changes(.value(Bookinfo.changes)))
    _ = state.update(.rampHistory(.success([lost, back])))
    _ = state.type("⎋")
    #expect(state.rampQuestion == nil, "it was put off")
    _ = state.update(.rampHistory(.success([lost, back])))
    #expect(state.rampQuestion == nil, "and stays so")
    _ = state.type("7⏎")
    let ramps = state.changeList.rows.filter { $0.ramp != nil }
    #expect(ramps.map(\.id) == [.ramp(12, place: 0), .ramp(9, place: 2), .ramp(9, place: 1), .ramp(9, place: 0)])
    state.changeList.selection = .ramp(9, place: 2)
    try Pictures.expect("changes-ramps", state)
    #expect(state.type("u").isEmpty && state.notice?.contains("#9 is over") == true)
    // One that is left in the middle is asked about again, whatever was said before.
    state.changeList.selection = .ramp(12, place: 0)
    #expect(state.type("u").isEmpty && state.rampQuestion == .lost(lost))
    #expect(state.type("b") == [.resumeRamp(12, isGoingBack: true)])
    #expect(state.update(.rampResumed(12, nil)) == [.readRamps])

    let lines = TimelineExport.jsonLines(ramps).split(separator: "\n")
    #expect(lines.count == 4 && lines[2].contains(#""event":"ended""#) && lines[2].contains(#""outcome":"reverted""#))
    #expect(lines[2].contains(#""reason":"31.0% errors of v3""#) && lines[0].contains(#""note":"try v3""#))
    #expect(TimelineExport.markdown(ramps, of: Bookinfo.identity, at: Bookinfo.start).contains("ramp resumed"))
  }
}
