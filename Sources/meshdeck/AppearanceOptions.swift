public import ArgumentParser
public import Settings

/// What the console looks like: these win over the environment, and that over the configuration file.
struct AppearanceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A theme by name (dark, light, plain), or a theme file's path.", valueName: "theme"))
  var theme: String?

  @Option(help: "auto, unicode or ascii: what signs to draw with.")
  var glyphs: GlyphChoice?

  var flags: Configuration.Flags { Configuration.Flags(theme: theme, glyphs: glyphs) }
}

extension GlyphChoice: ExpressibleByArgument {}
