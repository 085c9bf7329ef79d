/// Figures as a person reads them: as short as they can be told apart, units always named.
public enum Figures {
  /// A share from 0 to 1 as percent: `24.7`, `100`, `0.04` where one digit would hide it.
  public static func percent(_ share: Double) -> String {
    let percent = share * 100
    if percent == 0 || percent == 100 { return String(Int(percent)) }
    if percent < 0.05 { return "<0.1" }
    if percent > 99.95 { return ">99.9" }
    return decimals(percent, 1)
  }

  /// A share that was asked for, as percent: `75`, `33.3`.
  public static func asked(_ share: Double) -> String {
    let text = percent(share)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// An error rate: `31.0%`.
  public static func rate(_ rate: Double) -> String { decimals(rate * 100, 1) + "%" }

  /// A count each second: `0.4`, `59`, `12.4k`.
  public static func perSecond(_ value: Double) -> String {
    switch value {
    case ..<0: "?"
    case 0: "0"
    case ..<0.05: "<0.1"
    case ..<9.95: decimals(value, 1)
    case ..<999.5: decimals(value, 0)
    case ..<99_950: decimals(value / 1000, 1) + "k"
    case ..<999_500: decimals(value / 1000, 0) + "k"
    default: decimals(value / 1_000_000, 1) + "M"
    }
  }

  /// A count each second in at most four cells: `0.4`, `59`, `12k`.
  public static func shortRate(_ value: Double) -> String {
    switch value {
    case 9.95..<999.5, ..<0.05: perSecond(value)
    case ..<9.95: decimals(value, 1)
    case ..<9_950: decimals(value / 1000, 1) + "k"
    case ..<999_500: decimals(value / 1000, 0) + "k"
    default: decimals(value / 1_000_000, 0) + "M"
    }
  }

  /// A latency: `0.4 ms`, `12 ms`, `1.21 s`.
  public static func latency(_ span: Duration) -> String {
    let milliseconds = span.seconds * 1000
    return switch milliseconds {
    case ..<0.95: decimals(milliseconds, 1) + " ms"
    case ..<999.5: decimals(milliseconds, 0) + " ms"
    case ..<9995: decimals(milliseconds / 1000, 2) + " s"
    default: decimals(milliseconds / 1000, 1) + " s"
    }
  }

  /// How long something took: `0.4 s`, `22 s`, `3 min`.
  public static func span(_ span: Duration) -> String {
    switch span.seconds {
    case ..<9.95: decimals(max(0, span.seconds), 1) + " s"
    case ..<119.5: decimals(span.seconds, 0) + " s"
    default: decimals(span.seconds / 60, 0) + " min"
    }
  }

  /// How long something has lasted, to the second: `48s`, `3m 12s`, `2h 5m`, `3d 4h`.
  public static func lasting(_ span: Duration) -> String {
    let seconds = max(0, span.components.seconds)
    switch seconds {
    case ..<60: return "\(seconds)s"
    case ..<3600: return "\(seconds / 60)m \(seconds % 60)s"
    case ..<86_400: return "\(seconds / 3600)h \(seconds % 3600 / 60)m"
    default: return "\(seconds / 86_400)d \(seconds % 86_400 / 3600)h"
    }
  }

  /// A window of time, as a heading has it: `27s`, `5m`.
  public static func window(_ span: Duration) -> String {
    span.seconds < 119.5 ? decimals(max(0, span.seconds), 0) + "s" : decimals(span.seconds / 60, 0) + "m"
  }

  /// How long ago, in two to four cells: `0.4s`, `12s`, `3m`, `2h`, `9d`. A clock that is ahead of ours is now.
  public static func age(_ span: Duration) -> String {
    let seconds = max(0, span.seconds)
    return switch seconds {
    case ..<9.95: decimals(seconds, 1) + "s"
    case ..<99.5: decimals(seconds, 0) + "s"
    case ..<5970: decimals(seconds / 60, 0) + "m"
    case ..<172_800: decimals(seconds / 3600, 0) + "h"
    default: decimals(seconds / 86_400, 0) + "d"
    }
  }

  /// Rounded half away from zero, with so many digits after the point.
  public static func decimals(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "?" }
    let scale = [1.0, 10, 100, 1000][min(max(0, digits), 3)]
    let scaled = Int64((value * scale).rounded(.toNearestOrAwayFromZero))
    guard digits > 0 else { return String(scaled) }
    let whole = abs(scaled) / Int64(scale), part = String(abs(scaled) % Int64(scale))
    let zeros = String(repeating: "0", count: digits - part.count)
    return "\(scaled < 0 ? "-" : "")\(whole).\(zeros)\(part)"
  }

  /// `1 proxy`, `2 proxies`.
  public static func count(_ number: Int, _ one: String, _ many: String) -> String {
    "\(number) \(number == 1 ? one : many)"
  }
}
