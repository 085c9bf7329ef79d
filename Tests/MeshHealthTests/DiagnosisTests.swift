import MeshHealth
import MeshModel
import Testing

@Suite struct DiagnosisTests {
  typealias Script = ScriptedTraffic

  @Test(arguments: [1, 2, 3] as [UInt64]) func aCalmMeshRaisesNothingInFiveMinutes(seed: UInt64) {
    var script = Script(seed: seed)
    var diagnosis = Diagnosis()
    for _ in 0..<300 {
      script.pass(Script.calm)
      diagnosis.take(script.observation())
      #expect(diagnosis.findings.isEmpty, "seed \(seed), after \(script.elapsed) s")
    }
  }

  /// A few errors are no trouble: not one of a hundred, and not three of three.
  @Test(arguments: [1, 2, 3] as [UInt64]) func strayErrorsAreNoTrouble(seed: UInt64) {
    var script = Script(seed: seed)
    var diagnosis = Diagnosis()
    var flows = Script.calm
    for place in flows.indices { flows[place].errorShare = 0.001 }
    for second in 0..<300 {
      let rare = Script.Flow(
        edge: EdgeID(from: Script.node("reviews"), to: Script.node("rare")), rate: 1, errorShare: 1)
      script.pass(second.isMultiple(of: 30) ? flows + [rare] : flows)
      diagnosis.take(script.observation())
      #expect(diagnosis.findings.isEmpty, "seed \(seed), after \(script.elapsed) s: \(diagnosis.findings.map(\.title))")
    }
  }

  func failing(_ share: Double = 1.0 / 3) -> [Script.Flow] {
    var flows = Script.calm
    flows[0].errorShare = share / 4
    flows[3].errorShare = share
    return flows
  }

  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func aFailingCanaryIsNamedWithinFiveSecondsWithTheChangeBeforeIt(seed: UInt64) throws {
    var script = Script(seed: seed)
    var diagnosis = Diagnosis()
    for _ in 0..<60 { script.pass(Script.calm) }
    let image = ObservedChange(
      id: .init(object: .init(kind: "Deployment", namespace: "bookinfo", name: "reviews-v3"), version: "7"),
      action: .changed, time: script.now - .seconds(17), by: "kubectl-set",
      fields: [.init(name: "image", before: "1.18", after: "1.19")],
      services: [ServiceID(namespace: "bookinfo", name: "reviews")], version: "v3")
    let began = script.now
    diagnosis.take(script.observation([image]))
    #expect(diagnosis.findings.isEmpty)
    while diagnosis.findings.isEmpty, script.now - began < .seconds(10) {
      script.pass(failing())
      diagnosis.take(script.observation([image]))
    }
    let first = try #require(diagnosis.findings.first)
    #expect(script.now - began <= .seconds(5), "seed \(seed)")
    #expect(first.id == Finding.ID(.canary, .route(Script.reviews, Script.destination("v3"))))
    #expect(first.title == "reviews #0 v3")
    #expect(first.precededBy.first?.change == image)
    #expect(first.evidence.contains { $0.hasPrefix("worse than v1 (0.0%): p < 0.001") }, "\(first.evidence)")
    let off = first.since - began
    #expect(off >= .seconds(-5) && off <= .seconds(5), "it began when it began: \(off)")
    for _ in 0..<5 {
      script.pass(failing())
      diagnosis.take(script.observation([image]))
    }
    #expect(diagnosis.findings.first?.severity == .failing, "soon enough is known to say how bad it is")
  }

  @Test func aCauseIsToldBeforeWhatFollowsFromIt() throws {
    var script = Script(seed: 7)
    var diagnosis = Diagnosis()
    var flows = Script.calm
    flows[0].errorShare = 0.3
    flows[1].errorShare = 0.2
    for _ in 0..<30 {
      script.pass(flows)
      diagnosis.take(script.observation())
    }
    let titles = diagnosis.findings.map(\.title)
    #expect(titles == ["productpage v1 → details v1", "istio-ingressgateway → productpage v1"])
    let consequence = try #require(diagnosis.findings.last)
    #expect(consequence.evidence.contains { $0.hasPrefix("productpage v1 → details v1 fails: ") })
    #expect(consequence.figure.hasSuffix(" 503"))
  }

  @Test func whatHasEndedIsToldForAWhileAndThenNoMore() {
    var script = Script(seed: 3)
    var diagnosis = Diagnosis()
    for _ in 0..<40 {
      script.pass(failing())
      diagnosis.take(script.observation())
    }
    #expect(!diagnosis.findings.isEmpty)
    var told = 0
    for _ in 0..<40 {
      script.pass(Script.calm)
      diagnosis.take(script.observation())
      if !diagnosis.findings.isEmpty { told += 1 }
    }
    // The last seconds must be clean, and then some: but not the whole window.
    #expect((12...32).contains(told), "told for \(told) s")
    #expect(diagnosis.findings.isEmpty)
  }

