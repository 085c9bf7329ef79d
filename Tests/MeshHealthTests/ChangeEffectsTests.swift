import MeshHealth
import MeshModel
import Testing

@Suite struct ChangeEffectsTests {
  private static let start = Timestamp(seconds: 1_000_000)
  private static let reviews = MeshNode(namespace: "bookinfo", name: "reviews", version: "v3")
  private static let edge = EdgeID(from: MeshNode(namespace: "bookinfo", name: "productpage"), to: reviews)

  private func change(_ service: String = "reviews", at time: Timestamp = start) -> ObservedChange {
    ObservedChange(
      id: .init(object: .init(kind: "VirtualService", namespace: "bookinfo", name: service), version: "7"),
      action: .changed, time: time, by: "kubectl-edit",
      services: [ServiceID(namespace: "bookinfo", name: service)])
  }

  /// 24 slices of 5 s with 10 requests each; from `start` on 3 of 10 fail and take long.
  private func observation(
    _ seconds: Int, _ changes: [ObservedChange], slices: Int = 24, tellsErrors: Bool = true
  ) -> Observation {
    let end = Self.start + .seconds(seconds)
    let history = (0..<slices).map { number in
      let begin = end - .seconds(5) * (slices - number)
      let isBad = begin >= Self.start
      return EdgeTraffic.Slice(requests: 10, errors: isBad ? 3 : 0, p99: .milliseconds(isBad ? 840 : 11))
    }
    let traffic = EdgeTraffic(requests: 120, errors: tellsErrors ? 0 : nil, history: history)
    let sample = EdgeSample(
      end: end, observedSince: Self.start - .seconds(600), window: .seconds(60), source: .accessLogs,
      edges: [Self.edge: traffic])
    return Observation(now: end, edges: sample, changes: changes)
  }

  @Test func whatHealthDidIsToldBeforeAndAfter() throws {
    var effects = ChangeEffects()
    let change = change()
    effects.take(observation(0, [change]), findings: [])
    var effect = try #require(effects[change.id])
    #expect(effect.before?.requests == 120 && effect.before?.errorRate == 0 && effect.before?.p99 == .milliseconds(11))
    #expect(effect.after == nil, "nothing is known of what comes")
    effects.take(observation(30, [change]), findings: [])
    effects.take(observation(60, [change]), findings: [])
    effect = try #require(effects[change.id])
    #expect(effect.after?.requests == 120 && effect.after?.errorRate == 0.3)
    #expect(effect.after?.p99 == .milliseconds(840) && effect.after?.span == .seconds(60))
    // Later samples reach back less far, and take nothing away.
    effects.take(observation(70, [change], slices: 4), findings: [])
    effects.take(observation(500, [change]), findings: [])
    #expect(effects[change.id] == effect)
  }

  @Test func whatIsNotKnownIsNotZero() throws {
    var effects = ChangeEffects()
    let (near, elsewhere) = (change(), change("ratings"))
    effects.take(observation(30, [near, elsewhere], tellsErrors: false), findings: [])
    let effect = try #require(effects[near.id])
    #expect(effect.before?.errorRate == nil && effect.before?.requests == 120)
    #expect(effects[elsewhere.id] == nil, "nothing was sent to what it touched")
  }

  @Test func findingsThatBeganAfterItStayWhenTheyAreOver() throws {
    var effects = ChangeEffects()
    let change = change()
    var finding = Finding(
      id: .init(.errors, .node(Self.reviews)), severity: .warning, title: "reviews v3", figure: "2.0% errors",
      since: Self.start + .seconds(12))
    finding.precededBy = [.init(change, before: .seconds(12))]
    effects.take(observation(20, [change]), findings: [finding])
    (finding.severity, finding.figure) = (.failing, "31.0% errors")
    effects.take(observation(30, [change]), findings: [finding])
    effects.take(observation(60, [change]), findings: [])
    let troubles = try #require(effects[change.id]).troubles
    #expect(troubles.count == 1 && troubles[0].severity == .failing && troubles[0].figure == "31.0% errors")
    #expect(troubles[0].later == .seconds(12))
    // What is told no more is let go of.
    effects.take(observation(90, []), findings: [])
    #expect(effects[change.id] == nil)
  }
}
