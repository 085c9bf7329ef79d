import Glibc

/// A moment as RFC 3339 writes it, to the nanosecond, whatever its offset: what stands before a line of a log.
struct LogMoment: Hashable, Comparable, Sendable {
  /// Since 1970.
  let seconds: Int64
  let nanoseconds: Int64

  static func < (one: LogMoment, other: LogMoment) -> Bool {
    (one.seconds, one.nanoseconds) < (other.seconds, other.nanoseconds)
  }

  init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, bytes.count <= 64 else { return nil }
    func number(_ place: Int, _ count: Int) -> Int? {
      guard place + count <= bytes.count else { return nil }
      var value = 0
      for byte in bytes[place..<place + count] {
        guard (48...57).contains(byte) else { return nil }
        value = value * 10 + Int(byte - 48)
      }
      return value
    }
    guard bytes[4] == 45, bytes[7] == 45, bytes[10] == UInt8(ascii: "T"), bytes[13] == 58, bytes[16] == 58,
      let year = number(0, 4), let month = number(5, 2), let day = number(8, 2), let hour = number(11, 2),
      let minute = number(14, 2), let second = number(17, 2),
      (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60,
      second < 61
    else { return nil }
    var place = 19
    var fraction: Int64 = 0
    if bytes[place] == UInt8(ascii: ".") {
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
    var offset = 0
    if bytes[place] == UInt8(ascii: "Z") {
      guard place + 1 == bytes.count else { return nil }
    } else {
      guard bytes[place] == UInt8(ascii: "+") || bytes[place] == UInt8(ascii: "-"), place + 6 == bytes.count,
        bytes[place + 3] == 58, let hours = number(place + 1, 2), let minutes = number(place + 4, 2)
      else { return nil }
      offset = (hours * 60 + minutes) * 60 * (bytes[place] == UInt8(ascii: "-") ? -1 : 1)
    }
    var time = tm()
    time.tm_year = CInt(year - 1900)
    time.tm_mon = CInt(month - 1)
    time.tm_mday = CInt(day)
    time.tm_hour = CInt(hour)
    time.tm_min = CInt(minute)
    time.tm_sec = CInt(second)
    seconds = Int64(timegm(&time) - offset)
    nanoseconds = fraction
  }
}
