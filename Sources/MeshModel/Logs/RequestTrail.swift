internal import ProxyLogs

/// Everything that logs tell of one request, as far as they were read.
public struct RequestTrail: Hashable, Sendable {
  public let id: String
  /// The lines that name it, of whatever proxies, each once.
  public var lines: [LogLine]
  /// How many of the logs that may have such lines were read.
  public var coverage: LogCoverage
  /// Why logs could not be read, each once.
  public var troubles: [Trouble]

  public init(id: String, lines: [LogLine] = [], coverage: LogCoverage, troubles: [Trouble] = []) {
    self.id = id
    self.lines = lines
    self.coverage = coverage
    self.troubles = troubles
  }

  /// Whether all logs have been read that are to be.
  public var isDone: Bool { !coverage.isSample }
}

/// A request on its way through one proxy: what one line tells.
public struct RequestHop: Hashable, Sendable {
  public let line: LogLine
  /// When it came to the proxy, by that machine's clock.
  public let start: Timestamp
  /// Until the response had left again; `nil` where the line does not say.
  public let duration: Duration?
  /// How many hops stand between this one and where the request came in.
  public let depth: Int
  /// What was not spent at the hops behind this one; `nil` where the line does not say how long it took.
  public let ownTime: Duration?
  /// How many hops stand directly behind it: of an outbound hop, how often it was tried.
  public let children: Int
}

extension RequestHop {
  /// The hops of one request in causal order: each before those that it caused, and these by their times. An inbound hop
  /// belongs to the outbound one that was sent to its address, else to the shortest that was under way when it began; an
  /// outbound one to the inbound hop of its own proxy. Clocks of machines differ: addresses count before times. Lines
  /// that are no access-log lines are left out.
  public static func all(in lines: some Sequence<LogLine>) -> [RequestHop] {
    let parts = lines.lazy.compactMap(Part.init).prefix(most).sorted { ($0.start, $0.order) < ($1.start, $1.order) }
    let parents = Self.parents(of: parts)
    var children: [Int: [Int]] = [:]
    for place in parts.indices { if let parent = parents[place] { children[parent, default: []].append(place) } }
    let roots = parts.indices.filter { parents[$0] == nil }
    var hops: [RequestHop] = []
    var left = roots.reversed().map { (place: $0, depth: 0) }
    while let (place, depth) = left.popLast() {
      let part = parts[place]
      let behind = children[place] ?? []
      let spent = behind.compactMap { parts[$0].duration }.reduce(.zero, +)
      hops.append(
        RequestHop(
          line: part.line, start: part.start, duration: part.duration, depth: depth,
          ownTime: part.duration.map { max(.zero, $0 - spent) }, children: behind.count))
      left += behind.reversed().map { ($0, depth + 1) }
    }
    return hops
  }

  /// One line, before its place is known.
  private struct Part {
    let line: LogLine
    let start: Timestamp
    let duration: Duration?
    let direction: AccessFields.Direction
    let upstream: String?
    let local: String?

    init?(_ line: LogLine) {
      guard let access = line.access else { return nil }
      self.line = line
      start = line.time
      duration = access.duration
      direction = access.direction
      upstream = line[.upstreamHost]
      local = line[.downstreamLocalAddress]
    }

    /// An outbound hop stands before the inbound one of the same moment.
    var order: Int { direction == .inbound ? 1 : 0 }

    func isUnderWay(at moment: Timestamp, within skew: Duration) -> Bool {
      start - skew <= moment && moment <= start + (duration ?? .zero) + skew
    }
  }

  /// More lines than this name one request only where somebody forges its id.
  private static let most = 500
  /// Machines' clocks may differ by as much where nothing but times tell.
  private static let skew: Duration = .milliseconds(5)

  /// For each hop the place of the one that caused it.
  private static func parents(of parts: [Part]) -> [Int?] {
    var parents = [Int?](repeating: nil, count: parts.count)
    for place in parts.indices {
      parents[place] = candidates(for: place, in: parts).first { candidate in
        // Whatever the lines say: nothing is behind itself.
        var above: Int? = candidate
        while let next = above, next != place { above = parents[next] }
        return above == nil
      }
    }
    return parents
  }

  /// The hops that may have caused another one, the likeliest first.
  private static func candidates(for place: Int, in parts: [Part]) -> [Int] {
    let child = parts[place]
    if child.direction == .inbound {
      let others = parts.indices.filter { parts[$0].direction != .inbound && parts[$0].line.proxy != child.line.proxy }
      let addressed = others.filter { parts[$0].upstream != nil && parts[$0].upstream == child.local }
      guard addressed.isEmpty else {
        return addressed.sorted { distance(parts[$0], child) < distance(parts[$1], child) }
      }
      return others.filter { parts[$0].isUnderWay(at: child.start, within: skew) }.sorted {
        isShorter(parts[$0], parts[$1])
      }
    }
    return parts.indices.filter {
      parts[$0].direction == .inbound && parts[$0].line.proxy == child.line.proxy
        && parts[$0].isUnderWay(at: child.start, within: .zero)
    }.sorted { isShorter(parts[$0], parts[$1]) }
  }

  private static func isShorter(_ one: Part, _ other: Part) -> Bool {
    (one.duration ?? .zero) < (other.duration ?? .zero)
  }

  private static func distance(_ one: Part, _ other: Part) -> UInt64 { (one.start - other.start).nanoseconds.magnitude }
}
