extension Theme {
  /// A theme inherits from one that inherits … at most so often.
  private static let deepest = 8

  /// The theme of a name: a file in `$XDG_CONFIG_HOME/meshdeck/themes`, else one that is built in; a name with a `/` is
  /// a file's path. What cannot be had falls back to the built-in dark theme, with a complaint.
  /// - Parameter wanted: Where the name stands, for the complaint when there is no such theme.
  public static func load(
    named name: String, wanted: (source: String, place: Place?) = ("theme", nil), environment: (String) -> String?
  ) -> (theme: Theme, complaints: [Complaint]) {
    var complaints: [Complaint] = []
    let folder = SettingsFile.folder(environment).map { $0 + "/themes" }
    let theme = load(name, wanted, folder: folder, seen: [], &complaints)
    return (theme ?? BuiltInThemes.dark, complaints)
  }

  private static func load(
    _ name: String, _ wanted: (source: String, place: Place?), folder: String?, seen: [String],
    _ complaints: inout [Complaint]
  ) -> Theme? {
    func complain(_ words: String, _ guess: String? = nil) {
      complaints.append(Complaint(source: wanted.source, place: wanted.place, words: words, guess: guess))
    }
    guard seen.count < deepest else {
      complain("themes inherit from each other without end: \(seen.joined(separator: " → "))")
      return nil
    }
    let path = name.contains("/") ? name : folder.map { "\($0)/\(name).toml" }
    // A file that inherits its own name means the built-in theme.
    if let path, !seen.contains(path) {
      switch SettingsFile.read(path) {
      case .bytes(let bytes):
        var reader = ThemeReader(bytes, source: path)
        let base = reader.inherits.flatMap { base in
          load(base.name, (path, base.place), folder: folder, seen: seen + [path], &complaints)
        }
        // Without a base of its own, a theme says all; what it leaves out is the terminal's own.
        let saysAll = reader.isReadable && reader.inherits == nil
        let theme = reader.theme(named: name, upon: saysAll ? nil : base ?? BuiltInThemes.dark)
        complaints += reader.complaints
        return theme
      case .unreadable(let reason): complain("the theme \(path) cannot be read: \(reason)")
      case .missing: break
      }
    }
    if let theme = BuiltInThemes.theme(named: name) { return theme }
    complain("there is no theme “\(name)”", guess(name, among: BuiltInThemes.names))
    return nil
  }
}
