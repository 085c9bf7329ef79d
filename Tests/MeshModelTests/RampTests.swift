import MeshModel
import Peers
import Testing

private let v1 = Destination(host: "reviews.bookinfo.svc.cluster.local", subset: "v1")
private let v2 = Destination(host: "reviews.bookinfo.svc.cluster.local", subset: "v2")
private let v3 = Destination(host: "reviews.bookinfo.svc.cluster.local", subset: "v3")
private let begin = Timestamp(seconds: 1_795_394_745)

private func route(_ weights: [(Destination, Int)]) -> Route {
  Route(
    id: RouteID(resource: ResourceID(kind: .virtualService, namespace: "bookinfo", name: "reviews"), rule: 0),
    resourceVersion: "7", mesh: "istio", hosts: [v1.host],
    split: TrafficSplit(weights.map { .init(destination: $0, weight: Weight($1)) }))
}

private func plan(
  _ steps: [Int]? = [25, 50, 100], hold: Duration = .seconds(60), guards: RampGuards = RampGuards()
) throws -> RampPlan {
  try RampPlan(of: route([(v1, 90), (v3, 10)]), to: v3, steps: steps, hold: hold, guards: guards)
}

private func traffic(_ requests: Int, errors: Int? = 0, p99: Int? = 12, low: Int? = nil) -> DestinationTraffic {
  DestinationTraffic(
    requests: requests, errors: errors, p99: p99.map { .milliseconds($0) },
    p99Low: (low ?? p99).map { .milliseconds($0) })
}

@Suite struct RampPlanTests {
  /// Nothing tells how connections ended: guards would wait until their patience is over.
  @Test func rulesOfConnectionsGoWithoutGuards() throws {
    let http = route([(v1, 90), (v3, 10)])
    let tcp = RouteID(resource: http.id.resource, section: .tcp, rule: 0)
    func refusal(_ guards: RampGuards) -> String? {
      RampPlan(
        route: tcp, match: "any", start: http.split, destination: v3, stable: v1, steps: [50], hold: .seconds(1),
        guards: guards, patience: .seconds(1)
      ).refusal
    }
    #expect(refusal(RampGuards())?.contains("errors none, p99 none") == true)
    #expect(refusal(.none) == nil)
    #expect(RampGuards.usual(for: tcp, HealthThresholds()).areNone)
    #expect(!RampGuards.usual(for: http.id, HealthThresholds()).areNone)
  }

  @Test func theUsualStepsAreThoseAboveWhatItHas() throws {
    let plan = try plan(nil)
    #expect(plan.steps == [25, 50, 100])
    #expect(plan.stable == v1)
    #expect(plan.split(at: 0) == plan.start)
    #expect(plan.split(at: 1).description == "v1=75 v3=25")
    #expect(plan.split(at: 3).description == "v1=0 v3=100")
    #expect(plan.step(of: plan.split(at: 2)) == 2)
    #expect(plan.step(of: TrafficSplit([.init(destination: v1, weight: 1), .init(destination: v3, weight: 1)])) == nil)
  }

  @Test("What is no ramp is refused", arguments: [[], [0, 10], [20, 20], [50, 25], [101], [10, 50], [5]])
  func whatIsNoRampIsRefused(_ steps: [Int]) {
    #expect(throws: RampPlan.Refusal.self) { try plan(steps) }
  }

  @Test func everyStepGivesWhatItSaysAndTheOthersKeepTheirProportion() throws {
    var random = SeededGenerator(seed: 11)
    for _ in 0..<500 {
      let weights = [v1, v2, v3].map { ($0, Int.random(in: 0...300, using: &random)) }
      let start = route(weights)
      guard let plan = try? RampPlan(of: start, to: v3) else { continue }
      for step in plan.steps.indices {
        let split = plan.split(at: step + 1)
        #expect(
          split.total == (start.split.total * plan.steps[step] % 100 == 0 ? start.split.total : 100), "\(weights)")
        #expect(split.fraction(of: v3) == Double(plan.steps[step]) / 100, "\(weights)")
        #expect(split.refusal == nil)
      }
    }
  }
}

