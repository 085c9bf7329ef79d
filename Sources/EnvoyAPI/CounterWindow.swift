/// What a counter gained between two readings.
public enum CounterDelta {
  /// Any counter of a proxy may start anew, alone and at any time: a cluster's counters of answers do so at every
  /// update of the cluster while its counter of requests goes on. A counter that went down therefore started at zero.
  public static func between(_ before: UInt64, _ now: UInt64) -> UInt64 { now < before ? now : now - before }
}

/// Many counters, each with what it read last. Every reading gives what each one gained since the reading before.
public struct CounterWindow<Key: Hashable & Sendable>: Sendable {
  private var last: [Key: UInt64] = [:]
  private let limit: Int
  /// How many counters of the last reading were left out because there were more than the limit.
  public private(set) var untracked = 0

  public init(limit: Int = 200_000) { self.limit = limit }

  /// Takes a whole reading. A counter that is seen for the first time gives nothing: what it counted before is not of
  /// this window. One that is missing is forgotten, and is seen for the first time when it comes back.
  public mutating func advance(to reading: some Sequence<(key: Key, value: UInt64)>) -> [Key: UInt64] {
    var next: [Key: UInt64] = [:]
    next.reserveCapacity(last.count)
    var deltas: [Key: UInt64] = [:]
    untracked = 0
    for (key, value) in reading {
      guard next.count < limit || next[key] != nil else {
        untracked += 1
        continue
      }
      next[key] = value
      if let before = last[key] { deltas[key] = CounterDelta.between(before, value) }
    }
    last = next
    return deltas
  }
}
