/// RFC 4648, 4. Foundation's stands in full Foundation's shadow; these few lines do not.
package func base64(_ bytes: [UInt8]) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var text: [UInt8] = []
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = bytes[start..<min(start + 3, bytes.count)]
    var bits: UInt32 = 0
    for byte in group { bits = bits << 8 | UInt32(byte) }
    bits <<= UInt32(3 - group.count) * 8
    for place in 0..<4 {
      text.append(place <= group.count ? alphabet[Int(bits >> UInt32(18 - 6 * place)) & 63] : UInt8(ascii: "="))
    }
  }
  return String(decoding: text, as: UTF8.self)
}

/// The bytes of base64 text; white space is passed over. `nil` where it is not base64.
func bytes(base64 text: String) -> [UInt8]? {
  var bytes: [UInt8] = []
  var bits: UInt32 = 0
  var digits = 0
  var padding = 0
  for character in text.utf8 {
    let digit: UInt32
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit = UInt32(character - 65)
    case UInt8(ascii: "a")...UInt8(ascii: "z"): digit = UInt32(character - 71)
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = UInt32(character + 4)
    case UInt8(ascii: "+"): digit = 62
    case UInt8(ascii: "/"): digit = 63
    case UInt8(ascii: "="):
      padding += 1
      continue
    case 9, 10, 13, 32: continue
    default: return nil
    }
    guard padding == 0 else { return nil }
    bits = bits << 6 | digit
    digits += 1
    if digits % 4 == 0 {
      bytes += [UInt8(bits >> 16 & 255), UInt8(bits >> 8 & 255), UInt8(bits & 255)]
      bits = 0
    }
  }
  guard padding <= 2, (digits + padding) % 4 == 0 else { return nil }
  switch digits % 4 {
  case 2: bytes.append(UInt8(bits >> 4 & 255))
  case 3: bytes += [UInt8(bits >> 10 & 255), UInt8(bits >> 2 & 255)]
  default: break
  }
  return bytes
}
