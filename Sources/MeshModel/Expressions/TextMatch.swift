internal import Patterns
internal import ProxyLogs

/// What a text must be, contain, or match.
enum TextMatch: Hashable, Sendable {
  case whole(FoldedText)
  case part(FoldedText)
  case pattern(Pattern)

  /// `nil` where a pattern takes more work than its limits allow.
  func holds(_ bytes: Span<UInt8>) -> Bool? {
    switch self {
    case .whole(let text): bytes.count == text.count && text.isAt(0, in: bytes)
    case .part(let text): text.isIn(bytes)
    case .pattern(let pattern): pattern.matches(bytes)
    }
  }

  func holds(_ text: String) -> Bool? {
    var text = text
    return text.withUTF8 { holds($0.span) }
  }

  /// Whether one of the texts is known to be as it must; `nil` where none is and one of them is not known.
  func isIn(_ texts: [String]) -> Bool? {
    var isKnown = true
    for text in texts {
      switch holds(text) {
      case true?: return true
      case false?: break
      case nil: isKnown = false
      }
    }
    return isKnown ? false : nil
  }
}

/// A text that is compared whatever the case of its Latin letters.
struct FoldedText: Hashable, Sendable {
  /// In lower case.
  private let bytes: [UInt8]
  /// The byte of it that is rarest in logs, by its place: it is looked for first.
  private let anchor: Int

  init(_ text: String) { self.init(bytes: text.utf8.map(Self.folded)) }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
    anchor = bytes.indices.min { Self.frequency(bytes[$0]) < Self.frequency(bytes[$1]) } ?? 0
  }

  var count: Int { bytes.count }
  var isPartOfDash: Bool { bytes.isEmpty || bytes == [UInt8(ascii: "-")] }

  /// What stands before, between and behind its slashes.
  var sides: [FoldedText] { bytes.split(separator: UInt8(ascii: "/")).map { FoldedText(bytes: Array($0)) } }

  func isAt(_ start: Int, in text: Span<UInt8>) -> Bool {
    for place in bytes.indices where Self.folded(text[start + place]) != bytes[place] { return false }
    return true
  }

  func isIn(_ text: Span<UInt8>) -> Bool {
    guard !bytes.isEmpty else { return true }
    // Where the anchor can stand.
    let end = text.count - bytes.count + anchor + 1
    let lower = bytes[anchor]
    var lowerPlace = text.place(of: lower, from: anchor, to: end)
    var upperPlace = (97...122).contains(lower) ? text.place(of: lower & 0xDF, from: anchor, to: end) : nil
    while true {
      let place = min(lowerPlace ?? .max, upperPlace ?? .max)
      guard place < .max else { return false }
      if isAt(place - anchor, in: text) { return true }
      if place == lowerPlace {
        lowerPlace = text.place(of: lower, from: place + 1, to: end)
      } else {
        upperPlace = text.place(of: lower & 0xDF, from: place + 1, to: end)
      }
    }
  }

  private static func folded(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 0x20 : byte }

  /// Roughly how often a byte stands in access logs, as a rank.
  private static func frequency(_ byte: UInt8) -> Int {
    ranks.firstIndex(of: byte) ?? -1
  }
  private static let ranks = Array("^`~;<>!@#$&*+{}()[]=?%,'zqjkxyw_vbgfmphuldc|/\"nisroate-:9876543.120 ".utf8)
}
