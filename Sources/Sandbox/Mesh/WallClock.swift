internal import Glibc

/// The time of day, as control planes write it.
enum WallClock {
  static var now: timespec {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return now
  }

  /// RFC 3339 in UTC: `2026-11-23T01:12:41Z`, with the fraction `2026-11-23T01:12:47.037461253Z`.
  static func text(_ time: timespec, withFraction: Bool = false) -> String {
    var (second, parts) = (time.tv_sec, tm())
    gmtime_r(&second, &parts)
    func padded(_ number: Int, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let date = "\(1900 + parts.tm_year)-\(padded(Int(parts.tm_mon) + 1, 2))-\(padded(Int(parts.tm_mday), 2))"
    let clock = "\(padded(Int(parts.tm_hour), 2)):\(padded(Int(parts.tm_min), 2)):\(padded(Int(parts.tm_sec), 2))"
    return "\(date)T\(clock)\(withFraction ? "." + padded(time.tv_nsec, 9) : "")Z"
  }
}

enum UUIDText {
  /// A random UUID (RFC 9562, version 4).
  static func random() -> String {
    var bytes = (0..<16).map { _ in UInt8.random(in: 0...255) }
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    let digits = Array("0123456789abcdef")
    var text = ""
    for (place, byte) in bytes.enumerated() {
      if [4, 6, 8, 10].contains(place) { text += "-" }
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return text
  }
}
