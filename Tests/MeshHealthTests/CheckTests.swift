import MeshModel
import Testing

@testable import MeshHealth

@Suite struct CheckTests {
  let now = ScriptedTraffic.start

  func findings(
    _ observation: Observation, rules: HealthRules = HealthRules(), lasting: Int = 30
  ) -> [Finding] {
    var diagnosis = Diagnosis(rules: rules)
    var observation = observation
    for _ in 0..<lasting {
      diagnosis.take(observation)
      observation.now = observation.now + .seconds(1)
    }
    return diagnosis.findings
  }

  func service(_ ready: Int, of total: Int) -> Topology.Service {
    Topology.Service(
      id: ServiceID(namespace: "bookinfo", name: "ratings"), host: "ratings.bookinfo.svc.cluster.local",
      versions: [
        .init(
          name: "v1", workloads: ["ratings-v1"], pods: .init(ready: ready, total: total),
          unready: ready < total ? ["ratings-v1-x (CrashLoopBackOff)"] : [])
      ])
  }

  @Test func podsThatStayUnreadyAreTold() throws {
    let some = try #require(findings(.init(now: now, topology: Topology(services: [service(1, of: 2)]))).first)
    #expect(some.id.kind == .unready && some.severity == .warning)
    #expect(some.figure == "1 of 2 not ready")
    #expect(some.evidence == ["not ready: ratings-v1-x (CrashLoopBackOff)"])
    let all = try #require(findings(.init(now: now, topology: Topology(services: [service(0, of: 2)]))).first)
    #expect(all.severity == .failing)
    // A rollout takes a moment.
    let topology = Topology(services: [service(1, of: 2)])
    #expect(findings(.init(now: now, topology: topology), lasting: 8).isEmpty)
    #expect(findings(.init(now: now, topology: Topology(services: [service(2, of: 2)]))).isEmpty)
  }

  @Test func ejectedEndpointsAreToldWithThoseWhoEjectedThem() throws {
    var topology = Topology(services: [service(2, of: 2)])
    let node = MeshNode(namespace: "bookinfo", name: "ratings", version: "v1")
    topology.ejections = [
      .init(node: node, address: "10.0.0.1:9080", callers: [ProxyID("a.b"), ProxyID("c.b")])
    ]
    let finding = try #require(findings(.init(now: now, topology: topology)).first)
    #expect(finding.figure == "1 of 2 ejected" && finding.severity == .warning)
    #expect(finding.evidence.last == "so say a, c")
    topology.ejections.append(.init(node: node, address: "10.0.0.2:9080", callers: [ProxyID("a.b")]))
    #expect(findings(.init(now: now, topology: topology)).first?.severity == .failing)
  }

  @Test func aShareThatLeadsNowhereFails() throws {
    var route = ScriptedTraffic.route
    route.readiness[ScriptedTraffic.destination("v3")] = .init(ready: 0, total: 0)
    let finding = try #require(findings(.init(now: now, routes: [route])).first)
    #expect(finding.title == "reviews #0 v3" && finding.figure == "asked 25, none ready")
    #expect(finding.evidence == ["no pod is behind it"])
    route.split.shares[1].weight = 0
    #expect(findings(.init(now: now, routes: [route])).isEmpty)
  }

  func report(_ state: SyncState, reach: ProxyStatus.Reach = .answering(state: "LIVE")) -> ProxyReport {
    ProxyReport(
      proxies: [
        ProxyStatus(id: ProxyID("details-v1-x.bookinfo"), kind: .sidecar, reach: reach, sync: [.routes: state]),
        ProxyStatus(
          id: ProxyID("ratings-v1-x.bookinfo"), kind: .sidecar, reach: .answering(state: "LIVE"),
          sync: [.routes: .synced(since: nil)]),
      ], applied: [ScriptedTraffic.reviews: Applied(behind: [ProxyID("details-v1-x.bookinfo")])])
  }

  @Test func rejectedConfigurationIsToldAtOnceInTheProxysWords() throws {
    let since = now - .seconds(48)
    let change = ObservedChange(
      id: .init(object: .init(kind: "VirtualService", namespace: "bookinfo", name: "reviews"), version: "9"),
      action: .changed, time: since, by: "kubectl-edit",
      services: [ServiceID(namespace: "bookinfo", name: "reviews")])
    let rejected = report(.rejected(reason: "Sum of weights", since: since))
    let finding = try #require(findings(.init(now: now, report: rejected, changes: [change]), lasting: 1).first)
    #expect(finding.title == "details-v1-x rejects RDS" && finding.figure == "Sum of weights")
    #expect(finding.since == since)
    #expect(finding.precededBy.map(\.change) == [change])
  }

