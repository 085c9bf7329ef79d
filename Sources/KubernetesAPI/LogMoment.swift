/// A moment as RFC 3339 writes it, to the nanosecond, whatever its offset: what stands before a line of a log.
struct LogMoment: Hashable, Comparable, Sendable {
  /// Since 1970.
  let seconds: Int64
  let nanoseconds: Int64

  /// `nil` for what does not fit, beyond the year 2262.
  var nanosecondsSince1970: Int64? {
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, carry) = product.addingReportingOverflow(nanoseconds)
    return overflow || carry ? nil : sum
  }

  static func < (one: LogMoment, other: LogMoment) -> Bool {
    (one.seconds, one.nanoseconds) < (other.seconds, other.nanoseconds)
  }

  init?(_ text: String) {
    var text = text
    guard let moment = text.withUTF8({ LogMoment($0) }) else { return nil }
    self = moment
  }

  init?(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard bytes.count >= 20, bytes.count <= 64 else { return nil }
    func byte(_ place: Int) -> UInt8 { bytes[place] }
    func number(_ place: Int, _ count: Int) -> Int64? {
      guard place + count <= bytes.count else { return nil }
      var value: Int64 = 0
      for offset in place..<place + count {
        let digit = byte(offset) &- 48
        guard digit <= 9 else { return nil }
        value = value * 10 + Int64(digit)
      }
      return value
    }
    guard byte(4) == 45, byte(7) == 45, byte(10) == UInt8(ascii: "T"), byte(13) == 58, byte(16) == 58,
      let year = number(0, 4), let month = number(5, 2), let day = number(8, 2), let hour = number(11, 2),
      let minute = number(14, 2), let second = number(17, 2),
      (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60,
      second < 61
    else { return nil }
    var place = 19
    var fraction: Int64 = 0
    if byte(place) == UInt8(ascii: ".") {
      place += 1
      let first = place
      var unit: Int64 = 100_000_000
      while place < bytes.count, byte(place) &- 48 <= 9 {
        fraction += Int64(byte(place) - 48) * unit
        unit /= 10
        place += 1
      }
      guard place > first else { return nil }
    }
    guard place < bytes.count else { return nil }
    var offset: Int64 = 0
    if byte(place) == UInt8(ascii: "Z") {
      guard place + 1 == bytes.count else { return nil }
    } else {
      guard byte(place) == UInt8(ascii: "+") || byte(place) == UInt8(ascii: "-"), place + 6 == bytes.count,
        byte(place + 3) == 58, let hours = number(place + 1, 2), let minutes = number(place + 4, 2)
      else { return nil }
      offset = (hours * 60 + minutes) * 60 * (byte(place) == UInt8(ascii: "-") ? -1 : 1)
    }
    // Days since 1970 in the Gregorian calendar, with the year begun in March.
    let shifted = month > 2 ? year : year - 1
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let days = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    seconds = ((days * 24 + hour) * 60 + minute) * 60 + second - offset
    nanoseconds = fraction
  }
}
