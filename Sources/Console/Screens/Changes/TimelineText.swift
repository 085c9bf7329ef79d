import MeshModel

/// What is said of a change, as screen and export have it.
extension TimelineEntry {
  /// The field manager, and for one of ours the person.
  var author: String { [by ?? "–", user].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " ") }

  /// `0.1% → 31.0%`; `nil` where neither is known.
  var errorsText: String? { Self.pair(effect?.before?.errorRate, effect?.after?.errorRate, Figures.rate) }

  /// `11 ms → 840 ms`.
  var p99Text: String? { Self.pair(effect?.before?.p99, effect?.after?.p99, Figures.latency) }

  /// `6/6`.
  var appliedText: String? { progress.map { "\($0.applied.taken.count)/\($0.applied.of)" } }

  private static func pair<Value>(_ before: Value?, _ after: Value?, _ text: (Value) -> String) -> String? {
    guard before != nil || after != nil else { return nil }
    return "\(before.map(text) ?? "–") → \(after.map(text) ?? "–")"
  }
}

extension ChangeEffect.Trouble {
  /// `reviews #1 v3 31.0% errors, 12s later`.
  var sentence: String { "\(title) \(figure), \(Figures.lasting(later)) later" }
}
