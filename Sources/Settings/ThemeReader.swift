internal import TerminalUI

/// Reads a theme's file; a bad entry is a complaint, and the rest counts.
///
///     inherits = "dark"
///     [palette]
///     blue = "#7aa2f7"
///     grey = ["#6b7280", "bright-black"]   # the second where there are 16 colours
///     [roles]
///     accent = "blue"
///     "text.strong" = { colour = "#ffffff", bold = true }
struct ThemeReader {
  let source: String
  private(set) var complaints: [Complaint] = []
  private(set) var inherits: (name: String, place: Place)?
  /// Whether the file is TOML at all.
  private(set) var isReadable = true
  private var glyphs: GlyphChoice?
  private var palette: [String: Theme.Tone] = [:]
  private var roles: [Role: Theme.Spec] = [:]
  private var entries: [TOML.Entry] = []

  init(_ bytes: [UInt8], source: String) {
    self.source = source
    do {
      entries = try TOML.entries(of: bytes)
    } catch {
      isReadable = false
      complain(error.place, error.words)
    }
    for entry in entries where entry.key == "inherits" {
      if let name = string(entry) { inherits = (name, entry.value.place) }
    }
  }

  /// The theme, upon the one that it inherits from.
  mutating func theme(named name: String, upon base: Theme?) -> Theme {
    palette = base?.palette ?? [:]
    roles = base?.roles ?? [:]
    glyphs = base?.glyphs
    // Roles name colours, wherever the palette stands in the file.
    for entry in entries where entry.key == "palette" { table(entry).forEach { readColour($0) } }
    for entry in entries {
      switch entry.key {
      case "inherits", "palette": break
      case "roles": table(entry).forEach { readRole($0, in: nil) }
      case "glyphs":
        guard let word = string(entry) else { continue }
        glyphs = GlyphChoice(rawValue: word)
        if glyphs == nil {
          let known = GlyphChoice.allCases.map(\.rawValue)
          complain(entry.value.place, "no glyphs are called “\(word)”", guess(word, among: known))
        }
      default:
        let known = ["inherits", "glyphs", "palette", "roles"]
        complain(entry.place, "a theme has no “\(entry.key)”", guess(entry.key, among: known))
      }
    }
    return Theme(name: name, glyphs: glyphs, palette: palette, roles: roles)
  }

  // MARK: Colours

  private mutating func readColour(_ entry: TOML.Entry) {
    if let tone = tone(entry.value) { palette[entry.key] = tone }
  }

  /// A colour, or two: for many colours and for 16.
  private mutating func tone(_ value: TOML) -> Theme.Tone? {
    switch value.value {
    case .array(let values) where values.count == 2:
      guard let rich = colour(values[0]), let basic = colour(values[1]) else { return nil }
      return Theme.Tone(rich: rich, basic: basic?.reduced(to: .sixteen))
    default:
      guard let colour = colour(value) else { return nil }
      return Theme.Tone(rich: colour, basic: colour?.reduced(to: .sixteen))
    }
  }

  /// `.some(nil)` is the terminal's own colour.
  private mutating func colour(_ value: TOML) -> Colour?? {
    switch value.value {
    case .string("default"): return .some(nil)
    case .string(let word):
      if let colour = Colour(themeName: word) { return colour }
      let known = Colour.names + ["default"]
      complain(
        value.place, "“\(word)” is no colour (#rrggbb, 0 to 255, or a name such as bright-blue)",
        guess(word, among: known))
    case .integer(let index):
      if let index = UInt8(exactly: index) { return .some(.indexed(index)) }
      complain(value.place, "\(index) is no colour: a terminal's are 0 to 255")
    default:
      complain(value.place, "a colour is a text or a number, not \(value.kind)")
    }
    return nil
  }

  // MARK: Roles

  private static let attributes: [String: Attributes] = [
    "bold": .bold, "dim": .dim, "italic": .italic, "underline": .underline, "reverse": .reverse,
  ]

  /// `role = "colour"`, `role = { colour = …, bold = true }`, or a table of the roles below it.
  private mutating func readRole(_ entry: TOML.Entry, in parent: Role?) {
    let role = Role(parent.map { "\($0).\(entry.key)" } ?? entry.key)
    guard Role.all.contains(role) else {
      let known = Role.all.map(\.name)
      return complain(entry.place, "there is no role “\(role)”", guess(role.name, among: known))
    }
    var spec = roles[role] ?? Theme.Spec()
    if case .table(let parts) = entry.value.value {
      for part in parts { read(part, of: role, into: &spec) }
    } else if let ink = ink(entry.value) {
      spec.ink = ink
    }
    if spec != Theme.Spec() { roles[role] = spec }
  }

  private mutating func read(_ part: TOML.Entry, of role: Role, into spec: inout Theme.Spec) {
    if part.key == "colour" {
      if let ink = ink(part.value) { spec.ink = ink }
    } else if let attribute = Self.attributes[part.key] {
      guard case .boolean(let isOn) = part.value.value else {
        return complain(part.value.place, "“\(part.key)” is true or false, not \(part.value.kind)")
      }
      var attributes = spec.attributes ?? []
      if isOn { attributes.insert(attribute) } else { attributes.remove(attribute) }
      spec.attributes = attributes
    } else if Role.all.contains(Role("\(role).\(part.key)")) {
      readRole(part, in: role)
    } else {
      let below = Role.all.filter { $0.parent == role }.map { String($0.name.dropFirst(role.name.count + 1)) }
      let known = ["colour"] + Self.attributes.keys.sorted() + below
      complain(part.place, "the role “\(role)” has no “\(part.key)”", guess(part.key, among: known))
    }
  }

  private mutating func ink(_ value: TOML) -> Theme.Spec.Ink? {
    if case .string(let word) = value.value {
      if palette[word] != nil { return .palette(word) }
      if word != "default", Colour(themeName: word) == nil {
        let known = palette.keys.sorted() + Colour.names + ["default"]
        complain(value.place, "“\(word)” is neither a colour nor in the palette", guess(word, among: known))
        return nil
      }
    }
    return tone(value).map { .tone($0) }
  }

  // MARK: Parts

  private mutating func string(_ entry: TOML.Entry) -> String? {
    if case .string(let text) = entry.value.value { return text }
    complain(entry.value.place, "“\(entry.key)” is a text, not \(entry.value.kind)")
    return nil
  }

  private mutating func table(_ entry: TOML.Entry) -> [TOML.Entry] {
    if case .table(let entries) = entry.value.value { return entries }
    complain(entry.value.place, "“\(entry.key)” is a table, not \(entry.value.kind)")
    return []
  }

  mutating func complain(_ place: Place, _ words: String, _ guess: String? = nil) {
    complaints.append(Complaint(source: source, place: place, words: words, guess: guess))
  }
}

extension Colour {
  /// The ANSI colours by name, in the order of their numbers.
  static let names: [String] = {
    let plain = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"]
    return plain + plain.map { "bright-\($0)" }
  }()

  /// `#rrggbb`, or the name of an ANSI colour.
  init?(themeName word: String) {
    if let index = Self.names.firstIndex(of: word) {
      self = .indexed(UInt8(index))
      return
    }
    let digits = word.utf8.dropFirst()
    guard word.hasPrefix("#"), digits.count == 6, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let value = UInt32(word.dropFirst(), radix: 16)
    else { return nil }
    self = .rgb(
      red: UInt8(value >> 16), green: UInt8(truncatingIfNeeded: value >> 8), blue: UInt8(truncatingIfNeeded: value))
  }
}
