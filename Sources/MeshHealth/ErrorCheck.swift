import MeshModel

/// Edges whose requests fail: a share of them whose interval lies above the threshold, out of enough requests.
struct ErrorCheck {
  let observation: Observation
  let rules: HealthRules
  /// What already counts as wrong, which ends only well below the threshold.
  let known: Set<Finding.ID>

  func symptoms() -> [Symptom] {
    guard let sample = observation.edges else { return [] }
    let tolerances = tolerances
    let failing = sample.edges.compactMap { id, traffic -> Symptom? in
      let thresholds = rules.thresholds(for: id.destination.service)
      if let own = tolerances[id.destination.service] {
        return symptom(id, traffic, judgedBy: own, in: sample, thresholds)
      }
      return ErrorSeries(traffic, in: sample).flatMap { symptom(id, traffic, $0, thresholds) }
    }
    return explained(failing.sorted { $0.weight > $1.weight })
  }

  private func symptom(
    _ edge: EdgeID, _ traffic: EdgeTraffic, _ series: ErrorSeries, _ thresholds: HealthThresholds
  ) -> Symptom? {
    let id = Finding.ID(.errors, .edge(edge))
    let limit = thresholds.warningErrors
    guard series.goesOn(above: limit / 2) else { return nil }
    let least = thresholds.leastRequests
    let isFailing = series.surelyFails(atLeast: thresholds.failingErrors, of: least)
    guard isFailing || known.contains(id) || series.surelyFails(atLeast: limit, of: least),
      let trouble = series.trouble(above: limit / 2)
    else { return nil }
    var finding = Finding(
      id: id, severity: isFailing ? .failing : .warning, title: "\(edge)",
      figure: "\(Figures.rate(trouble.seen.share)) \(traffic.kindOfErrors)", flag: traffic.topFlag,
      since: trouble.since, isOlder: trouble.isOlder, history: series.rates, node: edge.destination)
    finding.evidence = [Self.sentence(trouble.seen, errors: trouble.errors)]
    if let flag = traffic.topFlag, let meaning = flag.meaning { finding.evidence.append("\(flag): \(meaning)") }
    if let codes = traffic.codeText { finding.evidence.append(codes) }
    return Symptom(finding: finding, suspects: [edge.destination, edge.source], weight: trouble.seen.share)
  }

  /// `1097 of 3540 requests failed (29.5 to 32.5 %)`.
  static func sentence(_ seen: Seen, errors: Double) -> String {
    "\(Figures.decimals(errors, 0)) of \(seen.requests) requests failed "
      + "(\(Figures.percent(seen.low)) to \(Figures.percent(seen.high)) %)"
  }

  /// Of the services that have any that can be read.
  private var tolerances: [ServiceID: [RateTolerance]] {
    let annotated = (observation.topology?.services ?? []).compactMap { service in
      service.healthAnnotation.map { (service.id, RateTolerance.all($0)) }
    }
    return Dictionary(annotated.filter { !$0.1.isEmpty }, uniquingKeysWith: { first, _ in first })
  }

  /// By the team's own annotation, which counts codes: over the window alone, as histories know no codes.
  private func symptom(
    _ edge: EdgeID, _ traffic: EdgeTraffic, judgedBy tolerances: [RateTolerance], in sample: EdgeSample,
    _ thresholds: HealthThresholds
  ) -> Symptom? {
    let all = traffic.codes.values.reduce(0, +)
    guard all >= Double(thresholds.leastRequests) else { return nil }
    for severity in Finding.Severity.allCases {
      for tolerance in tolerances where tolerance.takes(edge.traffic) {
        let hits = traffic.codes.filter { tolerance.matches(code: $0.key) }.values.reduce(0, +)
        let limit = severity == .failing ? tolerance.failing : tolerance.degraded
        guard let limit, hits > 0, let seen = Seen(share: hits, of: all), seen.low >= limit else { continue }
        let series = ErrorSeries(traffic, in: sample)
        let finding = Finding(
          id: Finding.ID(.errors, .edge(edge)), severity: severity, title: "\(edge)",
          figure: "\(Figures.rate(seen.share)) \(tolerance.code)", flag: traffic.topFlag,
          since: series?.trouble(above: limit / 2)?.since ?? sample.end - sample.window, isOlder: series == nil,
          evidence: [
            Self.sentence(seen, errors: hits),
            "health.kiali.io/rate allows \(Figures.percent(limit)) % of \(tolerance.code)",
          ], history: series?.rates ?? [], node: edge.destination)
        return Symptom(finding: finding, suspects: [edge.destination, edge.source], weight: seen.share)
      }
    }
    return nil
  }

  /// Where the destination itself gets errors from what it calls, its own errors are a consequence of those.
  private func explained(_ symptoms: [Symptom]) -> [Symptom] {
    let edges = symptoms.compactMap { symptom -> (edge: EdgeID, finding: Finding)? in
      if case .edge(let edge) = symptom.finding.id.subject { (edge, symptom.finding) } else { nil }
    }
    let bySource = Dictionary(grouping: edges, by: \.edge.source)
    return symptoms.map { symptom in
      guard case .edge(let edge) = symptom.finding.id.subject else { return symptom }
      let next = (bySource[edge.destination] ?? []).filter { $0.edge.destination != edge.source }
      guard !next.isEmpty else { return symptom }
      var symptom = symptom
      symptom.causes = next.map(\.finding.id)
      symptom.suspects.insert(contentsOf: next.map(\.edge.destination), at: 0)
      symptom.finding.evidence += next.prefix(2).map { "\($0.edge) fails: \($0.finding.figure)" }
      return symptom
    }
  }
}

extension EdgeTraffic {
  /// The flag that most requests carry.
  var topFlag: ResponseFlag? {
    flags.max { ($0.value, $1.key.code) < ($1.value, $0.key.code) }?.key
  }

  /// What most errors are: the code where it is always the same, else their class.
  var kindOfErrors: String {
    let bad = codes.filter { $0.value > 0 && ($0.key == "-" || $0.key.hasPrefix("5") || $0.key.hasPrefix("grpc ")) }
    if bad.count == 1, let code = bad.keys.first { return code == "-" ? "no answer" : code }
    return bad.isEmpty ? "errors" : bad.keys.allSatisfy { $0.hasPrefix("5") } ? "5xx" : "errors"
  }

  /// Requests by answer, most first: `200 2443, 503 1097`.
  var codeText: String? {
    guard codes.count > 1 else { return nil }
    let parts = codes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(4).map { code, count in
      "\(code == "-" ? "no answer" : code) \(Figures.decimals(count, 0))"
    }
    return parts.joined(separator: ", ")
  }
}
