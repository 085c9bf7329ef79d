/// A line that the proxy, or Istio's agent beside it, wrote about itself.
public struct ComponentLogLine: Sendable {
  public let record: LogRecord

  init(_ record: LogRecord) { self.record = record }

  public var text: LogText { record.text }
  /// As it is written: RFC 3339 under Istio, else `2026-11-23 00:28:00.511` in the proxy's own time zone.
  public var time: String { record[.startTime] ?? "" }
  /// `nil` for a word that is no level.
  public var level: LogLevel? { record[.level].flatMap { LogLevel($0) } }
  /// The logger: `config`, `upstream`; of Istio's agent its scope.
  public var component: String { record[.component] ?? "" }
  /// The place in the source, where it is written.
  public var source: String? { record[.sourcePlace] }
  public var message: String { record[.message] ?? "" }

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
}
