public import ProxyLogs

/// How much a proxy is to write about itself, for a time.
public struct LogLevelSetting: Hashable, Sendable, CustomStringConvertible {
  public static let standardTime: Duration = .seconds(300)
  public static let longestTime: Duration = .seconds(3600)

  public let proxy: ProxyID
  public let level: LogLevel
  /// The loggers that it is for, by the proxy's names; empty for all of them.
  public let loggers: [String]
  public let time: Duration

  public init(proxy: ProxyID, level: LogLevel, loggers: [String] = [], time: Duration = standardTime) {
    self.proxy = proxy
    self.level = level
    self.loggers = loggers
    self.time = time
  }

  /// Reads `debug`, `debug 10m`, `trace http,router 30s`. `nil` for anything else, and for more than an hour.
  public init?(_ text: String, proxy: ProxyID) {
    var words = text.split(separator: " ")
    guard let first = words.first, let level = LogLevel(String(first)), words.count <= 3 else { return nil }
    words.removeFirst()
    var time = Self.standardTime
    if let last = words.last, let span = Self.span(last) {
      time = span
      words.removeLast()
    }
    guard words.count <= 1 else { return nil }
    let loggers = words.first.map { $0.split(separator: ",").map(String.init) } ?? []
    let isNamed = loggers.allSatisfy { name in
      name.utf8.allSatisfy { 48...57 ~= $0 || 97...122 ~= $0 || $0 == UInt8(ascii: "_") }
    }
    guard isNamed, loggers.count <= 64, time >= .seconds(1), time <= Self.longestTime else { return nil }
    self.init(proxy: proxy, level: level, loggers: loggers, time: time)
  }

  /// `debug`, `trace http,router`.
  public var description: String { loggers.isEmpty ? level.name : "\(level.name) \(loggers.joined(separator: ","))" }

  private static func span(_ text: Substring) -> Duration? {
    guard let unit = text.last, let count = Int64(text.dropLast()), count < 100_000 else { return nil }
    switch unit {
    case "s": return .seconds(count)
    case "m": return .seconds(count * 60)
    case "h": return .seconds(count * 3600)
    default: return nil
    }
  }
}

/// A proxy whose levels were set and are to be put back.
public struct LogLevelLease: Hashable, Sendable {
  public let proxy: ProxyID
  /// What was set: `debug`, `trace http,router`.
  public let setting: String
  /// When what was before is put back.
  public let end: Timestamp
  /// Why it could not be put back when it was due.
  public var trouble: Trouble?

  public init(proxy: ProxyID, setting: String, end: Timestamp, trouble: Trouble? = nil) {
    self.proxy = proxy
    self.setting = setting
    self.end = end
    self.trouble = trouble
  }
}
