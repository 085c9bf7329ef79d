/// A moment of wall-clock time, in nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
public struct Timestamp: Hashable, Comparable, Sendable {
  public var nanoseconds: Int64

  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
  public init(seconds: Int64) { nanoseconds = seconds * 1_000_000_000 }

  public static func < (one: Timestamp, other: Timestamp) -> Bool { one.nanoseconds < other.nanoseconds }

  public static func + (moment: Timestamp, span: Duration) -> Timestamp {
    Timestamp(nanoseconds: moment.nanoseconds &+ span.nanoseconds)
  }

  public static func - (moment: Timestamp, span: Duration) -> Timestamp {
    Timestamp(nanoseconds: moment.nanoseconds &- span.nanoseconds)
  }

  public static func - (later: Timestamp, earlier: Timestamp) -> Duration {
    .nanoseconds(later.nanoseconds &- earlier.nanoseconds)
  }
}

extension Duration {
  /// The whole span in nanoseconds; spans beyond 292 years are cut there.
  public var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? (seconds < 0 ? .min : .max) : product + attoseconds / 1_000_000_000
  }

  /// As a person types it: `500ms`, `30s`, `2m`, `1h`; a bare number is seconds.
  public init?(typed text: String) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int64(digits), number < 1_000_000_000 else { return nil }
    switch text.dropFirst(digits.count) {
    case "ms": self = .milliseconds(number)
    case "s", "": self = .seconds(number)
    case "m": self = .seconds(number * 60)
    case "h": self = .seconds(number * 3600)
    default: return nil
    }
  }

  /// The span in seconds.
  public var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

extension Timestamp {
  /// Reads RFC 3339: `2026-11-23T01:13:42Z`, with any fraction of a second and any offset. `nil` for anything else.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    func number(_ range: Range<Int>) -> Int64? {
      guard range.upperBound <= bytes.count else { return nil }
      var value: Int64 = 0
      for byte in bytes[range] {
        guard (48...57).contains(byte) else { return nil }
        value = value * 10 + Int64(byte - 48)
      }
      return value
    }
    guard bytes.count >= 20, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
      bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t") || bytes[10] == UInt8(ascii: " "),
      bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
      let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
      let minute = number(14..<16), let second = number(17..<19),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
    else { return nil }

    var place = 19
    var fraction: Int64 = 0
    if bytes[place] == UInt8(ascii: ".") || bytes[place] == UInt8(ascii: ",") {
      place += 1
      let first = place
      var unit: Int64 = 100_000_000
      while place < bytes.count, (48...57).contains(bytes[place]) {
        fraction += Int64(bytes[place] - 48) * unit
        unit /= 10
        place += 1
      }
      guard place > first else { return nil }
    }
    guard place < bytes.count else { return nil }
    var offset: Int64 = 0
    switch bytes[place] {
    case UInt8(ascii: "Z"), UInt8(ascii: "z"):
      guard place + 1 == bytes.count else { return nil }
    case UInt8(ascii: "+"), UInt8(ascii: "-"):
      guard place + 6 == bytes.count, bytes[place + 3] == UInt8(ascii: ":"),
        let hours = number(place + 1..<place + 3), let minutes = number(place + 4..<place + 6)
      else { return nil }
      offset = (hours * 60 + minutes) * 60 * (bytes[place] == UInt8(ascii: "-") ? -1 : 1)
    default: return nil
    }
    let days = CivilDate(year: year, month: month, day: day).daysSince1970
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second - offset
    guard abs(seconds) < 9_000_000_000 else { return nil }
    nanoseconds = seconds * 1_000_000_000 + fraction
  }

  /// RFC 3339 in UTC with milliseconds: `2026-11-23T01:13:42.071Z`.
  public var rfc3339: String {
    let date = civilDate
    return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T\(clock).\(padded(millisecond, 3))Z"
  }

  /// The time of day in UTC: `01:13:42`.
  public var clock: String {
    let second = secondOfDay
    return "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
  }

  /// Milliseconds past the second, 0 to 999.
  public var millisecond: Int64 { (nanoseconds - floorDivide(nanoseconds, 1_000_000_000) * 1_000_000_000) / 1_000_000 }

  private var secondOfDay: Int64 {
    let seconds = floorDivide(nanoseconds, 1_000_000_000)
    return seconds - floorDivide(seconds, 86_400) * 86_400
  }

  private var civilDate: CivilDate { CivilDate(daysSince1970: floorDivide(nanoseconds, 86_400_000_000_000)) }
}

private func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
  value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor)
}

private func padded(_ value: Int64, _ width: Int) -> String {
  let digits = String(value)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// A day of the Gregorian calendar, by the arithmetic of Howard Hinnant's `chrono`-compatible algorithms.
private struct CivilDate {
  let year: Int64, month: Int64, day: Int64

  init(year: Int64, month: Int64, day: Int64) { (self.year, self.month, self.day) = (year, month, day) }

  init(daysSince1970 days: Int64) {
    let shifted = days + 719_468
    let era = floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  var daysSince1970: Int64 {
    let year = month <= 2 ? self.year - 1 : self.year
    let era = floorDivide(year, 400)
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}
