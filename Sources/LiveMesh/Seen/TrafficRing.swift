import MeshModel

/// The requests of one thing (a rule to one destination, a cluster, an edge of the graph) over the last fifteen minutes:
/// by the second of late, and by five before that. Time without requests takes no memory.
struct TrafficRing: Sendable {
  static let span: Int64 = 15 * 60
  /// What is older than this many seconds is kept by the slice of so many.
  private static let fine: Int64 = 150
  private static let coarse: Int64 = 5

  private struct Second: Sendable {
    let start: Int64
    var sum = TrafficSum()
  }

  /// Ordered by time.
  private var seconds: [Second] = []

  var isEmpty: Bool { seconds.isEmpty }

  mutating func add(_ request: SeenRequest) {
    with(request.time) {
      $0.addRequest(code: request.code, flags: request.flags, isError: request.isError, duration: request.duration)
    }
  }

  /// Counts of a proxy that keeps only sums.
  mutating func add(requests: Int, errors: Int?, latencies: LatencyCounts = LatencyCounts(), at time: Timestamp) {
    with(time) { $0.add(requests: requests, errors: errors, latencies: latencies) }
  }

  /// The requests of another ring besides.
  mutating func add(_ other: TrafficRing) {
    for added in other.seconds { with(Timestamp(seconds: added.start)) { $0.add(added.sum) } }
  }

  /// Changes what is counted of the second that holds a moment, if that is not too long ago.
  mutating func with(_ time: Timestamp, _ change: (inout TrafficSum) -> Void) {
    let start = time.wholeSecond
    var place = seconds.count
    // Lines come nearly in order: look from the end.
    while place > 0, seconds[place - 1].start > start { place -= 1 }
    if place > 0, seconds[place - 1].start == start {
      change(&seconds[place - 1].sum)
    } else {
      guard start > (seconds.last?.start ?? start) - Self.span else { return }
      var second = Second(start: start)
      change(&second.sum)
      seconds.insert(second, at: place)
    }
  }

  /// Forgets what is older than the span, and coarsens what is no longer of late. To be called now and then.
  mutating func forget(before now: Timestamp) {
    let oldest = now.wholeSecond - Self.span
    let newest = now.wholeSecond - Self.fine
    let old = seconds.prefix { $0.start < newest }
    guard old.contains(where: { $0.start < oldest || !$0.start.isMultiple(of: Self.coarse) }) else { return }
    var kept: [Second] = []
    for second in old where second.start >= oldest {
      let start = second.start - (second.start % Self.coarse)
      if kept.last?.start == start {
        kept[kept.count - 1].sum.add(second.sum)
      } else {
        kept.append(Second(start: start, sum: second.sum))
      }
    }
    seconds = kept + seconds[old.endIndex...]
  }

  /// What happened from a moment (its whole second) up to another one, that one left out.
  func traffic(from start: Timestamp, to end: Timestamp, slices: Int, of sliceLength: Int64) -> DestinationTraffic {
    let sum = sum(from: start, to: end)
    var history = Array(repeating: DestinationTraffic.Slice(requests: 0, errors: 0), count: slices)
    eachSecond(of: slices, of: sliceLength, before: end) { slice, place in
      history[slice].requests += seconds[place].sum.requests
      history[slice].errors += seconds[place].sum.errors
    }
    return DestinationTraffic(
      requests: sum.requests, errors: sum.unjudged > 0 ? nil : sum.errors, p50: sum.latencies.percentile(0.5),
      p99: sum.latencies.percentile(0.99), p99Low: sum.latencies.lowerEnd(of: 0.99), topFlag: sum.topFlag,
      history: history)
  }

  /// Everything from a moment (its whole second) up to another one, that one left out.
  func sum(from start: Timestamp, to end: Timestamp) -> TrafficSum {
    var sum = TrafficSum()
    for place in places(from: start.wholeSecond, to: end.wholeSecond) { sum.add(seconds[place].sum) }
    return sum
  }

  /// Equal slices of the time before a moment, oldest first.
  func slices(_ count: Int, of length: Int64, before end: Timestamp) -> [TrafficSum] {
    var slices = Array(repeating: TrafficSum(), count: count)
    eachSecond(of: count, of: length, before: end) { slice, place in slices[slice].add(seconds[place].sum) }
    return slices
  }

  private func eachSecond(
    of slices: Int, of length: Int64, before end: Timestamp, _ body: (_ slice: Int, _ place: Int) -> Void
  ) {
    let last = end.wholeSecond
    let first = last - Int64(slices) * length
    for place in places(from: first, to: last) { body(Int((seconds[place].start - first) / length), place) }
  }

  /// Where the seconds of a time stand, the last one left out. What is looked at is of late: looks from the end. Places
  /// rather than seconds, of which each copy would count references.
  private func places(from start: Int64, to end: Int64) -> Range<Int> {
    var upper = seconds.count
    while upper > 0, seconds[upper - 1].start >= end { upper -= 1 }
    var lower = upper
    while lower > 0, seconds[lower - 1].start >= start { lower -= 1 }
    return lower..<upper
  }

  /// Requests from a moment (its whole second) on.
  func requests(since start: Timestamp) -> Int {
    places(from: start.wholeSecond, to: .max).reduce(0) { $0 + seconds[$1].sum.requests }
  }

  /// The end of the last second in which there were requests.
  var lastRequest: Timestamp? {
    seconds.last { $0.sum.requests > 0 }.map { Timestamp(seconds: $0.start + 1) }
  }
}

extension Timestamp {
  /// Seconds since 1970, rounded down.
  var wholeSecond: Int64 {
    let (quotient, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return rest < 0 ? quotient - 1 : quotient
  }

  /// This moment if a second begins with it, else the next one that does.
  var nextWholeSecond: Timestamp {
    let down = Timestamp(seconds: wholeSecond)
    return down == self ? self : down + .seconds(1)
  }
}
