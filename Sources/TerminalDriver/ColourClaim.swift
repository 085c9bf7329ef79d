internal import TerminalUI

/// What a terminal and its owner say about colours.
enum ColourClaim {
  /// `NO_COLOR`, set to anything but nothing (https://no-color.org).
  static func isRefused(_ environment: (String) -> String?) -> Bool {
    environment("NO_COLOR")?.isEmpty == false
  }

  /// Whether direct colours can be written in the way that xterm and its followers understand.
  static func isDirect(terminal: String, environment: (String) -> String?) -> Bool {
    // Variables outlive the terminal they were set for: GNU screen inherits COLORTERM and knows no direct colour, tmux
    // calls itself screen in some configurations and does.
    if terminal.hasPrefix("screen"), environment("TMUX") == nil { return false }
    if terminal.hasSuffix("-direct") { return true }
    guard ["truecolor", "24bit"].contains(environment("COLORTERM") ?? "") else { return false }
    return followersOfXterm.contains { terminal.hasPrefix($0) }
  }

  private static let followersOfXterm = [
    "xterm", "tmux", "screen", "alacritty", "foot", "kitty", "wezterm", "ghostty", "rio", "contour", "konsole", "vte",
    "gnome", "iterm", "mintty", "st-",
  ]

  static func depth(colours: Int) -> ColourDepth {
    switch colours {
    case ..<8: .none
    case ..<256: .sixteen
    case ..<0x100_0000: .indexed
    default: .direct
    }
  }
}
