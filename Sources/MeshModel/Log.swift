/// Whose log is wanted.
public enum LogQuery: Hashable, Sendable {
  case proxy(ProxyID)
  /// The proxies of the pods behind a destination.
  case destination(Destination)
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

/// Lines in the order of their times, and how many were lost before them because the reader was slow.
public struct LogBatch: Hashable, Sendable {
  public var lines: [LogLine]
  public var dropped: Int
  /// `nil` where all logs that are wanted are followed.
  public var sample: LogCoverage?

  public init(lines: [LogLine], dropped: Int = 0, sample: LogCoverage? = nil) {
    self.sample = sample
    self.lines = lines
    self.dropped = dropped
  }
}
