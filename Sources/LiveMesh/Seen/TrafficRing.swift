import MeshModel

/// The requests of one rule to one destination, by the second, for the last fifteen minutes. A second without requests
/// takes no memory.
struct TrafficRing: Sendable {
  static let span: Int64 = 15 * 60

  private struct Second: Sendable {
    let start: Int64
    var requests = 0
    var errors = 0
    /// Requests of which it is not known whether they failed.
    var unjudged = 0
    var latencies = LatencyCounts()
    var flags: [String: Int] = [:]
  }

  /// Ordered by time.
  private var seconds: [Second] = []

  var isEmpty: Bool { seconds.isEmpty }

  mutating func add(_ request: SeenRequest) {
    with(request.time) { second in
      second.requests += 1
      if let latency = request.duration { second.latencies.add(latency) }
      guard request.isError else { return }
      second.errors += 1
      for flag in request.flags.split(separator: ",") where flag != "-" {
        // Flags come from outside: a hostile log may not make this grow.
        guard second.flags.count < 32 || second.flags[String(flag)] != nil else { continue }
        second.flags[String(flag), default: 0] += 1
      }
    }
  }

  /// Counts of a proxy that keeps only sums.
  mutating func add(requests: Int, errors: Int?, latencies: LatencyCounts = LatencyCounts(), at time: Timestamp) {
    with(time) { second in
      second.requests += requests
      second.latencies.add(latencies)
      second.errors += errors ?? 0
      if errors == nil { second.unjudged += requests }
    }
  }

  /// The requests of another ring besides.
  mutating func add(_ other: TrafficRing) {
    for added in other.seconds {
      with(Timestamp(seconds: added.start)) { second in
        second.requests += added.requests
        second.errors += added.errors
        second.unjudged += added.unjudged
        second.latencies.add(added.latencies)
        second.flags.merge(added.flags, uniquingKeysWith: +)
      }
    }
  }

  private mutating func with(_ time: Timestamp, _ change: (inout Second) -> Void) {
    let start = time.wholeSecond
    var place = seconds.count
    // Lines come nearly in order: look from the end.
    while place > 0, seconds[place - 1].start > start { place -= 1 }
    if place > 0, seconds[place - 1].start == start {
      change(&seconds[place - 1])
    } else {
      guard start > (seconds.last?.start ?? start) - Self.span else { return }
      var second = Second(start: start)
      change(&second)
      seconds.insert(second, at: place)
    }
  }

  /// Forgets what is older than the span. To be called now and then.
  mutating func forget(before now: Timestamp) {
    let oldest = now.wholeSecond - Self.span
    let stale = seconds.prefix { $0.start < oldest }.count
    // In bulk, since the rest moves up.
    if stale > 60 || stale == seconds.count { seconds.removeFirst(stale) }
  }

  /// What happened from a moment (its whole second) up to another one, that one left out.
  func traffic(from start: Timestamp, to end: Timestamp, slices: Int, of sliceLength: Int64) -> DestinationTraffic {
    var requests = 0
    var errors = 0
    var unjudged = 0
    var latencies = LatencyCounts()
    var flags: [String: Int] = [:]
    var history = Array(repeating: DestinationTraffic.Slice(requests: 0, errors: 0), count: slices)
    let last = end.wholeSecond
    let firstOfHistory = last - Int64(slices) * sliceLength
    for second in seconds.reversed() {
      guard second.start < last else { continue }
      if second.start < start.wholeSecond, second.start < firstOfHistory { break }
      if second.start >= firstOfHistory {
        let slice = Int((second.start - firstOfHistory) / sliceLength)
        history[slice].requests += second.requests
        history[slice].errors += second.errors
      }
      guard second.start >= start.wholeSecond else { continue }
      requests += second.requests
      errors += second.errors
      unjudged += second.unjudged
      latencies.add(second.latencies)
      flags.merge(second.flags, uniquingKeysWith: +)
    }
    let topFlag = flags.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    return DestinationTraffic(
      requests: requests, errors: unjudged > 0 ? nil : errors, p50: latencies.percentile(0.5),
      p99: latencies.percentile(0.99), topFlag: topFlag.map { ResponseFlag(code: $0) }, history: history)
  }

  /// Requests from a moment (its whole second) on.
  func requests(since start: Timestamp) -> Int {
    seconds.reversed().prefix { $0.start >= start.wholeSecond }.reduce(0) { $0 + $1.requests }
  }

  /// The end of the last second in which there were requests.
  var lastRequest: Timestamp? {
    seconds.last { $0.requests > 0 }.map { Timestamp(seconds: $0.start + 1) }
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
