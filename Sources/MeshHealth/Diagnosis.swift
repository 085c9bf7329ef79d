public import MeshModel

/// Watches a mesh, and says what is wrong with it. It is fed with what is known, and remembers what it said, so that
/// findings do not come and go, and stay in their places.
public struct Diagnosis: Equatable, Sendable {
  /// A finding whose symptom is gone is told for so long yet.
  static let easing: Duration = .seconds(12)
  /// How fast the notion of a calm P99 follows what is seen.
  private static let following = 0.05

  private struct Case: Equatable, Sendable {
    var symptom: Symptom
    var first: Timestamp
    var last: Timestamp
    var isTold: Bool
  }

  public let rules: HealthRules
  private var cases: [Finding.ID: Case] = [:]
  private var order: [Finding.ID] = []
  private var calm: [EdgeID: Duration] = [:]
  /// Whether it was known before what there is, so that what is seen for the first time has just begun.
  private var hadTopology = false
  /// Where figures of edges come from.
  private var source: EdgeSample.Source?
  /// When that was another one last.
  private var renamed: Timestamp?

  public init(rules: HealthRules = HealthRules()) { self.rules = rules }

  /// What is wrong, worst first. One that is told already keeps its place among those of its severity.
  public var findings: [Finding] { order.compactMap { cases[$0]?.symptom.finding } }

  /// One of the findings.
  public subscript(id: Finding.ID) -> Finding? { cases[id].flatMap { $0.isTold ? $0.symptom.finding : nil } }

  /// What was wrong at a moment of which nothing else is known: all that lasts then is told.
  public static func findings(of observation: Observation, rules: HealthRules) -> [Finding] {
    var diagnosis = Diagnosis(rules: rules)
    diagnosis.take(observation, isPatient: false)
    return diagnosis.findings
  }

  /// Takes note of what is known now.
  public mutating func take(_ observation: Observation) { take(observation, isPatient: true) }

  private mutating func take(_ observation: Observation, isPatient: Bool) {
    let now = observation.now
    let told = Set(order)
    for symptom in Self.symptoms(of: observation, rules, known: told, calm: calm) {
      note(symptom, at: now, observation)
    }
    cases = cases.filter { _, entry in
      entry.last == now || (entry.isTold && now - entry.last < Self.easing && now >= entry.last)
    }
    for id in cases.keys {
      guard let entry = cases[id], !entry.isTold, !isPatient || now - entry.first >= entry.symptom.patience else {
        continue
      }
      cases[id]?.isTold = true
    }
    forgetOtherNames(observation)
    arrange()
    rememberCalm(observation)
  }

  /// Another source may know of an edge's versions what the one before did not: the same trouble has another name then,
  /// and the old one goes as soon as the new one is told.
  private mutating func forgetOtherNames(_ observation: Observation) {
    let now = observation.now
    if let sample = observation.edges, sample.source != source {
      renamed = source == nil ? nil : now
      source = sample.source
    }
    guard let renamed, now - renamed < Self.easing + .seconds(10) else { return }
    func services(_ id: Finding.ID) -> EdgeID? {
      guard case .edge(let edge) = id.subject else { return nil }
      return EdgeID(from: edge.source.whole, to: edge.destination.whole, edge.traffic)
    }
    let present = Set(cases.filter { $1.last == now && $1.isTold }.keys.compactMap(services))
    cases = cases.filter { id, entry in
      guard entry.last < now, let edge = services(id) else { return true }
      return !present.contains(edge)
    }
  }

  private static func symptoms(
    of observation: Observation, _ rules: HealthRules, known: Set<Finding.ID>, calm: [EdgeID: Duration]
  ) -> [Symptom] {
    let canaries = CanaryCheck(observation: observation, rules: rules, known: known).symptoms()
    let errors = ErrorCheck(observation: observation, rules: rules, known: known).symptoms()
    return merged(errors, into: canaries)
      + SlowCheck(observation: observation, rules: rules, known: known, calm: calm).symptoms()
      + EndpointCheck(observation: observation).symptoms()
      + ProxyCheck(observation: observation, rules: rules).symptoms()
  }

