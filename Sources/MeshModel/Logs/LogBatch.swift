/// What has come of the logs that are read together: lines in the order of their times, and what is to be said between
/// them. A line may be older than lines of batches before.
public struct LogBatch: Hashable, Sendable {
  public var lines: [LogLine]
  /// In the order of their times.
  public var marks: [LogMark]
  /// How many of the logs that are wanted are read.
  public var coverage: LogCoverage?

  public init(lines: [LogLine] = [], marks: [LogMark] = [], coverage: LogCoverage? = nil) {
    self.lines = lines
    self.marks = marks
    self.coverage = coverage
  }

  /// Lines that were lost because the reader was slow.
  public var dropped: Int { marks.reduce(0) { $0 + $1.dropped } }
}

/// How many of the logs that are wanted are followed at once; fewer than all of them are a sample.
public struct LogCoverage: Hashable, Sendable {
  public var followed: Int
  public var wanted: Int

  public init(followed: Int, wanted: Int) {
    self.followed = followed
    self.wanted = wanted
  }

  public var isSample: Bool { followed < wanted }
}

/// Something that happened to a log, where it stands among the lines.
public struct LogMark: Hashable, Sendable {
  public enum Event: Hashable, Sendable {
    /// So many lines were lost here: they came faster than they were read, over so long a time.
    case dropped(Int, over: Duration)
    /// It could not be read for so long. What is still there was read afterwards.
    case broke(Trouble, for: Duration)
    /// Its pod came while others were read.
    case joined
    /// Its pod is gone; all that it wrote was read.
    case ended
  }

  public let proxy: ProxyID
  public let time: Timestamp
  public let event: Event

  public init(_ event: Event, proxy: ProxyID, time: Timestamp) {
    self.event = event
    self.proxy = proxy
    self.time = time
  }

  public var dropped: Int { if case .dropped(let count, _) = event { count } else { 0 } }
}

extension LogMark: CustomStringConvertible {
  /// A sentence about the log.
  public var description: String {
    switch event {
    case .dropped(let count, let span):
      "\(Figures.count(count, "line", "lines")) of \(proxy.pod) \(count == 1 ? "was" : "were") dropped here"
        + " (faster than they were read\(span > .zero ? ", for \(Figures.span(span))" : ""))"
    case .broke(let trouble, let span):
      "the log of \(proxy.pod) broke for \(Figures.span(span)) and goes on from here: \(trouble.what)"
    case .joined: "\(proxy.pod) has come"
    case .ended: "the log of \(proxy.pod) ends here: its pod is gone"
    }
  }
}
