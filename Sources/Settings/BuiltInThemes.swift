/// The themes that need no files: the texts of `themes/` (a test keeps them alike).
enum BuiltInThemes {
  static let names = ["dark", "light", "plain"]

  static let dark = read("dark", darkText, upon: nil)
  static let light = read("light", lightText, upon: dark)
  static let plain = read("plain", plainText, upon: nil)

  static func theme(named name: String) -> Theme? {
    switch name {
    case "dark": dark
    case "light": light
    case "plain": plain
    default: nil
    }
  }

  static func text(named name: String) -> String? {
    ["dark": darkText, "light": lightText, "plain": plainText][name]
  }

  private static func read(_ name: String, _ text: String, upon base: Theme?) -> Theme {
    var reader = ThemeReader(Array(text.utf8), source: name)
    return reader.theme(named: name, upon: base)
  }

  private static let darkText = #"""
    # The theme that meshdeck starts with. Colour says health or identity; borders recede; one accent for what is selected.
    # A second colour is for terminals that have only 16.

    [palette]
    ground  = ["#16181d", "default"]
    raised  = ["#1c2128", "default"]
    chosen  = ["#283040", "blue"]
    white   = ["#f2f4f8", "bright-white"]
    text    = ["#c3c8d1", "white"]
    grey    = ["#7b8391", "white"]
    faint   = ["#3f4653", "bright-black"]
    blue    = ["#7aa2f7", "bright-cyan"]
    green   = ["#7fb36a", "green"]
    amber   = ["#e5b567", "yellow"]
    red     = ["#e8656f", "bright-red"]
    purple  = ["#b08fdc", "bright-magenta"]
    teal    = ["#5ab5b5", "cyan"]
    rose    = ["#d787af", "magenta"]

    [roles]
    text          = "text"
    "text.strong" = { colour = "white", bold = true }
    "text.dim"    = "grey"
    title         = { colour = "white", bold = true }
    heading       = "grey"
    border        = "faint"
    accent        = { colour = "blue", bold = true }
    key           = { colour = "blue", bold = true }

    "status.good"     = "green"
    "status.warning"  = "amber"
    "status.failing"  = { colour = "red", bold = true }
    "status.rejected" = "purple"
    "status.unknown"  = "grey"

    "diff.added"   = "green"
    "diff.removed" = "red"

    identity     = { colour = "blue", bold = true }
    "identity.1" = "blue"
    "identity.2" = "amber"
    "identity.3" = "purple"
    "identity.4" = "teal"
    "identity.5" = "green"
    "identity.6" = "rose"

    screen             = "ground"
    "screen.bar"       = "raised"
    "screen.panel"     = "raised"
    "screen.selection" = "chosen"

    """#

  private static let lightText = #"""
    # For terminals with a light ground.
    inherits = "dark"

    [palette]
    ground  = ["#fbfbf8", "default"]
    raised  = ["#efefe9", "default"]
    chosen  = ["#d5e2f7", "white"]
    white   = ["#101318", "black"]
    text    = ["#2f343d", "black"]
    grey    = ["#6a7280", "bright-black"]
    faint   = ["#b4b8bf", "bright-black"]
    blue    = ["#2458c5", "blue"]
    green   = ["#3a7a28", "green"]
    amber   = ["#9a6200", "yellow"]
    red     = ["#bf2431", "red"]
    purple  = ["#7540b0", "magenta"]
    teal    = ["#0f7480", "cyan"]
    rose    = ["#a83a72", "magenta"]

    """#

  private static let plainText = #"""
    # Without colour: also what every theme comes to where a terminal has none or NO_COLOR is set.

    [roles]
    text          = "default"
    "text.strong" = { bold = true }
    "text.dim"    = { dim = true }
    title         = { bold = true }
    heading       = { underline = true }
    border        = { dim = true }
    accent        = { bold = true }
    key           = { bold = true }

    "status.warning"  = { bold = true }
    "status.failing"  = { bold = true, underline = true }
    "status.rejected" = { bold = true }
    "status.unknown"  = { dim = true }

    "diff.added"   = { bold = true }
    "diff.removed" = { dim = true }

    identity = { bold = true }

    screen             = "default"
    "screen.selection" = { reverse = true }

    """#
}
