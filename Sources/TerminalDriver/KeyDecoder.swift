internal import TerminalUI

/// Turns a terminal's bytes into keys and pastes. Knows the sequences of xterm and of those that follow it (Linux,
/// tmux, rxvt, kitty's `CSI u`), so that it needs no terminfo; a sequence it does not know gives nothing.
///
/// Sources: xterm's "Control Sequences" (PC-Style function keys), ECMA-48 5.4.
struct KeyDecoder {
  /// Longer sequences, and pastes beyond this, are dropped.
  static let longestSequence = 64
  static let longestPaste = 1 << 20

  private var bytes: [UInt8] = []
  private var pasted: [UInt8]?

  /// An escape has come that may be a key by itself or the start of a sequence: ask again with `flush` when nothing
  /// more has come for the escape delay.
  var isPending: Bool { pasted == nil && !bytes.isEmpty }

  mutating func take(_ input: some Sequence<UInt8>) -> [TerminalEvent] {
    bytes += input
    return decode(isLast: false)
  }

  /// Nothing more came: what is held stands for itself.
  mutating func flush() -> [TerminalEvent] { decode(isLast: true) }

  private enum Step {
    case event(TerminalEvent, used: Int)
    case nothing(used: Int)
    case more
  }

  private mutating func decode(isLast: Bool) -> [TerminalEvent] {
    var events: [TerminalEvent] = []
    var rest = bytes[...]
    scan: while !rest.isEmpty {
      if pasted != nil {
        guard let event = takePaste(&rest) else { break }
        events.append(event)
        continue
      }
      if rest.starts(with: Self.pasteStart) {
        rest = rest.dropFirst(Self.pasteStart.count)
        pasted = []
        continue
      }
      switch Self.step(rest, isLast: isLast) {
      case .event(let event, let used):
        events.append(event)
        rest = rest.dropFirst(used)
      case .nothing(let used):
        rest = rest.dropFirst(used)
      case .more:
        break scan
      }
    }
    bytes = Array(rest)
    return events
  }

  // MARK: Pastes

  private static let pasteStart = Array("\u{1b}[200~".utf8)
  private static let pasteEnd = Array("\u{1b}[201~".utf8)

  /// Moves bytes into the paste; gives it when its end has come. What may be the start of the end stays in `rest`.
  private mutating func takePaste(_ rest: inout ArraySlice<UInt8>) -> TerminalEvent? {
    var text = pasted ?? []
    defer { pasted = text }
    while let byte = rest.first {
      if byte == 0x1b {
        if rest.starts(with: Self.pasteEnd) {
          rest = rest.dropFirst(Self.pasteEnd.count)
          defer { pasted = nil }
          return .paste(String(decoding: text, as: UTF8.self))
        }
        if rest.count < Self.pasteEnd.count, Self.pasteEnd.starts(with: rest) { return nil }
      }
      if text.count < Self.longestPaste { text.append(byte) }
      rest = rest.dropFirst()
    }
    return nil
  }

  // MARK: Keys

  private static func step(_ bytes: ArraySlice<UInt8>, isLast: Bool) -> Step {
    guard let first = bytes.first else { return .more }
    if first == 0x1b { return escape(bytes, isLast: isLast) }
    return character(bytes, isLast: isLast)
  }

  private static func escape(_ bytes: ArraySlice<UInt8>, isLast: Bool) -> Step {
    let after = bytes.dropFirst()
    guard let second = after.first else { return isLast ? .event(.key(Key(.escape)), used: 1) : .more }
    switch second {
    case UInt8(ascii: "["): return control(bytes, isLast: isLast)
    case UInt8(ascii: "O"):
      guard let third = after.dropFirst().first else {
        return isLast ? .event(.key(Key(.character("O"), .alt)), used: 2) : .more
      }
      guard let code = letters[third] else { return .nothing(used: 3) }
      return .event(.key(Key(code)), used: 3)
    case 0x1b:
      // Two escapes, or Alt with a key that is itself a sequence.
      if after.count == 1, !isLast { return .more }
      return .event(.key(Key(.escape)), used: 1)
    default:
      switch character(after, isLast: isLast) {
      case .event(.key(var key), let used):
        key.modifiers.insert(.alt)
        return .event(.key(key), used: used + 1)
      case .event(_, let used), .nothing(let used): return .nothing(used: used + 1)
      case .more: return .more
      }
    }
  }

