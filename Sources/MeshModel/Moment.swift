extension Timestamp {
  /// A moment of the past as a person types it: `10m`, `90s`, `2h`, `3d` ago; `02:14` or `02:14:30` (UTC) when it was
  /// that last; or RFC 3339. `nil` for anything else, for what is yet to come, and for what is more than ten years ago.
  public init?(moment text: String, now: Timestamp) {
    let text = text.filter { !$0.isWhitespace || $0 == " " }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    if let moment = Timestamp(text) {
      self = moment
    } else if let span = Self.ago(text) {
      self = now - span
    } else if (2...3).contains(parts.count),
      parts.allSatisfy({ (1...2).contains($0.utf8.count) && $0.allSatisfy(\.isASCIIDigit) })
    {
      let numbers = parts.compactMap { Int64($0) }
      guard numbers.count == parts.count, numbers[0] < 24,
        numbers.dropFirst().allSatisfy({ $0 < 60 })
      else { return nil }
      let second = numbers[0] * 3_600 + numbers[1] * 60 + (numbers.count > 2 ? numbers[2] : 0)
      let day: Int64 = 86_400_000_000_000
      let today = now.nanoseconds - (now.nanoseconds % day + day) % day
      nanoseconds = today + second * 1_000_000_000
      if self > now { nanoseconds -= day }
    } else {
      return nil
    }
    guard self <= now, now - self < .seconds(10 * 366 * 86_400) else { return nil }
  }

  private static func ago(_ text: String) -> Duration? {
    let digits = text.dropLast()
    guard let unit = text.last, digits.allSatisfy(\.isASCIIDigit), let count = Int64(digits), count <= 1_000_000_000
    else { return nil }
    return switch unit {
    case "s": .seconds(count)
    case "m": .seconds(count * 60)
    case "h": .seconds(count * 3_600)
    case "d": .seconds(count * 86_400)
    default: nil
    }
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
