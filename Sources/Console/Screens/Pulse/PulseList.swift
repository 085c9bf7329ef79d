import MeshHealth
import MeshModel
import TerminalUI

/// The Pulse screen: which finding is selected, and how far it is scrolled.
struct PulseList: Equatable, Sendable {
  var selection: Finding.ID?
  /// Where the selection stood when its finding was last there.
  var place = 0
  var scrolling = Scrolling()
  var filter = TextFilter()
}

extension State {
  /// How often the mesh is looked at; more often than figures come tells nothing new.
  private static let lookEvery: Duration = .seconds(1)

  /// Looks at all that is known, if it is time to.
  mutating func look(isNew: Bool = false) {
    if let moment {
      if isNew { lookBack(at: moment) }
      return
    }
    if let last = lastLook, now - last < Self.lookEvery, !(isNew && diagnosis.findings.isEmpty) { return }
    guard edges.value != nil || topology.value != nil || proxies.value != nil else { return }
    lastLook = now
    let observation = observation
    diagnosis.take(observation)
    effects.take(observation, findings: diagnosis.findings)
    rebuildTimeline()
    keepPulseSelection()
  }

  /// All that is known now.
  private var observation: Observation {
    Observation(
      now: now, edges: edges.value, traffic: traffic.value, routes: routes.value ?? [], topology: topology.value,
      report: proxies.value, changes: changes.value ?? [])
  }

  /// What is wrong, or was at the past moment that is looked at, worst first.
  var findings: [Finding] { moment == nil ? diagnosis.findings : pastFindings }

  /// Judges a past moment by what was known then: traffic and changes. What proxies and pods did then nobody knows.
  private mutating func lookBack(at moment: Timestamp) {
    let then = Observation(
      now: edges.value?.end ?? moment, edges: edges.value, changes: (changes.value ?? []).filter { $0.time <= moment })
    pastFindings = Diagnosis.findings(of: then, rules: diagnosis.rules)
    keepPulseSelection()
  }

  /// Those that the filter lets through.
  var shownFindings: [Finding] {
    let filter = pulse.filter
    return filter.isEmpty ? findings : findings.filter { filter.matches($0.filterText) }
  }

  var selectedFinding: Finding? {
    let shown = shownFindings
    return shown.first { $0.id == pulse.selection } ?? shown.first
  }

  /// A selection whose finding is gone goes to what stands in its place now.
  mutating func keepPulseSelection() {
    let shown = shownFindings
    if let place = shown.firstIndex(where: { $0.id == pulse.selection }) {
      pulse.place = place
    } else if pulse.selection != nil {
      pulse.selection = shown.isEmpty ? nil : shown[min(pulse.place, shown.count - 1)].id
    }
  }

  mutating func moveInPulse(_ movement: Movement) {
    let shown = shownFindings
    let place = shown.firstIndex { $0.id == selectedFinding?.id } ?? 0
    let layout = PulseLayout(self)
    guard let target = movement.target(from: place, count: shown.count, height: max(1, layout.list.rows / 2)) else {
      return
    }
    let lines = PulseLines(shown, isRoomy: layout.isRoomy)
    pulse.selection = shown[target].id
    pulse.place = target
    pulse.scrolling.moved(
      from: lines.first(of: shown[place].id), to: lines.first(of: shown[target].id), count: lines.lines.count,
      height: layout.list.rows)
  }
}

/// The findings as lines of the screen.
struct PulseLines: Equatable {
  enum Line: Equatable {
    case finding(Int)
    /// The change that came before it.
    case preceding(Int)
    case gap
  }

  private(set) var lines: [Line] = []
  private var firsts: [Finding.ID: Int] = [:]

  init(_ findings: [Finding], isRoomy: Bool) {
    for (place, finding) in findings.enumerated() {
      if isRoomy, place > 0 { lines.append(.gap) }
      firsts[finding.id] = lines.count
      lines.append(.finding(place))
      if !finding.precededBy.isEmpty { lines.append(.preceding(place)) }
    }
  }

  func first(of id: Finding.ID) -> Int { firsts[id] ?? 0 }
}

extension Finding {
  /// What a filter looks at.
  var filterText: String {
    "\(title) \(figure) \(id.kind.rawValue) \(severity.name) \(flag?.code ?? "") \(node?.namespace ?? "") "
      + evidence.joined(separator: " ") + precededBy.map { " \($0.change.summary) \($0.change.by ?? "")" }.joined()
  }

  var health: Health {
    switch (id.kind, severity) {
    case (_, .failing): .failing
    case (.rejected, _): .rejected
    default: .warning
    }
  }

  /// The word by which findings are counted.
  var word: String {
    switch id.kind {
    case .errors, .canary: severity == .failing ? "failing" : "with errors"
    case .slow: "slow"
    case .rejected: "rejected"
    case .stale: "behind"
    case .ejected: "ejected"
    case .unready: "not ready"
    case .certificate: "certificates"
    }
  }
}
