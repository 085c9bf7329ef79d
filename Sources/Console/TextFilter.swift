/// A text that what is shown must contain, whatever the case of its Latin letters. An empty one lets everything pass.
struct TextFilter: Equatable, Sendable {
  let text: String
  private let needle: [UInt8]

  init(_ text: String = "") {
    self.text = text
    needle = text.utf8.map(Self.folded)
  }

  var isEmpty: Bool { needle.isEmpty }

  func matches(_ hay: String) -> Bool {
    if needle.isEmpty { return true }
    var hay = hay
    return hay.withUTF8 { bytes in
      guard bytes.count >= needle.count else { return false }
      let first = needle[0]
      for start in 0...(bytes.count - needle.count) where Self.folded(bytes[start]) == first {
        var length = 1
        while length < needle.count, Self.folded(bytes[start + length]) == needle[length] { length += 1 }
        if length == needle.count { return true }
      }
      return false
    }
  }

  private static func folded(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 0x20 : byte }
}
