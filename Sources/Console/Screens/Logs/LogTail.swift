import MeshModel

/// The tail of some logs: the newest rows, up to a bound in bytes, and those of them that are shown.
struct LogTail: Equatable, Sendable {
  enum Mode: Equatable, Sendable {
    /// The newest row is in sight.
    case following
    /// A row stays in sight while others come.
    case paused(at: LogEntry.Key)

    var held: LogEntry.Key? { if case .paused(let key) = self { key } else { nil } }
  }

  let query: LogQuery?
  private(set) var freshness = Freshness.waiting
  private(set) var ring: LogRing
  var lens: LogLens
  private(set) var sift = LogSift()
  /// Lines that were lost since the tail was opened.
  private(set) var dropped = 0
  private(set) var coverage: LogCoverage?
  private(set) var rate = LogRate()
  /// Lines that found no room while a row was held in sight; told in the ring when there is room again.
  private var losses: [ProxyID: LogLoss] = [:]
  /// The request that is followed through all proxies, where one is.
  var following: FollowedRequest?
  /// Rows that a person has marked, in order.
  private(set) var marked: [LogEntry.Key] = []
  /// What stands most often, where it is counted.
  var top: LogTopTable?
  /// By what it was counted last.
  var topSubject = LogTop.Subject.paths
  var mode = Mode.following
  var scrolling = Scrolling()
  /// Columns scrolled to the right.
  var pan = 0

  init(_ query: LogQuery? = nil, lens: LogLens = LogLens(), limit: Int = LogSettings.standardRing) {
    self.query = query
    self.lens = lens
    ring = LogRing(limit: limit)
  }

  mutating func take(_ event: FeedEvent<LogBatch>, at now: Timestamp) {
    switch event {
    case .connecting: break
    case .value(let batch):
      freshness = .live(asOf: now)
      coverage = batch.coverage
      rate.add(batch.lines.count + batch.dropped, at: now)
      append(batch)
    case .trouble(let trouble):
      switch freshness {
      case .live(let moment), .stale(let moment?, _): freshness = .stale(asOf: moment, trouble)
      case .waiting, .stale(nil, _): freshness = .stale(asOf: nil, trouble)
      }
    }
  }

  private mutating func append(_ batch: LogBatch) {
    dropped += batch.dropped
    var batch = batch
    // What a person reads does not fall out under their eyes: then the newest finds no room.
    if ring.cost >= ring.limit, mode.held.map({ ring.place(of: $0) == 0 }) ?? false {
      for line in batch.lines { losses[line.proxy, default: LogLoss(from: line.time)].count(line.time) }
      dropped += batch.lines.count
      batch.lines = []
    } else {
      batch.marks += losses.map { $1.mark(of: $0) }
      batch.marks.sort { $0.time < $1.time }
      losses = [:]
    }
    let new = ring.number(batch)
    ring.add(new)
    let passing = sift.take(new, lens)
    top?.take(passing)
    let fallen = ring.trim(holding: mode.held)
    sift.drop(fallen)
    if let last = fallen.last { marked.removeFirst(marked.place(of: last.key.next)) }
  }

  /// Marks the selected row, or takes its mark away.
  mutating func toggleMark() {
    guard shown.indices.contains(selected) else { return }
    let key = shown[selected]
    let place = marked.place(of: key)
    if isMarked(key) { marked.remove(at: place) } else { marked.insert(key, at: place) }
  }

  func isMarked(_ key: LogEntry.Key) -> Bool {
    let place = marked.place(of: key)
    return place < marked.count && marked[place] == key
  }

  /// Takes what is typed; nothing for an empty text, and what cannot be read changes nothing. The first rows are asked
  /// at once, the rest by `advance`.
  mutating func ask(_ question: LogLens.Question, _ text: String) {
    var filter: LogFilter?
    if !text.allSatisfy(\.isWhitespace) {
      guard let readable = try? LogFilter(text) else { return }
      filter = readable
    }
    guard filter != lens[question] else { return }
    lens[question] = filter
    guard question != .highlight else { return }
    sift.restart()
    if let top { self.top = LogTopTable(top.subject) }
    advance()
  }

  /// Asks some more rows, where not all have been asked yet; then counts some.
  mutating func advance() {
    sift.step(ring, lens)
    if !sift.isUnderWay { top?.step(sift.rows, ring) }
  }

  /// Whether `advance` has something to do.
  var isUnderWay: Bool { sift.isUnderWay || top?.isUnderWay ?? false }

  /// The rows that are shown, in order.
  var shown: [LogEntry.Key] { sift.rows }

  /// The place of the selected row in `shown`.
  var selected: Int {
    guard case .paused(let key) = mode else { return max(0, shown.count - 1) }
    return max(0, min(shown.place(of: key), shown.count - 1))
  }

  /// The row at a place of `shown`.
  func entry(_ place: Int) -> LogEntry? { shown.indices.contains(place) ? ring[shown[place]] : nil }

  /// How many rows came after the selected one.
  var newer: Int { shown.isEmpty ? 0 : shown.count - 1 - selected }
}

/// A request whose way through the mesh is shown.
struct FollowedRequest: Equatable, Sendable {
  let id: String
  /// Around its line that was selected.
  let times: ClosedRange<Timestamp>
  var found = Known<RequestTrail>()
}

/// How many lines come in a second, over the last few.
struct LogRate: Equatable, Sendable {
  private var counts: [(second: Int64, lines: Int)] = []

  mutating func add(_ lines: Int, at now: Timestamp) {
    let second = now.nanoseconds / 1_000_000_000
    if counts.last?.second == second { counts[counts.count - 1].lines += lines } else { counts.append((second, lines)) }
    counts.removeAll { $0.second < second - 5 }
  }

  /// `nil` before a whole second has passed.
  func perSecond(at now: Timestamp) -> Double? {
    let second = now.nanoseconds / 1_000_000_000
    let whole = counts.filter { $0.second < second && $0.second >= second - 5 }
    guard let first = counts.first?.second, first < second else { return nil }
    return Double(whole.reduce(0) { $0 + $1.lines }) / Double(min(5, second - first))
  }

  static func == (one: LogRate, other: LogRate) -> Bool { one.counts.elementsEqual(other.counts) { $0 == $1 } }
}
