import EnvoyAPI
import JSON
import MeshModel

/// What is on disk of a proxy whose levels were set for a time: what they were before.
struct LeaseRecord: Equatable, Sendable {
  /// The kubeconfig's context.
  let context: String
  private(set) var lease: LogLevelLease
  let level: LoggerLevel.Level
  /// Whether it was set here, rather than by an earlier console or another one; not on disk.
  var isOwn = false
  /// The loggers that were set, and what they had.
  let before: [String: LoggerLevel.Level]

  init(context: String, lease: LogLevelLease, level: LoggerLevel.Level, before: [String: LoggerLevel.Level]) {
    self.context = context
    self.lease = lease
    self.level = level
    self.before = before
  }

  /// Why it could not be put back; not on disk.
  var trouble: Trouble? {
    get { lease.trouble }
    set { lease.trouble = newValue }
  }

  var json: JSONValue {
    [
      "context": .string(context), "proxy": .string(lease.proxy.name), "setting": .string(lease.setting),
      "end": .string(lease.end.rfc3339), "level": .string(level.rawValue),
      "before": .object(JSONObject(before.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value.rawValue)) })),
    ]
  }

  init?(_ json: JSONValue) {
    guard let context = json["context"]?.string, let proxy = json["proxy"]?.string,
      let setting = json["setting"]?.string, let end = json["end"]?.string.flatMap({ Timestamp($0) }),
      let level = json["level"]?.string.flatMap(LoggerLevel.Level.init), let before = json["before"]?.object
    else { return nil }
    var levels: [String: LoggerLevel.Level] = [:]
    for (logger, word) in before {
      guard let level = word.string.flatMap(LoggerLevel.Level.init) else { return nil }
      levels[logger] = level
    }
    self.init(
      context: context, lease: LogLevelLease(proxy: ProxyID(proxy), setting: setting, end: end), level: level,
      before: levels)
  }
}
