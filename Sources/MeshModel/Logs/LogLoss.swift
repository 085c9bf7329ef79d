/// What was lost of one log since it was told last.
public struct LogLoss: Hashable, Sendable {
  public private(set) var lines = 0
  private var first: Timestamp
  private var last: Timestamp

  public init(from time: Timestamp) { (first, last) = (time, time) }

  public mutating func count(_ time: Timestamp) {
    lines += 1
    first = min(first, time)
    last = max(last, time)
  }

  /// Stands where the last lost line would.
  public func mark(of proxy: ProxyID) -> LogMark {
    LogMark(.dropped(lines, over: last - first), proxy: proxy, time: last)
  }
}
