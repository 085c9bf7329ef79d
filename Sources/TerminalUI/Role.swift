/// What a piece of the screen means; the theme says how that looks. Dotted: a role that a theme does not name looks
/// like its parent (`status.fail` like `status`, that like `text`).
public struct Role: Hashable, Sendable, CustomStringConvertible {
  public let name: String

  public init(_ name: String) { self.name = name }

  public var description: String { name }
  public var parent: Role? { name.lastIndex(of: ".").map { Role(String(name[..<$0])) } }
}

extension Role {
  public static let text = Role("text")
  /// What matters most in its row.
  public static let strong = Role("text.strong")
  public static let dim = Role("text.dim")
  public static let title = Role("title")
  /// A column's heading.
  public static let heading = Role("heading")
  public static let border = Role("border")
  /// The one accent: what is selected, and keys that can be pressed.
  public static let accent = Role("accent")
  public static let key = Role("key")

  public static let good = Role("status.good")
  public static let warning = Role("status.warning")
  public static let failing = Role("status.failing")
  public static let rejected = Role("status.rejected")
  public static let unknown = Role("status.unknown")

  public static let added = Role("diff.added")
  public static let removed = Role("diff.removed")

  /// Identities of destinations, in the order of a route's shares.
  public static let identities = (1...6).map { Role("identity.\($0)") }

  // Grounds: what stands behind the text.
  public static let screen = Role("screen")
  public static let selection = Role("screen.selection")
  public static let bar = Role("screen.bar")
  public static let panel = Role("screen.panel")
}

/// How a cell looks: by meaning, never by colour.
public struct Style: Hashable, Sendable {
  public var role: Role
  public var ground: Role

  public init(_ role: Role = .text, on ground: Role = .screen) {
    self.role = role
    self.ground = ground
  }
}

extension Role {
  /// Every role there is, so that a theme's mistyped one is found.
  public static let all: [Role] =
    [
      text, strong, dim, title, heading, border, accent, key, Role("status"), good, warning, failing, rejected, unknown,
      Role("diff"), added, removed, Role("identity"),
    ] + identities + [screen, selection, bar, panel]
}
