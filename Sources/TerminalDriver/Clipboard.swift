/// Text for the clipboard of whoever looks at the terminal, also at the far end of an ssh session: xterm's control
/// sequence OSC 52. What is sent holds nothing but base64, so that no text can get out of it.
enum Clipboard {
  /// In bytes of text. Terminals pass over what is longer: xterm and tmux take some 75,000 characters of base64.
  static let most = 48 << 10

  /// `nil` for a text that is too long.
  static func bytes(_ text: String) -> [UInt8]? {
    let text = Array(text.utf8)
    guard text.count <= most else { return nil }
    return Array("\u{1b}]52;c;".utf8) + base64(text) + Array("\u{1b}\\".utf8)
  }

  /// RFC 4648, 4.
  private static func base64(_ bytes: [UInt8]) -> [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
      for place in 0..<4 {
        text.append(place <= group.count ? alphabet[Int(bits >> (18 - 6 * UInt32(place)) & 63)] : UInt8(ascii: "="))
      }
    }
    return text
  }
}
