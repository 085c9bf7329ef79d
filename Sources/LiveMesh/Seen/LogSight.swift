import MeshModel

/// Until when each followed log has been observed. Silence is not idleness: a log that says nothing is asked for its
/// last line, and only an answer that tells of none but what the stream has given moves its end on.
struct LogSight: Sendable {
  /// A log that has been silent for this long is asked.
  static let patience: Duration = .seconds(2)
  /// A log of which nothing has been known for this long is out of sight.
  static let lostAfter: Duration = .seconds(6)
  /// Questions under way at once.
  static let mostQuestions = 16

  private struct Log: Sendable {
    /// All that was written before this moment has been read.
    var until: Timestamp
    /// When the node received the newest line that the stream has given.
    var newestLine: Timestamp?
    var lastAsked: Timestamp?
    var isBeingAsked = false
    /// The stream broke off and has not come back.
    var isBroken = false
  }

  private var logs: [ProxyID: Log] = [:]

  /// - Parameter start: lines from this time on are given; all older ones count as given.
  mutating func begin(_ proxy: ProxyID, from start: Timestamp? = nil, at moment: Timestamp) {
    logs[proxy] = Log(until: moment, newestLine: start)
  }

  mutating func end(_ proxy: ProxyID) { logs[proxy] = nil }
  mutating func broke(_ proxy: ProxyID) { logs[proxy]?.isBroken = true }
  mutating func reopened(_ proxy: ProxyID) { logs[proxy]?.isBroken = false }

  /// The stream has given lines, the newest of this time.
  mutating func read(_ proxy: ProxyID, newestLine: Timestamp?, at moment: Timestamp) {
    guard var log = logs[proxy] else { return }
    log.until = max(log.until, moment)
    log.newestLine = [log.newestLine, newestLine].compactMap { $0 }.max()
    log.isBroken = false
    logs[proxy] = log
  }

  /// The silent logs that are to be asked now, those first that were not asked for longest.
  mutating func takeQuestions(at now: Timestamp) -> [ProxyID] {
    let room = Self.mostQuestions - logs.values.count(where: \.isBeingAsked)
    let due = logs.filter { _, log in
      !log.isBroken && !log.isBeingAsked && now - (log.lastAsked ?? log.until) >= Self.patience
        && now - log.until >= Self.patience
    }
    let chosen = due.sorted { one, other in
      (one.value.lastAsked ?? one.value.until, one.key) < (other.value.lastAsked ?? other.value.until, other.key)
    }.prefix(max(0, room)).map(\.key)
    for proxy in chosen {
      logs[proxy]?.isBeingAsked = true
      logs[proxy]?.lastAsked = now
    }
    return chosen
  }

  /// The question is answered, with the time of the log's last line, or has failed. What the node has and the stream
  /// has not given leaves the log where it was: the stream is behind.
  mutating func answered(_ proxy: ProxyID, lastLine: Timestamp?, hasFailed: Bool) {
    guard var log = logs[proxy] else { return }
    log.isBeingAsked = false
    let isAbreast = lastLine.map { last in log.newestLine.map { last <= $0 } ?? false } ?? true
    if !hasFailed, !log.isBroken, isAbreast, let asked = log.lastAsked { log.until = max(log.until, asked) }
    logs[proxy] = log
  }

  /// Until when the traffic of these callers was observed: of those that are followed, the one that is known best.
  func end(of callers: some Sequence<ProxyID>) -> Timestamp? { callers.compactMap { logs[$0]?.until }.max() }

  /// Until when anything was observed; `nil` when no log is followed.
  var end: Timestamp? { logs.values.lazy.map(\.until).max() }

  /// Whether all followed logs among these are in sight and unbroken.
  func isWhole(of carriers: some Sequence<ProxyID>, at now: Timestamp) -> Bool {
    carriers.lazy.compactMap { logs[$0] }.allSatisfy { !$0.isBroken && now - $0.until < Self.lostAfter }
  }

  func until(_ proxy: ProxyID) -> Timestamp? { logs[proxy]?.until }

  /// How many logs are followed and in sight.
  func inSight(at now: Timestamp) -> Int { logs.values.count { now - $0.until < Self.lostAfter } }
}
