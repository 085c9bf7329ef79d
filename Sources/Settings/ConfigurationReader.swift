import MeshModel

/// Reads `config.toml` and the variables `MESHDECK_…`.
///
///     theme = "light"
///     glyphs = "ascii"
///     window = "60s"
///     read_only = false
///     prometheus = "http://prometheus.example:9090"
///     [confirm]
///     share = "50%"
///     [contexts."prod-*"]
///     production = true
///     read_only = true
///     prometheus = "none"
///     [health]
///     failing_errors = "5%"
///     [logs]
///     formats = ['[%START_TIME%] %RESPONSE_CODE% …']
struct ConfigurationReader {
  private(set) var configuration = Configuration()
  private(set) var complaints: [Complaint] = []
  private var source = ""

  mutating func read(file path: String) {
    source = path
    switch SettingsFile.read(path) {
    case .missing: break
    case .unreadable(let reason): complain(nil, "cannot be read: \(reason)")
    case .bytes(let bytes):
      do {
        try TOML.entries(of: bytes).forEach { read($0) }
      } catch {
        // What was meant to protect must not be off by a slip elsewhere in the file.
        let text = String(decoding: bytes, as: UTF8.self)
        configuration.isReadOnly = text.contains("read_only")
        configuration.confirm.isProduction = text.contains("production") || text.contains("confirm")
        let guarded = configuration.confirm.isProduction ? "; every change must be confirmed by name" : ""
        complain(error.place, error.words + (configuration.isReadOnly ? "; nothing will be written" : guarded))
      }
    }
  }

  mutating func read(_ environment: (String) -> String?) {
    func value(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
    let keys = ["theme", "glyphs", "window", "read_only", "prometheus"]
    for (name, key) in keys.map({ ($0.uppercased(), $0) }) {
      guard let text = value("MESHDECK_\(name)") else { continue }
      source = "MESHDECK_\(name)"
      if key == "read_only" {
        let words = ["true": true, "1": true, "false": false, "0": false]
        if let isReadOnly = words[text] {
          configuration.isReadOnly = isReadOnly
        } else {
          // What was meant to protect must not be off by a slip.
          configuration.isReadOnly = true
          complain(nil, "“\(text)” is neither true nor false; nothing will be written")
        }
      } else {
        // The file says it of contexts, too: all of it gives way.
        if key == "prometheus" {
          for name in configuration.contexts.keys { configuration.contexts[name]?.prometheus = nil }
        }
        set(key, text, nil)
      }
    }
  }

  private static let keys = [
    "theme", "glyphs", "window", "read_only", "prometheus", "contexts", "confirm", "health", "logs",
  ]

  private mutating func read(_ entry: TOML.Entry) {
    switch entry.key {
    case "theme", "glyphs", "window", "prometheus":
      guard case .string(let text) = entry.value.value else {
        return complain(entry.value.place, "“\(entry.key)” is a text, not \(entry.value.kind)")
      }
      set(entry.key, text, entry.value.place)
    case "read_only": configuration.isReadOnly = protects(entry, "nothing will be written")
    case "health": if let section = read(entry, by: HealthReader()) { configuration.health = section.rules }
    case "confirm": if let section = read(entry, by: ConfirmReader()) { configuration.confirm = section.protection }
    case "logs":
      if let section = read(entry, by: LogSettingsReader()) {
        configuration.logFormats = section.formats
        configuration.logs = section.settings
      }
    case "contexts":
      guard let contexts = table(entry) else { return }
      contexts.forEach { readContext($0) }
    default:
      complain(entry.place, "there is no setting “\(entry.key)”", guess(entry.key, among: Self.keys))
    }
  }

  /// A section by its own reader, whose complaints become ours.
  private mutating func read<Section: SectionReader>(_ entry: TOML.Entry, by reader: Section) -> Section? {
    guard let parts = table(entry) else { return nil }
    var reader = reader
    reader.read(parts)
    for complaint in reader.complaints { complain(complaint.place, complaint.words, complaint.guess) }
    return reader
  }

  /// What is in a table; complains of what is none.
  private mutating func table(_ entry: TOML.Entry) -> [TOML.Entry]? {
    if case .table(let parts) = entry.value.value { return parts }
    complain(entry.value.place, "“\(entry.key)” is a table, not \(entry.value.kind)")
    return nil
  }

  private mutating func readContext(_ entry: TOML.Entry) {
    guard case .table(let parts) = entry.value.value else {
      return complain(entry.value.place, "a context is a table, not \(entry.value.kind)")
    }
    var context = Configuration.Context()
    for part in parts {
      switch part.key {
      case "read_only": context.isReadOnly = protects(part, "nothing will be written")
      case "production": context.isProduction = protects(part, "every change must be confirmed by name")
      case "prometheus":
        if case .string(let text) = part.value.value {
          context.prometheus = text
        } else {
          complain(part.value.place, "“prometheus” is a text, not \(part.value.kind)")
        }
      default:
        let meant = guess(part.key, among: ["read_only", "production", "prometheus"])
        complain(part.place, "a context has no “\(part.key)”", meant)
        // A slip in the name protects as what was probably meant.
        let isOn = if case .boolean(false) = part.value.value { false } else { true }
        if meant == "read_only" { context.isReadOnly = context.isReadOnly || isOn }
        if meant == "production" { context.isProduction = context.isProduction || isOn }
      }
    }
    configuration.contexts[entry.key] = context
  }

  /// What was meant to protect must not be off by a slip: anything but `false` is yes.
  private mutating func protects(_ entry: TOML.Entry, _ consequence: String) -> Bool {
    if case .boolean(let isOn) = entry.value.value { return isOn }
    complain(entry.value.place, "“\(entry.key)” is true or false, not \(entry.value.kind); \(consequence)")
    return true
  }

  private mutating func set(_ key: String, _ text: String, _ place: Place?) {
    switch key {
    case "prometheus": configuration.prometheus = text
    case "theme":
      (configuration.theme, configuration.themeSource, configuration.themePlace) = (text, source, place)
    case "glyphs":
      guard let glyphs = GlyphChoice(rawValue: text) else {
        let known = GlyphChoice.allCases.map(\.rawValue)
        return complain(place, "no glyphs are called “\(text)”", guess(text, among: known))
      }
      configuration.glyphs = glyphs
    default:
      guard let window = Duration(setting: text) else {
        return complain(place, "“\(text)” is no time such as 60s or 5m")
      }
      guard Configuration.windows.contains(window) else {
        return complain(place, "a window is 5s to 15m, not “\(text)”")
      }
      configuration.window = window
    }
  }

  private mutating func complain(_ place: Place?, _ words: String, _ guess: String? = nil) {
    complaints.append(Complaint(source: source, place: place, words: words, guess: guess))
  }
}

extension Duration {
  /// A whole number with `s`, `m` or `h` behind it.
  init?(setting text: String) {
    let seconds: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600]
    guard let unit = text.last.flatMap({ seconds[$0] }), let number = Int64(text.dropLast()),
      (0...86_400).contains(number)
    else { return nil }
    self = .seconds(number * unit)
  }
}
