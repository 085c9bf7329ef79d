internal import MeshModel

// Figures as text, for tables on standard output. Unknown is `–`, never 0.

func oneDecimal(_ value: Double) -> String {
  let tenths = Int((value * 10).rounded())
  return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
}

/// A share of 0 to 1 in percent: whole where it is whole.
func percent(_ share: Double?, suffix: String = "") -> String {
  guard let share else { return "–" }
  let text = oneDecimal(share * 100)
  return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + suffix
}

/// A share of requests with its interval: `24.7 ±1.2`, `0 ≤1.9`, `100 ≥98.1`.
func seenShare(_ seen: Seen) -> String {
  let interval =
    switch seen.reach {
    case .around(let margin): "±" + oneDecimal(margin * 100)
    case .atMost(let high): "≤" + oneDecimal(max(high * 100, 0.1))
    case .atLeast(let low): "≥" + oneDecimal(min(low * 100, 99.9))
    }
  return "\(percent(seen.share)) \(interval)"
}

func milliseconds(_ span: Duration?) -> String {
  guard let span else { return "–" }
  let milliseconds = span.seconds * 1000
  return milliseconds < 1000 ? "\(Int(milliseconds.rounded())) ms" : "\(oneDecimal(span.seconds)) s"
}
