import MeshModel

/// Versions side by side in one split: one that surely does worse than the others it shares the requests with.
struct CanaryCheck {
  /// Chance is refused below this probability.
  private static let level = 0.01

  let observation: Observation
  let rules: HealthRules
  let known: Set<Finding.ID>

  func symptoms() -> [Symptom] {
    guard let sample = observation.traffic else { return [] }
    return observation.routes.filter(\.isSplit).flatMap { route -> [Symptom] in
      guard let traffic = sample.routes[route.id] else { return [] }
      return route.split.destinations.compactMap { symptom(of: $0, in: route, traffic, sample) }
    }
  }

  private func symptom(
    of destination: Destination, in route: Route, _ traffic: TrafficSample.RouteTraffic, _ sample: TrafficSample
  ) -> Symptom? {
    let id = Finding.ID(.canary, .route(route.id, destination))
    let node = destination.node
    let thresholds = rules.thresholds(for: node.service)
    let limit = thresholds.warningErrors
    let end = traffic.end ?? sample.end
    guard let figures = traffic.destinations[destination],
      let series = ErrorSeries(figures, end: end, observedSince: sample.observedSince ?? end - sample.window),
      series.goesOn(above: limit / 2)
    else { return nil }
    let least = thresholds.leastRequests
    let isFailing = series.surelyFails(atLeast: thresholds.failingErrors, of: least)
    guard isFailing || known.contains(id) || series.surelyFails(atLeast: limit, of: least),
      let trouble = series.trouble(above: limit / 2),
      let (other, comparison) = better(than: destination, trouble, in: traffic, least: least)
    else { return nil }

    var finding = Finding(
      id: id, severity: isFailing ? .failing : .warning, title: "\(route.id) \(destination.shortName)",
      figure: "\(Figures.rate(trouble.seen.share)) errors", flag: figures.topFlag, since: trouble.since,
      isOlder: trouble.isOlder, history: series.rates, node: node)
    finding.evidence = [
      "worse than \(other.name) (\(Figures.rate(other.rate))): \(comparison.text)",
      ErrorCheck.sentence(trouble.seen, errors: trouble.errors),
    ]
    finding.evidence += truths(of: destination, in: route, traffic)
    if let flag = figures.topFlag, let meaning = flag.meaning { finding.evidence.append("\(flag): \(meaning)") }
    return Symptom(finding: finding, suspects: [node, node.whole], weight: trouble.seen.share)
  }

  /// The best of the other destinations, if this one surely does worse than it.
  private func better(
    than destination: Destination, _ trouble: (since: Timestamp, isOlder: Bool, seen: Seen, errors: Double),
    in traffic: TrafficSample.RouteTraffic, least: Int
  ) -> (other: (name: String, rate: Double), comparison: Comparison)? {
    let mine = (requests: Double(trouble.seen.requests), errors: trouble.errors)
    let others = traffic.destinations.filter { $0.key != destination }.compactMap {
      destination, traffic -> (destination: Destination, requests: Double, errors: Double)? in
      guard let errors = traffic.errors, traffic.requests > 0 else { return nil }
      return (destination, Double(traffic.requests), Double(errors))
    }
    let best = others.min {
      ($0.errors / $0.requests, $0.destination.description)
        < ($1.errors / $1.requests, $1.destination.description)
    }
    guard let best,
      let comparison = Comparison(mine, worseThan: (best.requests, best.errors), least: least),
      comparison.chance < Self.level
    else { return nil }
    return ((best.destination.shortName, best.errors / best.requests), comparison)
  }

  /// Asked, applied and seen, as far as they are known.
  private func truths(
    of destination: Destination, in route: Route, _ traffic: TrafficSample.RouteTraffic
  ) -> [String] {
    var parts: [String] = []
    if let asked = route.split.fraction(of: destination) { parts.append("asked \(Figures.asked(asked))") }
    if let applied = observation.report?.applied[route.id], applied.of > 0 {
      parts.append("applied \(applied.taken.count)/\(applied.of)")
    }
    if let seen = traffic.seen(destination) { parts.append("seen \(Figures.percent(seen.share))") }
    return parts.isEmpty ? [] : [parts.joined(separator: ", ")]
  }
}
