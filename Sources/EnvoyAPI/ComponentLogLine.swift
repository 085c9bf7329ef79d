/// A line that the proxy, or Istio's agent beside it, wrote about itself.
public struct ComponentLogLine: Sendable {
  /// Where the parts stand in the line; an empty range is an absent part.
  struct Parts: Sendable {
    var time = 0..<0
    var level = 0..<0
    var component = 0..<0
    var source = 0..<0
    var message = 0..<0
  }

  public let text: LogText
  private let parts: Parts

  init(text: LogText, parts: Parts) {
    self.text = text
    self.parts = parts
  }

  /// As it is written: RFC 3339 under Istio, else `2026-11-23 00:28:00.511` in the proxy's own time zone.
  public var time: String { part(parts.time) }
  /// `nil` for a word that is no level.
  public var level: LoggerLevel.Level? {
    switch part(parts.level) {
    case "warn": .warning
    case "fatal": .critical
    case let word: LoggerLevel.Level(rawValue: word)
    }
  }
  /// The logger: `config`, `upstream`; of Istio's agent its scope.
  public var component: String { part(parts.component) }
  /// The place in the source, where it is written.
  public var source: String? { parts.source.isEmpty ? nil : part(parts.source) }
  public var message: String { part(parts.message) }

  /// Why the proxy refused a configuration, where the line says so: `Filesystem config update rejected: Sum of weights…`,
  /// `gRPC config for type.googleapis.com/… rejected: …`. Reasons of several lines go on in the raw lines that follow.
  public var rejection: String? {
    let words = " rejected: "
    let message = Array(message.utf8)
    guard message.count > words.utf8.count else { return nil }
    for place in 0..<message.count - words.utf8.count
    where message[place] == 0x20 && message[place...].starts(with: words.utf8) {
      return String(decoding: message[(place + words.utf8.count)...], as: UTF8.self)
    }
    return nil
  }

  private func part(_ range: Range<Int>) -> String { text.withBytes { $0.string(in: range) } }
}