@Suite struct RampTests {
  /// A ramp at a step that every proxy has.
  private func held(at step: Int, _ plan: RampPlan) -> Ramp { Ramp(plan, at: step, now: begin) }

  @Test func aHealthyRampGoesStepByStepToTheEnd() throws {
    let plan = try plan()
    var ramp = Ramp(plan, now: begin)
    var moment = begin
    var written: [TrafficSplit] = []
    while let split = ramp.wanted {
      written.append(split)
      ramp.take(.written, at: moment)
      #expect(ramp.wanted == nil, "nothing is written before every proxy has this")
      ramp.take(.seen(traffic(60), stable: traffic(900), until: moment), at: moment)
      moment = moment + .seconds(120)
      ramp.take(.time, at: moment)
      #expect(ramp.wanted == nil, "the hold begins when every proxy has it")
      ramp.take(.applied, at: moment)
      moment = moment + .seconds(59)
      ramp.take(.seen(traffic(90), stable: traffic(900), until: moment), at: moment)
      #expect(ramp.wanted == nil && ramp.holdLeft(at: moment) == .seconds(1))
      moment = moment + .seconds(1)
      ramp.take(.time, at: moment)
    }
    #expect(written == (1...3).map(plan.split))
    #expect(ramp.end == .completed)
  }

  @Test func aBrokenGuardGoesBackToTheStart() throws {
    let plan = try plan()
    var ramp = held(at: 2, plan)
    ramp.take(
      .seen(traffic(200, errors: 60), stable: traffic(600, errors: 1), until: begin + .seconds(3)),
      at: begin + .seconds(3))
    #expect(ramp.wanted == plan.start, "what is plain is not waited for")
    ramp.take(.written, at: begin + .seconds(4))
    ramp.take(.applied, at: begin + .seconds(5))
    guard case .reverted(.guarded(let why)) = ramp.end else {
      Issue.record("\(ramp.phase)")
      return
    }
    #expect(why == "v3 fails 30.0% of 200 requests (24.1 to 36.7 %), v1 0.2%; p < 0.001")
  }

  @Test("One bad request breaks no guard", arguments: [1, 20, 50, 60])
  func oneBadRequestIsNoEvidence(_ requests: Int) throws {
    var ramp = held(at: 1, try plan())
    let one = DestinationTraffic(
      requests: requests, errors: 1, p99: .seconds(3), p99Low: requests < 3 ? nil : .milliseconds(12))
    ramp.take(.seen(one, stable: traffic(1000), until: begin + .seconds(5)), at: begin + .seconds(5))
    #expect(ramp.wanted == nil)
    ramp.take(.seen(one, stable: traffic(1000), until: begin + .seconds(61)), at: begin + .seconds(61))
    #expect(ramp.wanted != ramp.plan.start, "\(ramp.phase)")
  }

  @Test func doubtIsNoEvidenceDuringAHoldAndIsAtItsEnd() throws {
    // 6 of 60 against 1 of 100: by chance in 4 of 1,000 looks.
    var ramp = held(at: 1, try plan())
    ramp.take(
      .seen(traffic(60, errors: 6), stable: traffic(100, errors: 1), until: begin + .seconds(30)),
      at: begin + .seconds(30))
    #expect(ramp.wanted == nil)
    ramp.take(.time, at: begin + .seconds(60))
    #expect(ramp.wanted == ramp.plan.start)
  }