  @Test func aProxyThatIsBehindIsToldAfterAWhile() throws {
    let stale = Observation(now: now, report: report(.stale(since: now - .seconds(1))))
    #expect(findings(stale, lasting: 9).isEmpty, "a push takes a moment")
    #expect(findings(stale, lasting: 15).first?.title == "details-v1-x is behind with RDS")
  }

  @Test func aProxyThatDoesNotAnswerIsTold() {
    let silent = report(.unknown, reach: .silent(Trouble(.unreachable, "it does not answer")))
    #expect(findings(.init(now: now, report: silent)).first?.title == "details-v1-x does not answer")
  }

  @Test func aCertificateIsToldWhenLittleOfItsLifeIsLeft() throws {
    func certificate(life: Duration, left: Duration) -> [Finding] {
      let end = now + left
      let certificate = Topology.Certificate(
        proxy: ProxyID("details-v1-x.bookinfo"), identity: "spiffe://cluster.local/ns/bookinfo/sa/details",
        start: end - life, end: end)
      return findings(.init(now: now, topology: Topology(certificates: [certificate])), lasting: 1)
    }
    #expect(certificate(life: .seconds(86_400), left: .seconds(40_000)).isEmpty, "istiod renews at the half")
    let near = try #require(certificate(life: .seconds(86_400), left: .seconds(1800)).first)
    #expect(near.figure == "certificate ends in 30 min" && near.severity == .warning)
    #expect(certificate(life: .seconds(86_400), left: .seconds(-5)).first?.severity == .failing)
    #expect(certificate(life: .seconds(10 * 365 * 86_400), left: .seconds(300 * 86_400)).isEmpty)
  }

  @Test func aTeamsOwnTolerancesCountInsteadOfTheThresholds() throws {
    let edge = EdgeID(
      from: ScriptedTraffic.ingress, to: MeshNode(namespace: "bookinfo", name: "ratings", version: "v1"))
    func findings(_ annotation: String?, codes: [String: Double]) -> [Finding] {
      var service = service(2, of: 2)
      service.healthAnnotation = annotation
      let all = codes.values.reduce(0, +)
      let traffic = EdgeTraffic(
        requests: all, errors: codes.filter { $0.key.hasPrefix("5") }.values.reduce(0, +), codes: codes)
      let sample = EdgeSample(end: now, window: .seconds(60), source: .accessLogs, edges: [edge: traffic])
      return self.findings(.init(now: now, edges: sample, topology: Topology(services: [service])), lasting: 1)
    }
    let missing = ["200": 600.0, "404": 400]
    #expect(findings(nil, codes: missing).isEmpty, "a 404 is the caller's fault")
    let told = try #require(findings("4XX,10,20,http,inbound", codes: missing).first)
    #expect(told.severity == .failing && told.figure == "40.0% 4XX")
    let broken = ["200": 920.0, "503": 80]
    #expect(findings(nil, codes: broken).first?.severity == .failing)
    #expect(findings("5XX,20,40,http,inbound", codes: broken).isEmpty, "the team tolerates a fifth")
    #expect(findings("nonsense", codes: broken).count == 1, "what cannot be read changes nothing")
  }

  @Test(arguments: [
    ("5XX", "503", true), ("5XX", "404", false), ("404", "404", true), ("4.4|5.*", "504", true), ("^1$", "1", false),
    ("1X", "grpc 14", true), ("-", "-", true),
  ]) func patternsOfCodes(_ pattern: String, _ code: String, _ fits: Bool) {
    let tolerance = RateTolerance("\(pattern),10,20,http,inbound")
    #expect((tolerance?.matches(code: code) ?? false) == fits)
  }

  @Test func theNearestThresholdsCount() {
    var rules = HealthRules()
    var strict = HealthThresholds()
    strict.warningErrors = 0.001
    rules.namespaces["payments"] = strict
    var lenient = HealthThresholds()
    lenient.warningErrors = 0.5
    let ledger = ServiceID(namespace: "payments", name: "ledger")
    rules.services[ledger] = lenient
    #expect(rules.thresholds(for: ledger) == lenient)
    #expect(rules.thresholds(for: ServiceID(namespace: "payments", name: "api")) == strict)
    #expect(rules.thresholds(for: ServiceID(namespace: "shop", name: "api")) == HealthThresholds())
  }

  @Test func chanceIsToldFromDifference() throws {
    let same = try #require(Comparison((100, 5), worseThan: (100, 4), least: 20))
    #expect(same.chance > 0.3)
    let other = try #require(Comparison((100, 30), worseThan: (1000, 5), least: 20))
    #expect(other.text == "p < 0.001")
    #expect(Comparison((10, 9), worseThan: (1000, 5), least: 20) == nil, "too few to tell")
    // As R's prop.test(c(15, 5), c(100, 100), alternative = "greater", correct = FALSE) has it: p = 0.0092.
    #expect(abs(try #require(Comparison((100, 15), worseThan: (100, 5), least: 20)).chance - 0.0092) < 0.0003)
  }
}
