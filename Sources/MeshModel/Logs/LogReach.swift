/// How much of logs is read.
public struct LogReach: Hashable, Sendable {
  public enum Start: Hashable, Sendable {
    /// Of each log, so many of its last lines.
    case last(lines: Int)
    case since(Timestamp)
  }

  /// The end of each log, and what comes.
  public static let tail = LogReach(.last(lines: 200))

  public let start: Start
  /// Whether to go on with what comes. Else all that is there is told in one order, and the feed ends.
  public let follows: Bool

  public init(_ start: Start, follows: Bool = true) {
    self.start = start
    self.follows = follows
  }
}
