import MeshModel

/// Edges whose requests take much longer than they did, or than those to the other versions beside them: in the window,
/// and in several slices of it, so that a moment's pause is no finding.
struct SlowCheck {
  /// A P99 of fewer requests than so many times the least number is that of a few of them.
  static let manyTimes = 3
  private static let slices = 3
  private static let lookedAt = 6

  let observation: Observation
  let rules: HealthRules
  let known: Set<Finding.ID>
  /// What the P99s were while all was well.
  let calm: [EdgeID: Duration]

  func symptoms() -> [Symptom] {
    guard let sample = observation.edges else { return [] }
    var slow: [EdgeID: Symptom] = [:]
    var peers: [Peers: [EdgeID]] = [:]
    for edge in sample.edges.keys { if let its = Peers(edge) { peers[its, default: []].append(edge) } }
    for (edge, traffic) in sample.edges {
      if let symptom = symptom(edge, traffic, sample, peers) { slow[edge] = symptom }
    }
    // A service is told once, by the caller that sends it most.
    let byNode = Dictionary(grouping: slow, by: \.key.destination)
    return byNode.values.compactMap { entries in
      let chosen = entries.max { one, other in
        (sample.edges[one.key]?.requests ?? 0, other.key) < (sample.edges[other.key]?.requests ?? 0, one.key)
      }
      return chosen.map { explained($0.value, by: byNode.keys.map { $0 }, in: sample) }
    }
  }

  private func symptom(
    _ edge: EdgeID, _ traffic: EdgeTraffic, _ sample: EdgeSample, _ peers: [Peers: [EdgeID]]
  ) -> Symptom? {
    let id = Finding.ID(.slow, .node(edge.destination))
    let thresholds = rules.thresholds(for: edge.destination.service)
    guard let p99 = traffic.p99, traffic.requests >= Double(thresholds.leastRequests * Self.manyTimes) else {
      return nil
    }
    var reasons: [String] = []
    var limit: Duration?
    func hold(against other: Duration, _ reason: String) {
      // What is known as slow ends only well below the threshold.
      let needed =
        known.contains(id)
        ? other + (max(other * thresholds.slowFactor, other + thresholds.slowIncrease) - other) / 2
        : max(other * thresholds.slowFactor, other + thresholds.slowIncrease)
      guard p99 >= needed else { return }
      reasons.append(reason)
      limit = min(limit ?? needed, needed)
    }
    if let absolute = thresholds.slowLatency, p99 >= absolute {
      reasons.append("more than \(Figures.latency(absolute))")
      limit = absolute
    }
    if let before = calm[edge] ?? earlier(traffic, thresholds) {
      hold(against: before, "was \(Figures.latency(before))")
    }
    for other in beside(edge, among: peers) {
      guard let figures = sample.edges[other], figures.requests >= Double(thresholds.leastRequests),
        let theirs = figures.p99
      else { continue }
      hold(against: theirs, "\(other.destination.version ?? "the others") at \(Figures.latency(theirs))")
    }
    guard let limit, let since = beginning(traffic, above: limit, in: sample, isKnown: known.contains(id)) else {
      return nil
    }
    let finding = Finding(
      id: id, severity: .warning, title: "\(edge.destination)", figure: "p99 \(Figures.latency(p99))",
      since: since.moment, isOlder: since.isOlder,
      evidence: reasons + ["of the requests from \(edge.source)"], history: traffic.history.map { $0.p99?.seconds },
      node: edge.destination)
    return Symptom(
      finding: finding, patience: .seconds(2), suspects: [edge.destination, edge.source], weight: p99.seconds)
  }

  /// The P99 of the minute before, where enough is known of it.
  private func earlier(_ traffic: EdgeTraffic, _ thresholds: HealthThresholds) -> Duration? {
    guard let before = traffic.before, before.requests >= Double(thresholds.leastRequests * Self.manyTimes) else {
      return nil
    }
    return before.p99
  }

  /// One caller's requests of one kind to the versions of one service.
  private struct Peers: Hashable {
    let source: MeshNode
    let service: MeshNode
    let traffic: EdgeID.Traffic

    init?(_ edge: EdgeID) {
      guard edge.destination.version != nil else { return nil }
      source = edge.source
      service = edge.destination.whole
      traffic = edge.traffic
    }
  }

  /// The same caller's requests to the other versions of the service.
  private func beside(_ edge: EdgeID, among peers: [Peers: [EdgeID]]) -> [EdgeID] {
    Peers(edge).flatMap { peers[$0] }?.filter { $0 != edge }.sorted() ?? []
  }

  /// `nil` where too few slices are slow. A source without slices tells by its window alone.
  private func beginning(
    _ traffic: EdgeTraffic, above limit: Duration, in sample: EdgeSample, isKnown: Bool
  ) -> (moment: Timestamp, isOlder: Bool)? {
    let known = traffic.history.indices.filter { traffic.history[$0].p99 != nil }
    guard !known.isEmpty else { return (sample.end - sample.window, true) }
    func isSlow(_ place: Int) -> Bool { traffic.history[place].p99.map { $0 >= limit } ?? false }
    let late = known.suffix(Self.lookedAt).filter(isSlow).count
    guard late >= (isKnown ? 1 : Self.slices) else { return nil }
    var first = known.last ?? 0
    var misses = 0
    for place in known.reversed() {
      if isSlow(place) {
        first = place
        misses = 0
      } else {
        misses += 1
        if misses > 1 { break }
      }
    }
    return (sample.start(ofSlice: first, of: traffic), first == known.first)
  }

  /// Where what it calls is slow too, it waits for that.
  private func explained(_ symptom: Symptom, by slow: [MeshNode], in sample: EdgeSample) -> Symptom {
    guard case .node(let node) = symptom.finding.id.subject else { return symptom }
    let called = Set(sample.edges.keys.filter { $0.source == node && $0.destination != node }.map(\.destination))
    let waits = slow.filter(called.contains).sorted()
    guard !waits.isEmpty else { return symptom }
    var symptom = symptom
    symptom.causes = waits.map { Finding.ID(.slow, .node($0)) }
    symptom.suspects.insert(contentsOf: waits, at: 0)
    symptom.finding.evidence.insert("waits for \(waits.map(\.description).joined(separator: ", "))", at: 1)
    return symptom
  }
}
