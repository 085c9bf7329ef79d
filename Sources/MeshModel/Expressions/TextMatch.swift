internal import Patterns

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

  init(_ text: String) { bytes = text.utf8.map(Self.folded) }

  var count: Int { bytes.count }

  func isAt(_ start: Int, in text: Span<UInt8>) -> Bool {
    for place in bytes.indices where Self.folded(text[start + place]) != bytes[place] { return false }
    return true
  }

  func isIn(_ text: Span<UInt8>) -> Bool {
    guard let first = bytes.first else { return true }
    guard text.count >= bytes.count else { return false }
    for start in 0...text.count - bytes.count where Self.folded(text[start]) == first && isAt(start, in: text) {
      return true
    }
    return false
  }

  private static func folded(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 0x20 : byte }
}
