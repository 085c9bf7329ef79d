public import MeshModel
public import ProxyLogs
public import TerminalUI

/// What the person who runs the console has chosen: on the command line, else in the environment, else in
/// `$XDG_CONFIG_HOME/meshdeck/config.toml`.
public struct Configuration: Hashable, Sendable {
  /// What is chosen for one context of the kubeconfig, or for all that a pattern names.
  public struct Context: Hashable, Sendable {
    public var isReadOnly = false
    /// Every change must be confirmed by typing the route's name.
    public var isProduction = false
    /// The address of a metrics store, or `none`. May hold a password.
    public var prometheus: String?

    public init(isReadOnly: Bool = false, isProduction: Bool = false, prometheus: String? = nil) {
      self.isReadOnly = isReadOnly
      self.isProduction = isProduction
      self.prometheus = prometheus
    }
  }

  /// What the command line says; `nil` is nothing.
  public struct Flags: Hashable, Sendable {
    public var theme: String?
    public var glyphs: GlyphChoice?
    public var window: Duration?
    public var isReadOnly: Bool?

    public init(
      theme: String? = nil, glyphs: GlyphChoice? = nil, window: Duration? = nil, isReadOnly: Bool? = nil
    ) {
      self.theme = theme
      self.glyphs = glyphs
      self.window = window
      self.isReadOnly = isReadOnly
    }
  }

  /// The name of a theme, or a path.
  public var theme = "dark"
  /// Where the theme's name stands, for a complaint about it.
  public var themeSource = "theme"
  public var themePlace: Place?
  /// `nil` leaves it to the theme.
  public var glyphs: GlyphChoice?
  /// Over which time *seen* and rates are taken.
  public var window: Duration = .seconds(60)
  /// Nothing is ever written, in any context.
  public var isReadOnly = false
  /// The address of a metrics store, or `none`; `nil` leaves it to what the cluster has. May hold a password.
  public var prometheus: String?
  /// By name, or by a pattern of names: `prod-*`.
  public var contexts: [String: Context] = [:]
  /// From when on a change must be confirmed by name, in every context.
  public var confirm = Protection()
  /// From when on something counts as wrong.
  public var health = HealthRules()
  /// What access logs may be written in besides the formats that are known.
  public var logFormats: [AccessLogFormat] = []
  public var logs = LogSettings()

  public init() {}

  /// What is said of a context: by its name first, then by patterns, longer ones first.
  private func contexts(for name: String?) -> [Context] {
    guard let name else { return [] }
    let patterns = contexts.keys.filter { $0 != name && ContextPattern($0).matches(name) }
      .sorted { ($1.count, $0) < ($0.count, $1) }
    return ([name] + patterns).compactMap { contexts[$0] }
  }

  /// Whatever protects, protects: no nearer name takes it away.
  public func isReadOnly(in context: String?) -> Bool {
    isReadOnly || contexts(for: context).contains(where: \.isReadOnly)
  }

  /// What a context wants before anything is written in it.
  public func protection(of context: String?) -> Protection {
    var protection = confirm
    protection.isProduction = confirm.isProduction || contexts(for: context).contains(where: \.isProduction)
    return protection
  }

  /// The metrics store that is chosen for a context, else for all.
  public func prometheus(in context: String?) -> String? {
    contexts(for: context).lazy.compactMap(\.prometheus).first ?? prometheus
  }

  /// The shortest and the longest window: below, a share says nothing; beyond, requests are not kept.
  public static let windows: ClosedRange<Duration> = .seconds(5)...(.seconds(900))

  /// Reads the file and the environment. What is wrong in them is a complaint; the rest counts.
  public static func load(
    flags: Flags = Flags(), environment: (String) -> String?
  ) -> (configuration: Configuration, complaints: [Complaint]) {
    var reader = ConfigurationReader()
    if let path = SettingsFile.folder(environment).map({ $0 + "/config.toml" }) { reader.read(file: path) }
    reader.read(environment)
    var configuration = reader.configuration
    if let theme = flags.theme {
      (configuration.theme, configuration.themeSource, configuration.themePlace) = (theme, "--theme", nil)
    }
    configuration.glyphs = flags.glyphs ?? configuration.glyphs
    configuration.window = flags.window ?? configuration.window
    configuration.isReadOnly = flags.isReadOnly ?? configuration.isReadOnly
    return (configuration, reader.complaints)
  }

  /// The theme that is chosen.
  public func loadTheme(environment: (String) -> String?) -> (theme: Theme, complaints: [Complaint]) {
    Theme.load(named: theme, wanted: (themeSource, themePlace), environment: environment)
  }

  /// The signs to draw with: as chosen here, else as the theme has them, and never more than the locale shows.
  public func glyphs(of theme: Theme, isUnicode: Bool) -> Glyphs {
    (glyphs ?? theme.glyphs ?? .auto).glyphs(isUnicode: isUnicode)
  }
}
