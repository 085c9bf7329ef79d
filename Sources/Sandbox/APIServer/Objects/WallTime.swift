internal import Glibc

/// A moment as Kubernetes writes it: RFC 3339 in UTC.
struct WallTime: Hashable, Comparable, Sendable {
  /// Since 1970.
  var seconds: Int
  var nanoseconds = 0

  init(seconds: Int, nanoseconds: Int = 0) { (self.seconds, self.nanoseconds) = (seconds, nanoseconds) }

  static var now: WallTime {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return WallTime(seconds: time.tv_sec, nanoseconds: time.tv_nsec)
  }

  static func < (one: WallTime, other: WallTime) -> Bool {
    (one.seconds, one.nanoseconds) < (other.seconds, other.nanoseconds)
  }

  /// To the second: `2026-11-23T01:08:58Z`.
  var text: String { date + "Z" }

  /// To the nanosecond, without zeros at the end (Go's RFC3339Nano), as pod logs are stamped.
  var nanoText: String {
    guard nanoseconds > 0 else { return text }
    var digits = String(1_000_000_000 + nanoseconds).dropFirst()
    while digits.hasSuffix("0") { digits.removeLast() }
    return "\(date).\(digits)Z"
  }

  private var date: String {
    var (time, parts) = (time_t(seconds), tm())
    gmtime_r(&time, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(1900 + Int(parts.tm_year))-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T"
      + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
  }

  /// Reads RFC 3339 with any fraction and offset; `nil` where the text is no such time.
  init?(_ text: String) {
    let bytes = Array(text.utf8)
    func number(_ range: Range<Int>) -> Int? {
      guard range.upperBound <= bytes.count, bytes[range].allSatisfy({ (48...57).contains($0) }) else { return nil }
      return bytes[range].reduce(0) { $0 * 10 + Int($1) - 48 }
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
      let minute = number(14..<16), let second = number(17..<19), (1...12).contains(month), (1...31).contains(day),
      hour < 24, minute < 60, second < 61, bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t")
    else { return nil }
    var place = 19
    var fraction = 0
    if place < bytes.count, bytes[place] == UInt8(ascii: ".") {
      var scale = 100_000_000
      place += 1
      while place < bytes.count, (48...57).contains(bytes[place]) {
        fraction += scale * (Int(bytes[place]) - 48)
        scale /= 10
        place += 1
      }
    }
    var offset = 0
    switch place < bytes.count ? bytes[place] : 0 {
    case UInt8(ascii: "Z"), UInt8(ascii: "z"): place += 1
    case UInt8(ascii: "+"), UInt8(ascii: "-"):
      guard let hours = number(place + 1..<place + 3), let minutes = number(place + 4..<place + 6) else { return nil }
      offset = (hours * 3600 + minutes * 60) * (bytes[place] == UInt8(ascii: "-") ? -1 : 1)
      place += 6
    default: return nil
    }
    guard place == bytes.count else { return nil }
    var parts = tm()
    (parts.tm_year, parts.tm_mon, parts.tm_mday) = (Int32(year - 1900), Int32(month - 1), Int32(day))
    (parts.tm_hour, parts.tm_min, parts.tm_sec) = (Int32(hour), Int32(minute), Int32(second))
    self.init(seconds: timegm(&parts) - offset, nanoseconds: fraction)
  }

  /// How long ago, as kubectl's tables write it (HumanDuration of apimachinery): `34s`, `8m22s`, `3h`, `5d1h`.
  func age(at now: WallTime = .now) -> String {
    let seconds = max(0, now.seconds - self.seconds)
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400)
    func pair(_ large: Int, _ unit: String, _ small: Int, _ smallUnit: String) -> String {
      small == 0 ? "\(large)\(unit)" : "\(large)\(unit)\(small)\(smallUnit)"
    }
    if seconds < 120 { return "\(seconds)s" }
    if minutes < 10 { return pair(minutes, "m", seconds % 60, "s") }
    if minutes < 180 { return "\(minutes)m" }
    if hours < 8 { return pair(hours, "h", minutes % 60, "m") }
    if hours < 48 { return "\(hours)h" }
    if days < 8 { return pair(days, "d", hours % 24, "h") }
    if days < 730 { return "\(days)d" }
    return pair(days / 365, "y", days % 365, "d")
  }
}
