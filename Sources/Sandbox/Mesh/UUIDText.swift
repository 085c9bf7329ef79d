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

extension WallTime {
  /// RFC 3339 with milliseconds, as Envoy's access log writes it: `2026-11-23T01:08:58.123Z`.
  var milliText: String {
    let digits = String(1000 + nanoseconds / 1_000_000).dropFirst()
    return "\(text.dropLast()).\(digits)Z"
  }
}
