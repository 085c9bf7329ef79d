import MeshModel

/// What must be seen before a change counts as arrived, counted from the moment the last proxy took it:
///
/// - of a destination that shares: at least 200 requests of the rule, and a 95 % interval that holds the asked share
///   and is at most 2 points wide to either side;
/// - of one that is to get nothing: no request of it for ten seconds; where one takes all, that alone decides. While
///   the log of a proxy that carries the rule cannot be read, nobody knows that there was none.
struct SeenGoal: Sendable {
  static let leastRequests = 200
  static let widestMargin = 0.02
  static let quietSpan: Duration = .seconds(10)

  let asked: TrafficSplit
  /// When the last proxy took the change, up to the next whole second: counts are kept by the second.
  let start: Timestamp
  private let applied: Timestamp

  init(asked: TrafficSplit, appliedAt applied: Timestamp) {
    self.asked = asked
    self.applied = applied
    start = Timestamp(seconds: applied.wholeSecond + 1)
  }

  func progress(_ count: TrafficLedger.Count?, now: Timestamp) -> SeenProgress {
    guard let count, count.isByRule else {
      // Silence may end; a source that cannot tell rules apart will not begin to.
      return SeenProgress(verdict: count == nil ? .gathering : .unknown, source: count?.source)
    }
    let all = count.requests.values.reduce(0, +)
    var shares: [Destination: Seen] = [:]
    for destination in asked.destinations {
      shares[destination] = Seen(requests: count.requests[destination] ?? 0, of: all)
    }
    let hasArrived = all > 0 && asked.destinations.allSatisfy { isThere($0, shares[$0], count, all, now) }
    return SeenProgress(
      verdict: hasArrived ? .arrived(after: max(.zero, now - applied)) : .gathering, source: count.source,
      shares: shares, requests: all)
  }

  private func isThere(
    _ destination: Destination, _ seen: Seen?, _ count: TrafficLedger.Count, _ all: Int, _ now: Timestamp
  ) -> Bool {
    guard let fraction = asked.fraction(of: destination), let seen else { return false }
    switch fraction {
    // All the others are at zero, and they are asked for themselves.
    case 1: return count.isWhole
    case 0:
      guard count.isWhole else { return false }
      let quietSince = max(count.last[destination] ?? start, start)
      return min(now, count.end) - quietSince >= Self.quietSpan
    default:
      return all >= Self.leastRequests && seen.low <= fraction && fraction <= seen.high
        && seen.margin <= Self.widestMargin
    }
  }
}
