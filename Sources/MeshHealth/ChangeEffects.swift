public import MeshModel

/// Remembers what health did around each change: by the histories of the edges that lead to what it can have touched,
/// and by the findings that it comes before. Fed with what is known, as a diagnosis is.
public struct ChangeEffects: Equatable, Sendable {
  /// So much time before a change, and from it on, is looked at.
  public static let span: Duration = .seconds(60)
  /// Histories come late by as much.
  private static let patience: Duration = .seconds(15)
  /// Of a storm of changes only the newest are followed: each costs a look at the edges it touched.
  private static let most = 20

  private var effects: [ObservedChange.ID: ChangeEffect] = [:]

  public init() {}

  /// `nil` where nothing is known of it.
  public subscript(id: ObservedChange.ID) -> ChangeEffect? { effects[id] }

  public mutating func take(_ observation: Observation, findings: [Finding]) {
    let known = Set(observation.changes.map(\.id))
    if effects.keys.contains(where: { !known.contains($0) }) { effects = effects.filter { known.contains($0.key) } }
    for finding in findings {
      for preceding in finding.precededBy where known.contains(preceding.change.id) {
        effects[preceding.change.id, default: ChangeEffect()].note(finding, preceding.before)
      }
    }
    guard let sample = observation.edges else { return }
    let young = observation.changes.lazy
      .prefix { observation.now - $0.time <= Self.span + Self.patience }
      .filter { !$0.isRoutine }.prefix(Self.most)
    for change in young {
      let edges = sample.edges.filter { edge, _ in
        change.touches(edge.destination.service, version: edge.destination.version) != nil
      }.map(\.value)
      guard !edges.isEmpty else { continue }
      let before = Self.figures(of: edges, in: sample, from: change.time - Self.span, to: change.time)
      let after = Self.figures(of: edges, in: sample, from: change.time, to: change.time + Self.span)
      guard before != nil || after != nil else { continue }
      var effect = effects[change.id] ?? ChangeEffect()
      // A shorter history tells less than was known.
      if let before, before.span >= effect.before?.span ?? .zero { effect.before = before }
      if let after, after.span >= effect.after?.span ?? .zero { effect.after = after }
      effects[change.id] = effect
    }
  }

  /// All whole slices within a span that were observed; `nil` where there are none.
  private static func figures(
    of edges: [EdgeTraffic], in sample: EdgeSample, from start: Timestamp, to end: Timestamp
  ) -> ChangeEffect.Figures? {
    var requests = 0.0, errors = 0.0
    var isKnown = true
    var slowest: [Int64: Duration] = [:]
    var times = Set<Int64>()
    for edge in edges {
      // Whoever does not tell errors has none in its slices.
      if edge.errors == nil { isKnown = false }
      for (number, slice) in edge.history.enumerated() {
        let begin = sample.start(ofSlice: number, of: edge)
        guard begin >= start, begin + sample.slice <= end, begin >= sample.observedSince else { continue }
        let place = begin.nanoseconds / max(1, sample.slice.nanoseconds)
        times.insert(place)
        requests += slice.requests
        errors += slice.errors
        if let p99 = slice.p99 { slowest[place] = max(slowest[place] ?? .zero, p99) }
      }
    }
    guard !times.isEmpty else { return nil }
    let sorted = slowest.values.sorted()
    return ChangeEffect.Figures(
      span: sample.slice * times.count, requests: requests, errors: isKnown ? errors : nil,
      p99: sorted.isEmpty ? nil : sorted[sorted.count / 2])
  }
}

extension ChangeEffect {
  fileprivate mutating func note(_ finding: Finding, _ later: Duration) {
    let trouble = Trouble(
      id: finding.id, severity: finding.severity, title: finding.title, figure: finding.figure, later: later)
    if let place = troubles.firstIndex(where: { $0.id == finding.id }) {
      // How bad it was at its worst is what one wants to know later.
      if trouble.severity <= troubles[place].severity { troubles[place] = trouble }
    } else {
      troubles.append(trouble)
    }
    troubles.sort { ($0.severity, $0.later) < ($1.severity, $1.later) }
  }
}
