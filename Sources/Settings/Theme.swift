public import TerminalUI

/// What roles look like.
public struct Theme: Sendable {
  public let name: String
  /// The signs that the theme wants, if it wants some.
  public let glyphs: GlyphChoice?
  let palette: [String: Tone]
  let roles: [Role: Spec]

  /// A colour with its stand-in for terminals of 16 colours; `nil` is the terminal's own.
  struct Tone: Hashable, Sendable {
    var rich: Colour?
    var basic: Colour?
  }

  /// What a theme says of one role; what it does not say is as in the role's parent.
  struct Spec: Hashable, Sendable {
    enum Ink: Hashable, Sendable {
      /// By its name in the palette, so that a theme that inherits can change it.
      case palette(String)
      case tone(Tone)
    }

    var ink: Ink?
    var attributes: Attributes?
  }

  /// What a style comes to on a terminal of so many colours. Without colours, a theme has the attributes of the plain
  /// one: its own do not tell roles apart.
  public func look(_ style: Style, _ depth: ColourDepth) -> Look {
    guard depth > .none else {
      let plain = BuiltInThemes.plain
      return Look(attributes: plain.attributes(of: style.role).union(plain.attributes(of: style.ground)))
    }
    let (text, ground) = (tone(of: style.role) ?? tone(of: .text), tone(of: style.ground))
    return Look(
      foreground: depth == .sixteen ? text?.basic : text?.rich,
      background: depth == .sixteen ? ground?.basic : ground?.rich,
      attributes: attributes(of: style.role).union(attributes(of: style.ground)))
  }

  private func tone(of role: Role) -> Tone? {
    switch nearest(role, \.ink) {
    case .palette(let name): palette[name]
    case .tone(let tone): tone
    case nil: nil
    }
  }

  private func attributes(of role: Role) -> Attributes { nearest(role, \.attributes) ?? [] }

  /// What the role says, or its nearest parent that says something.
  private func nearest<Part>(_ role: Role, _ part: (Spec) -> Part?) -> Part? {
    var role: Role? = role
    while let now = role {
      if let found = roles[now].flatMap(part) { return found }
      role = now.parent
    }
    return nil
  }
}

/// Which signs to draw with.
public enum GlyphChoice: String, Hashable, Sendable, CaseIterable {
  /// As the locale permits.
  case auto
  case unicode
  case ascii

  public func glyphs(isUnicode: Bool) -> Glyphs { isUnicode && self != .ascii ? .unicode : .ascii }
}