  /// Errors that come and go about the threshold are one finding, not many.
  /// Where another source takes over that names versions the trouble is told all the time, and never twice.
  @Test func aTroubleOfAnotherNameIsToldOnce() {
    var script = Script(seed: 1)
    var diagnosis = Diagnosis()
    for _ in 0..<90 {
      script.pass(failing())
      diagnosis.take(script.observation())
    }
    func edges() -> [Finding] {
      diagnosis.findings.filter { if case .edge = $0.id.subject { true } else { false } }
    }
    let before = edges()
    #expect(!before.isEmpty)
    for _ in 0..<30 {
      script.pass(failing())
      var observation = script.observation()
      guard var sample = observation.edges else { return }
      sample.source = .counters
      sample.edges = Dictionary(
        sample.edges.map { edge, traffic in
          let known = edge.destination
          let named = MeshNode(known.kind, namespace: known.namespace, name: known.name, version: "v9")
          return (EdgeID(from: edge.source, to: named, edge.traffic), traffic)
        }, uniquingKeysWith: { one, _ in one })
      observation.edges = sample
      diagnosis.take(observation)
      let services = edges().map(\.title).map { $0.split(separator: " ").filter { !$0.hasPrefix("v") }.joined() }
      #expect(Set(services).count == services.count, "\(edges().map(\.title))")
      #expect(services.count >= before.count, "none is missing meanwhile")
    }
    #expect(edges().map(\.title) != before.map(\.title))
  }

  @Test(arguments: [1, 2, 3] as [UInt64]) func findingsDoNotFlap(seed: UInt64) {
    var script = Script(seed: seed)
    var diagnosis = Diagnosis()
    var comings = 0
    var wasThere = false
    for second in 0..<300 {
      script.pass(failing(second % 20 < 10 ? 0.2 : 0.04))
      diagnosis.take(script.observation())
      let isThere = diagnosis.findings.contains { $0.id.kind == .canary }
      if isThere && !wasThere { comings += 1 }
      wasThere = isThere
    }
    #expect(comings == 1, "seed \(seed)")
  }

  @Test func findingsKeepTheirPlacesWhileTheirFiguresChange() {
    var script = Script(seed: 11)
    var diagnosis = Diagnosis()
    func flows(_ one: Double, _ other: Double) -> [Script.Flow] {
      var flows = Script.calm
      flows[1].errorShare = one
      flows[4].errorShare = other
      return flows
    }
    for _ in 0..<20 {
      script.pass(flows(0.4, 0.2))
      diagnosis.take(script.observation())
    }
    let order = diagnosis.findings.map(\.id)
    #expect(order.count == 2)
    for _ in 0..<60 {
      script.pass(flows(0.2, 0.6))
      diagnosis.take(script.observation())
      #expect(diagnosis.findings.map(\.id) == order)
    }
  }

  @Test func aSlowDependencyIsToldBeforeThoseWhoWaitForIt() throws {
    var script = Script(seed: 5)
    var diagnosis = Diagnosis()
    for _ in 0..<90 {
      script.pass(Script.calm)
      diagnosis.take(script.observation())
    }
    let began = script.now
    var flows = Script.calm
    flows[4].p99 = .milliseconds(900)
    flows[3].p99 = .milliseconds(950)
    for _ in 0..<40 {
      script.pass(flows)
      diagnosis.take(script.observation())
    }
    #expect(diagnosis.findings.map(\.title) == ["ratings v1", "reviews v3"])
    let ratings = try #require(diagnosis.findings.first)
    #expect(ratings.id.kind == .slow)
    #expect(ratings.evidence.contains { $0.hasPrefix("was ") }, "\(ratings.evidence)")
    #expect(abs((ratings.since - began).seconds) <= 6)
    #expect(diagnosis.findings.last?.evidence.contains("waits for ratings v1") == true)
  }

  /// One second in which everything stood still makes a bad P99 for a whole minute, and is over.
  @Test func aMomentsPauseIsNotSlow() {
    var script = Script(seed: 5)
    var diagnosis = Diagnosis()
    for second in 0..<200 {
      var flows = Script.calm
      if second == 100 { for place in flows.indices { flows[place].p99 = .seconds(2) } }
      script.pass(flows)
      diagnosis.take(script.observation())
      #expect(diagnosis.findings.isEmpty, "after \(script.elapsed) s")
    }
  }

  @Test func nothingIsSaidOfWhatIsNotKnown() {
    var diagnosis = Diagnosis()
    diagnosis.take(Observation(now: Script.start))
    #expect(diagnosis.findings.isEmpty)
    let edge = EdgeTraffic(requests: 1000, errors: nil)
    diagnosis.take(
      Observation(
        now: Script.start,
        edges: EdgeSample(
          end: Script.start, window: .seconds(60), source: .counters, edges: [Script.entry: edge])))
    #expect(diagnosis.findings.isEmpty)
  }

  /// A hostile or broken store may say anything of a number.
  @Test func figuresThatAreNoNumbersDoNoHarm() {
    var diagnosis = Diagnosis()
    for value in [Double.nan, .infinity, -.infinity, -1, 1e300] {
      let edge = EdgeTraffic(
        requests: value, errors: value, p99: .seconds(1), codes: ["503": value],
        history: [.init(requests: value, errors: value)])
      diagnosis.take(
        Observation(
          now: Script.start,
          edges: EdgeSample(
            end: Script.start, window: .seconds(60), source: .store(name: "x"), edges: [Script.entry: edge])))
    }
    #expect(diagnosis.findings.isEmpty)
  }
}