  @Test func withTooFewRequestsItWaitsAndSaysSo() throws {
    var ramp = held(at: 1, try plan())
    ramp.take(
      .seen(traffic(18, errors: 12), stable: traffic(400), until: begin + .seconds(61)), at: begin + .seconds(61))
    #expect(ramp.wanted == nil)
    #expect(
      ramp.readings(at: begin + .seconds(61)).map(\.verdict) == [
        .waiting("18 of 50 requests to v3"), .waiting("18 of 50 requests to v3"),
      ])
    ramp.take(.seen(traffic(50), stable: traffic(400), until: begin + .seconds(90)), at: begin + .seconds(90))
    #expect(ramp.wanted == ramp.plan.split(at: 2))
  }

  @Test func whatNothingTellsIsNoKeptGuard() throws {
    var ramp = held(at: 1, try plan())
    ramp.take(
      .seen(traffic(80, errors: nil, p99: nil), stable: traffic(400), until: begin + .seconds(61)),
      at: begin + .seconds(61))
    #expect(ramp.wanted == nil)
    #expect(
      ramp.readings(at: begin + .seconds(61)).map(\.verdict) == [
        .waiting("nothing tells which requests fail"), .waiting("nothing tells how long requests take"),
      ])
    ramp.take(.time, at: begin + .seconds(661))
    #expect(
      ramp.end
        == .stopped(
          .init(
            step: 1, why: "nothing could be decided for 10 min after the hold: nothing tells which requests fail")))
  }

  @Test func figuresThatStoppedComingAreNotThoseOfTheHold() throws {
    var ramp = held(at: 1, try plan())
    ramp.take(.seen(traffic(80), stable: traffic(400), until: begin + .seconds(20)), at: begin + .seconds(21))
    ramp.take(.time, at: begin + .seconds(70))
    #expect(ramp.wanted == nil)
    #expect(ramp.waits(at: begin + .seconds(70)) == ["nothing was seen after \((begin + .seconds(20)).clock)"])
    ramp.take(.seen(traffic(80), stable: traffic(400), until: begin + .seconds(55)), at: begin + .seconds(71))
    #expect(ramp.wanted == ramp.plan.split(at: 2))
  }

  @Test func aStableVersionThatFailsTooIsNoReasonToGoBack() throws {
    var ramp = held(at: 1, try plan())
    ramp.take(
      .seen(traffic(200, errors: 60), stable: traffic(600, errors: 190), until: begin + .seconds(61)),
      at: begin + .seconds(61))
    #expect(ramp.wanted == ramp.plan.split(at: 2))
  }

  @Test func aSlowOneGoesBack() throws {
    var ramp = held(at: 1, try plan())
    ramp.take(
      .seen(traffic(160, p99: 900, low: 600), stable: traffic(600), until: begin + .seconds(5)), at: begin + .seconds(5)
    )
    #expect(ramp.wanted == ramp.plan.start)
    var twice = held(at: 1, try plan())
    twice.take(
      .seen(traffic(160, p99: 30), stable: traffic(600), until: begin + .seconds(61)), at: begin + .seconds(61))
    #expect(twice.wanted == twice.plan.split(at: 2), "twice as long, but by 18 ms")
  }

  @Test func atTheEndTheStableOneCountsAsItWasLast() throws {
    let plan = try plan()
    var ramp = held(at: 2, plan)
    ramp.take(
      .seen(traffic(300), stable: traffic(300, errors: 1), until: begin + .seconds(60)), at: begin + .seconds(60))
    #expect(ramp.wanted == plan.split(at: 3))
    ramp.take(.written, at: begin + .seconds(61))
    ramp.take(.applied, at: begin + .seconds(62))
    var bad = ramp
    bad.take(.seen(traffic(300, errors: 60), stable: traffic(0), until: begin + .seconds(70)), at: begin + .seconds(70))
    #expect(bad.wanted == plan.start)
    ramp.take(.seen(traffic(300), stable: nil, until: begin + .seconds(123)), at: begin + .seconds(123))
    #expect(ramp.end == .completed)
  }

  @Test func aPausedRampWatchesOn() throws {
    var ramp = held(at: 1, try plan())
    ramp.take(.order(.pause), at: begin)
    ramp.take(.seen(traffic(200), stable: traffic(600), until: begin + .seconds(300)), at: begin + .seconds(300))
    #expect(ramp.wanted == nil)
    var bad = ramp
    bad.take(
      .seen(traffic(200, errors: 80), stable: traffic(600), until: begin + .seconds(301)), at: begin + .seconds(301))
    #expect(bad.wanted == bad.plan.start)
    ramp.take(.order(.goOn), at: begin + .seconds(302))
    #expect(ramp.wanted == ramp.plan.split(at: 2))
  }

  @Test func whatIsAskedDuringAWriteWaitsForItsAnswer() throws {
    let plan = try plan()
    var ramp = held(at: 1, plan)
    ramp.take(.seen(traffic(200), stable: traffic(600), until: begin + .seconds(60)), at: begin + .seconds(60))
    ramp.take(.order(.stop), at: begin + .seconds(60))
    #expect(ramp.end == nil)
    var failed = ramp
    ramp.take(.written, at: begin + .seconds(61))
    #expect(ramp.end == .stopped(.init(step: 2, why: "asked to stop")))
    failed.take(.unanswered("no answer"), at: begin + .seconds(61))
    #expect(failed.end == .stopped(.init(step: 1, why: "asked to stop; no answer")))
  }

  @Test func whoWritesTheRuleStopsIt() throws {
    let plan = try plan()
    var ramp = held(at: 2, plan)
    ramp.take(.overwritten(by: "kubectl-edit", now: plan.start), at: begin + .seconds(1))
    #expect(
      ramp.end
        == .stopped(.init(step: 2, why: "kubectl-edit wrote this rule; it now says v1=90 v3=10", isOverwritten: true)))
    #expect(ramp.wanted == nil, "nothing is overwritten")
  }

  @Test func goingBackFromTheStartIsDoneAtOnce() throws {
    var ramp = Ramp(try plan(), now: begin)
    ramp.take(.order(.goBack), at: begin)
    ramp.take(.unanswered("no answer"), at: begin)
    #expect(ramp.end == .reverted(.asked))
    #expect(Ramp(try plan(), isGoingBack: true, now: begin).end == .reverted(.asked))
    #expect(Ramp(try plan(), at: 2, isGoingBack: true, now: begin).wanted == ramp.plan.start)
  }

  @Test("Whatever happens, in any order", arguments: 1...40)
  func whateverHappensItKeepsToItsPlan(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<50 {
      let plan = try plan(hold: .seconds(Int.random(in: 0...60, using: &random)))
      var ramp = Ramp(plan, now: begin)
      var moment = begin
      /// What the rule says, and whether every proxy has it.
      var (rule, isApplied) = (plan.start, true)
      for _ in 0..<200 {
        moment = moment + .seconds(Int.random(in: 0...20, using: &random))
        let before = ramp
        let event: Ramp.Event =
          switch Int.random(in: 0..<20, using: &random) {
          case 0: .order(.pause)
          case 1: .order(.goOn)
          case 2 where seed.isMultiple(of: 3): .order([.stop, .goBack].randomElement(using: &random) ?? .stop)
          case 3: .unanswered("no answer")
          case 4...8 where ramp.wanted != nil: .written
          case 9...12 where !isApplied: .applied
          case 13...17:
            .seen(
              traffic(Int.random(in: 0...400, using: &random), errors: 0),
              stable: traffic(Int.random(in: 0...400, using: &random), errors: 0), until: moment)
          case 18 where seed.isMultiple(of: 2): .seen(traffic(300, errors: 150), stable: traffic(300), until: moment)
          default: .time
          }
        if case .written = event, let wanted = ramp.wanted {
          let (old, new) = (plan.step(of: rule) ?? -1, plan.step(of: wanted) ?? -1)
          #expect(new == 0 || new == old + 1, "seed \(seed): \(old) → \(new)")
          #expect(new == 0 || isApplied, "seed \(seed): no step before the one before is applied")
          (rule, isApplied) = (wanted, false)
        }
        if case .applied = event { isApplied = true }
        ramp.take(event, at: moment)
        if let wanted = ramp.wanted { #expect(plan.step(of: wanted) != nil, "seed \(seed): past the plan") }
        if case .goingBack = before.phase, case .writing = ramp.phase { Issue.record("seed \(seed): forward again") }
        switch ramp.end {
        case .completed: #expect(rule == plan.split(at: 3) && isApplied, "seed \(seed)")
        case .reverted: #expect(rule == plan.start, "seed \(seed)")
        case .stopped(let stop): #expect(before.end != nil || rule == plan.split(at: stop.step), "seed \(seed)")
        case nil: break
        }
      }
    }
  }
}
