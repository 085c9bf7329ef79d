public import ArgumentParser
public import Settings

/// What the console looks like: these win over the environment, and that over the configuration file.
struct AppearanceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A theme by name (dark, light, plain), or a theme file's path.", valueName: "theme"))
  var theme: String?

  @Option(help: "auto, unicode or ascii: what signs to draw with.")
  var glyphs: GlyphChoice?

  @Option(help: ArgumentHelp("Over how much time traffic is counted: 5s to 15m.", valueName: "time"))
  var window: Span?

  var flags: Configuration.Flags { Configuration.Flags(theme: theme, glyphs: glyphs, window: window?.duration) }

  func validate() throws { try window?.validateAsWindow() }
}

extension Span {
  func validateAsWindow() throws {
    guard Configuration.windows.contains(duration) else { throw ValidationError("A window is 5s to 15m.") }
  }
}

extension GlyphChoice: ExpressibleByArgument {}
