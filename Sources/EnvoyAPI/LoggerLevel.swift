/// A logger of the proxy and how much it writes (`/logging`).
public struct LoggerLevel: Hashable, Sendable {
  /// From most to least.
  public enum Level: String, Sendable, CaseIterable {
    case trace, debug, info, warning, error, critical, off

  }

  public var logger: String
  public var level: Level

  public init(logger: String, level: Level) {
    self.logger = logger
    self.level = level
  }
}

extension LoggerLevel {
  /// The lines `  name: level` of an answer.
  static func all(in body: [UInt8]) -> [LoggerLevel] {
    body.split(separator: 0x0A).compactMap { line in
      let parts = line.split(separator: UInt8(ascii: ":"))
      guard line.starts(with: [0x20, 0x20]), parts.count == 2,
        let level = Level(rawValue: String(decoding: parts[1].drop { $0 == 0x20 }, as: UTF8.self))
      else { return nil }
      return LoggerLevel(logger: String(decoding: parts[0].drop { $0 == 0x20 }, as: UTF8.self), level: level)
    }
  }
}
