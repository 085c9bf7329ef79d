/// What a counter gained between two readings.
public enum CounterDelta {
  /// Any counter of a proxy may start anew, alone and at any time: a cluster's counters of answers do so at every
  /// update of the cluster while its counter of requests goes on. A counter that went down therefore started at zero.
  public static func between(_ before: UInt64, _ now: UInt64) -> UInt64 { now < before ? now : now - before }
}

/// Many counters, each with what it read last. Every reading gives what each one gained since the reading before.
public struct CounterWindow<Key: Hashable & Sendable>: Sendable {
  private var last: [Key: UInt64]?
  private let limit: Int
  private let leavesOutZeros: Bool
  /// How many counters of the last reading were left out because there were more than the limit.
  public private(set) var untracked = 0

  /// - Parameter leavesOutZeros: Whether readings leave out counters that are zero: one that comes up after the first
  ///   reading gained all that it counts.
  public init(limit: Int = 200_000, leavesOutZeros: Bool = false) {
    self.limit = limit
    self.leavesOutZeros = leavesOutZeros
  }

  /// Takes a whole reading. A counter that is seen for the first time gives nothing, unless zeros are left out: what
  /// it counted before is not of this window. One that is missing is forgotten, and is seen for the first time when it
  /// comes back.
  public mutating func advance(to reading: some Sequence<(key: Key, value: UInt64)>) -> [Key: UInt64] {
    var next: [Key: UInt64] = [:]
    next.reserveCapacity(last?.count ?? 0)
    var deltas: [Key: UInt64] = [:]
    // What was left out for the limit is not known to have been zero.
    let start: UInt64? = leavesOutZeros && last != nil && untracked == 0 ? 0 : nil
    untracked = 0
    for (key, value) in reading {
      guard next.count < limit || next[key] != nil else {
        untracked += 1
        continue
      }
      next[key] = value
      if let before = last?[key] ?? start { deltas[key] = CounterDelta.between(before, value) }
    }
    last = next
    return deltas
  }
}
