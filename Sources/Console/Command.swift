public import TerminalUI

/// Something a person can ask for. Declared once: the keys, the footer, Help, docs/keys.md and the read-only gate all
/// follow from the declaration.
public struct Command: Sendable {
  /// Where a key has this meaning.
  public enum Place: String, Hashable, Sendable, CaseIterable {
    case pulse, graph
    /// The graph as a list of its edges.
    case edges
    case routes, weights, proxies, logs, changes, help
    /// The editor of a rule on which a ramp is on its way.
    case ramp
    /// A question about a ramp, over any screen.
    case rampQuestion
    /// What stands most often in a log.
    case logTop
    /// A filter, an expression or a time is being typed.
    case filter
    /// Any screen with a list.
    case list
    /// Any screen, while no panel is open.
    case screens
    /// The window has no room for a picture.
    case tooSmall
    case always

    var title: String {
      switch self {
      case .pulse: "Pulse"
      case .graph: "Graph"
      case .edges: "Graph as a list"
      case .routes: "Routes"
      case .weights: "Weight editor"
      case .ramp: "Weight editor, while a ramp is on its way"
      case .rampQuestion: "When asked about a ramp"
      case .proxies: "Proxies"
      case .logs: "Logs"
      case .logTop: "Logs, what stands most often"
      case .changes: "Changes"
      case .help: "Help"
      case .filter: "While typing below the screen"
      case .list: "In every list"
      case .screens: "On every screen"
      case .tooSmall: "While the window is too small"
      case .always: "Always"
      }
    }
  }

  /// What a keymap calls it: `weights.zero`.
  public let name: String
  /// What it does, for Help.
  public let title: String
  /// One or two words for the footer; `nil` keeps it out of there.
  let hint: String?
  public let keys: [Key]
  public let places: [Place]
  /// Whether it writes to the mesh; refused while read-only.
  public let writes: Bool
  let run: @Sendable (inout State, Key) -> [Effect]

  init(
    _ name: String, _ title: String, hint: String? = nil, keys: [Key], in places: Place..., writes: Bool = false,
    run: @escaping @Sendable (inout State, Key) -> [Effect]
  ) {
    self.name = name
    self.title = title
    self.hint = hint
    self.keys = keys
    self.places = places
    self.writes = writes
    self.run = run
  }

  /// All of them, in the order of the footer and of Help.
  public static let all: [Command] =
    weightCommands + rampCommands + pulseCommands + graphCommands + routeCommands + logCommands + changeCommands
    + filterCommands
    + listCommands
    + screenCommands

  private static let bindings: [Place: [Key: Command]] = {
    var bindings: [Place: [Key: Command]] = [:]
    for command in all {
      for place in command.places {
        for key in command.keys where bindings[place]?[key] == nil { bindings[place, default: [:]][key] = command }
      }
    }
    return bindings
  }()

  /// The command that a key stands for, in the first of these places that knows the key.
  static func bound(to key: Key, in places: [Place]) -> Command? {
    for place in places {
      if let command = bindings[place]?[key] { return command }
    }
    return nil
  }
}

extension Key {
  static func character(_ character: Character) -> Key { Key(.character(character)) }
  static func control(_ character: Character) -> Key { Key(.character(character), .control) }
  static let digits = "0123456789".map { Key.character($0) }

  var digit: Int? {
    if case .character(let character) = code, modifiers.isEmpty, character.isASCII {
      character.wholeNumberValue
    } else {
      nil
    }
  }

  /// How a key is written: `w`, `⏎`, `⇧←`, `^C`.
  func label(_ glyphs: Glyphs) -> String {
    var label = modifiers.contains(.control) ? "^" : ""
    if modifiers.contains(.alt) { label += "M-" }
    if modifiers.contains(.shift) { label += glyphs.shift }
    switch code {
    case .character(" "): label += "space"
    case .character(let character):
      label += modifiers.contains(.control) ? character.uppercased() : String(character)
    case .enter: label += glyphs.enter
    case .escape: label += "esc"
    case .tab: label += "tab"
    case .backspace: label += "backspace"
    case .delete: label += "del"
    case .up: label += glyphs.up
    case .down: label += glyphs.down
    case .left: label += glyphs.left
    case .right: label += glyphs.right
    case .home: label += "home"
    case .end: label += "end"
    case .pageUp: label += "pgup"
    case .pageDown: label += "pgdn"
    case .function(let number): label += "F\(number)"
    }
    return label
  }
}

extension Command {
  /// The key to name where there is room for one.
  func keyHint(_ glyphs: Glyphs) -> String {
    keys == Key.digits ? keyLabel(glyphs) : keys.first?.label(glyphs) ?? ""
  }

  /// The keys to name for commands, one behind the other.
  static func keyHint(_ names: [String], _ glyphs: Glyphs) -> String {
    names.compactMap { name in all.first { $0.name == name }?.keyHint(glyphs) }.joined()
  }

  /// The keys as Help and the footer name them: runs are shortened (`0-9`).
  func keyLabel(_ glyphs: Glyphs) -> String {
    if keys == Key.digits { return "0-9" }
    return keys.map { $0.label(glyphs) }.joined(separator: " ")
  }
}