  /// A version that fails is told once: as a share of its split where it has one, since there one can act.
  private static func merged(_ errors: [Symptom], into canaries: [Symptom]) -> [Symptom] {
    var canaries = canaries
    var rest: [Symptom] = []
    var replaced: [Finding.ID: Finding.ID] = [:]
    for symptom in errors {
      guard let place = canaries.firstIndex(where: { $0.finding.node == symptom.finding.node }) else {
        rest.append(symptom)
        continue
      }
      replaced[symptom.finding.id] = canaries[place].finding.id
      canaries[place].finding.evidence += symptom.finding.evidence.filter { $0.contains(" fails: ") }
      canaries[place].suspects += symptom.suspects.filter { !canaries[place].suspects.contains($0) }
    }
    return canaries
      + rest.map { symptom in
        var symptom = symptom
        symptom.causes = symptom.causes.map { replaced[$0] ?? $0 }
        return symptom
      }
  }

  private mutating func note(_ symptom: Symptom, at now: Timestamp, _ observation: Observation) {
    let id = symptom.finding.id
    var symptom = symptom
    let earlier = cases[id]
    // What began once began then, however much of it is still in the window.
    if let known = earlier?.symptom.finding, known.since <= symptom.finding.since || known.isOlder {
      symptom.finding.since = known.since
      symptom.finding.isOlder = known.isOlder
    } else if symptom.finding.isOlder, symptom.finding.since == now, hadTopology {
      // It was not there at the last look.
      symptom.finding.isOlder = false
    }
    symptom.finding.precededBy = Suspects(symptom.suspects).preceding(symptom.finding.since, observation.changes)
    cases[id] = Case(symptom: symptom, first: earlier?.first ?? now, last: now, isTold: earlier?.isTold ?? false)
  }

  private mutating func arrange() {
    let told = Set(cases.filter(\.value.isTold).keys)
    var kept = order.filter(told.contains)
    let new = told.subtracting(kept).sorted { comes($0, before: $1) }
    for id in new {
      let place = kept.firstIndex { comes(id, before: $0) } ?? kept.endIndex
      kept.insert(id, at: place)
    }
    // Only severity moves what is there.
    order = Finding.Severity.allCases.flatMap { severity in
      kept.filter { cases[$0]?.symptom.finding.severity == severity }
    }
  }

  private func comes(_ one: Finding.ID, before other: Finding.ID) -> Bool {
    guard let mine = cases[one]?.symptom, let theirs = cases[other]?.symptom else { return false }
    if mine.finding.severity != theirs.finding.severity { return mine.finding.severity < theirs.finding.severity }
    if mine.causes.contains(other) != theirs.causes.contains(one) { return theirs.causes.contains(one) }
    return (one.kind.rank, -mine.weight, mine.finding.title) < (other.kind.rank, -theirs.weight, theirs.finding.title)
  }

  /// Learns how long requests take while nothing is said of them.
  private mutating func rememberCalm(_ observation: Observation) {
    hadTopology = observation.topology != nil
    guard let sample = observation.edges else { return }
    let slow = Set(cases.values.compactMap { $0.symptom.finding.id.kind == .slow ? $0.symptom.finding.node : nil })
    calm = calm.filter { sample.edges[$0.key] != nil }
    for (edge, traffic) in sample.edges where !slow.contains(edge.destination) {
      let least = rules.thresholds(for: edge.destination.service).leastRequests
      guard let p99 = traffic.p99, traffic.requests >= Double(least * SlowCheck.manyTimes) else { continue }
      calm[edge] = calm[edge].map { $0 + (p99 - $0) * Self.following } ?? traffic.before?.p99 ?? p99
    }
  }
}
