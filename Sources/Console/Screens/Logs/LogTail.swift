import MeshModel

/// One row of the tail.
struct LogEntry: Equatable, Sendable {
  enum Content: Equatable, Sendable {
    case line(LogLine)
    /// So many lines were lost here because they came faster than they were read.
    case dropped(Int)
  }

  /// Counts up over the life of the tail: what is selected stays selected while older rows fall out.
  let number: Int
  let content: Content
}

/// The tail of a proxy's or a destination's log: the newest rows, up to a bound.
struct LogTail: Equatable, Sendable {
  enum Mode: Equatable, Sendable {
    /// The newest row is in sight.
    case following
    /// A row stays in sight while others come.
    case paused(at: Int)
  }

  /// At most so many rows are kept; older ones fall out.
  static let capacity = 5_000
  /// A longer line is cut: its end is of no use on a screen, and a hostile one must not fill the memory.
  static let longestLine = 16_384

  let query: LogQuery?
  private(set) var freshness = Freshness.waiting
  private(set) var entries: [LogEntry] = []
  /// Those of the entries that pass the filter.
  private(set) var shown: [LogEntry] = []
  private(set) var filter = TextFilter()
  private(set) var dropped = 0
  private(set) var sample: LogCoverage?
  private var next = 0
  var mode = Mode.following
  var scrolling = Scrolling()
  /// Columns scrolled to the right.
  var pan = 0

  init(_ query: LogQuery? = nil) { self.query = query }

  mutating func take(_ event: FeedEvent<LogBatch>, at now: Timestamp) {
    switch event {
    case .connecting: break
    case .value(let batch):
      freshness = .live(asOf: now)
      sample = batch.sample
      append(batch)
    case .trouble(let trouble):
      if case .live(let moment) = freshness {
        freshness = .stale(asOf: moment, trouble)
      } else if case .stale(let moment, _) = freshness {
        freshness = .stale(asOf: moment, trouble)
      } else {
        freshness = .stale(asOf: nil, trouble)
      }
    }
  }

  private mutating func append(_ batch: LogBatch) {
    if batch.dropped > 0 {
      dropped += batch.dropped
      append(.dropped(batch.dropped))
    }
    for line in batch.lines { append(.line(line.bounded)) }
    // In lumps, so that a row costs no shifting of all others.
    if entries.count > Self.capacity + 500 {
      entries.removeFirst(entries.count - Self.capacity)
      let oldest = entries[0].number
      if let first = shown.firstIndex(where: { $0.number >= oldest }) {
        shown.removeFirst(first)
      } else {
        shown = []
      }
    }
  }

  private mutating func append(_ content: LogEntry.Content) {
    let entry = LogEntry(number: next, content: content)
    next += 1
    entries.append(entry)
    if passes(entry) { shown.append(entry) }
  }

  /// A gap is always shown: what is missing could have passed.
  private func passes(_ entry: LogEntry) -> Bool {
    switch entry.content {
    case .dropped: true
    case .line(let line): filter.matches(line.text) || filter.matches(line.proxy.name)
    }
  }

  mutating func setFilter(_ new: TextFilter) {
    filter = new
    shown = filter.isEmpty ? entries : entries.filter(passes)
  }

  /// The place of the selected row in `shown`.
  var selected: Int {
    guard case .paused(let number) = mode else { return max(0, shown.count - 1) }
    // The rows are in the order of their numbers.
    var low = 0, high = shown.count
    while low < high {
      let middle = (low + high) / 2
      if shown[middle].number < number { low = middle + 1 } else { high = middle }
    }
    return max(0, min(low, shown.count - 1))
  }

  /// How many rows came after the selected one.
  var newer: Int { shown.isEmpty ? 0 : shown.count - 1 - selected }
}

extension LogLine {
  fileprivate var bounded: LogLine {
    guard text.utf8.count > LogTail.longestLine else { return self }
    return LogLine(proxy: proxy, time: time, text: String(text.prefix(LogTail.longestLine)), access: access)
  }
}
