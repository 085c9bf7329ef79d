import MeshModel

/// Makes one log of many: collects lines and gives them in the order of their times. What comes faster than it is
/// taken is dropped, the oldest first, and counted.
struct LogMerge: Sendable {
  static let mostLines = 2000

  private var waiting: [LogLine] = []
  private var dropped = 0

  mutating func add(_ lines: [LogLine]) {
    waiting += lines
    guard waiting.count > Self.mostLines else { return }
    waiting.sortByTime()
    let excess = waiting.count - Self.mostLines
    waiting.removeFirst(excess)
    dropped += excess
  }

  /// What has come since the last time; `nil` when nothing has.
  mutating func take() -> LogBatch? {
    guard !waiting.isEmpty || dropped > 0 else { return nil }
    waiting.sortByTime()
    defer { (waiting, dropped) = ([], 0) }
    return LogBatch(lines: waiting, dropped: dropped)
  }

  /// The newest lines alone: for the first batch, which each log fills with its own end.
  mutating func keepNewest(_ count: Int) {
    guard waiting.count > count else { return }
    waiting.sortByTime()
    waiting.removeFirst(waiting.count - count)
  }
}

extension [LogLine] {
  /// Lines of one moment keep the order in which they came.
  fileprivate mutating func sortByTime() {
    self = enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
  }
}