  /// `CSI parameters final`.
  private static func control(_ bytes: ArraySlice<UInt8>, isLast: Bool) -> Step {
    var body = bytes.dropFirst(2)
    // The Linux console's F1 to F5.
    if body.first == UInt8(ascii: "[") {
      guard let letter = body.dropFirst().first else { return isLast ? .nothing(used: 3) : .more }
      guard (0x41...0x45).contains(letter) else { return .nothing(used: 4) }
      return .event(.key(Key(.function(Int(letter) - 0x40))), used: 4)
    }
    let parameters = body.prefix { (0x20...0x3f).contains($0) }
    body = body.dropFirst(parameters.count)
    guard parameters.count <= longestSequence else { return .nothing(used: 2 + parameters.count) }
    guard let final = body.first else {
      if !isLast { return .more }
      return parameters.isEmpty ? .event(.key(Key(.character("["), .alt)), used: 2) : .nothing(used: bytes.count)
    }
    let used = 3 + parameters.count
    // A byte that no sequence ends with belongs to what follows.
    guard (0x40...0x7e).contains(final) else { return .nothing(used: used - 1) }
    let numbers = parameters.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map { field in
      Int(String(decoding: field.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self)) ?? 0
    }
    var modifiers = modifiers(numbers.count > 1 ? numbers[1] : 1)
    let code: Key.Code?
    switch final {
    case UInt8(ascii: "~"): code = numbers.first.flatMap { tildes[$0] }
    case UInt8(ascii: "u"):
      code = numbers.first.flatMap(unicode)
      if case .character = code { modifiers.remove(.shift) }
    case UInt8(ascii: "Z"):
      code = .tab
      modifiers.insert(.shift)
    default: code = letters[final]
    }
    guard let code else { return .nothing(used: used) }
    return .event(.key(Key(code, modifiers)), used: used)
  }

  private static func character(_ bytes: ArraySlice<UInt8>, isLast: Bool) -> Step {
    let first = bytes[bytes.startIndex]
    switch first {
    case 0x00: return .event(.key(Key(.character(" "), .control)), used: 1)
    case 0x0d, 0x0a: return .event(.key(Key(.enter)), used: 1)
    case 0x09: return .event(.key(Key(.tab)), used: 1)
    case 0x7f, 0x08: return .event(.key(Key(.backspace)), used: 1)
    case 0x01...0x1a:
      return .event(.key(Key(.character(Character(Unicode.Scalar(first + 0x60))), .control)), used: 1)
    case 0x1c...0x1f:
      return .event(.key(Key(.character(Character(Unicode.Scalar(first + 0x40))), .control)), used: 1)
    case 0x20..<0x7f: return .event(.key(Key(.character(Character(Unicode.Scalar(first))))), used: 1)
    default: break
    }
    let length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
    guard (0xc2...0xf4).contains(first) else { return .nothing(used: 1) }
    guard bytes.count >= length else { return isLast ? .nothing(used: bytes.count) : .more }
    let text = String(decoding: bytes.prefix(length), as: UTF8.self)
    guard text.unicodeScalars.count == 1, let character = text.first, character != "\u{FFFD}" else {
      return .nothing(used: 1)
    }
    return .event(.key(Key(.character(character))), used: length)
  }

  /// xterm: 1 + 1 for shift + 2 for Alt + 4 for control.
  private static func modifiers(_ number: Int) -> Key.Modifiers {
    let bits = max(0, number - 1)
    var modifiers: Key.Modifiers = []
    if bits & 1 != 0 { modifiers.insert(.shift) }
    if bits & 2 != 0 { modifiers.insert(.alt) }
    if bits & 4 != 0 { modifiers.insert(.control) }
    return modifiers
  }

  private static func unicode(_ number: Int) -> Key.Code? {
    switch number {
    case 13: return .enter
    case 27: return .escape
    case 9: return .tab
    case 127, 8: return .backspace
    default:
      guard number >= 0x20, let scalar = UInt32(exactly: number).flatMap(Unicode.Scalar.init) else { return nil }
      return .character(Character(scalar))
    }
  }

  private static let letters: [UInt8: Key.Code] = [
    UInt8(ascii: "A"): .up, UInt8(ascii: "B"): .down, UInt8(ascii: "C"): .right, UInt8(ascii: "D"): .left,
    UInt8(ascii: "H"): .home, UInt8(ascii: "F"): .end, UInt8(ascii: "M"): .enter,
    UInt8(ascii: "P"): .function(1), UInt8(ascii: "Q"): .function(2), UInt8(ascii: "R"): .function(3),
    UInt8(ascii: "S"): .function(4),
  ]

  private static let tildes: [Int: Key.Code] = [
    1: .home, 7: .home, 4: .end, 8: .end, 3: .delete, 5: .pageUp, 6: .pageDown,
    11: .function(1), 12: .function(2), 13: .function(3), 14: .function(4), 15: .function(5), 17: .function(6),
    18: .function(7), 19: .function(8), 20: .function(9), 21: .function(10), 23: .function(11), 24: .function(12),
  ]
}
