/// How much of logs is read.
public struct LogReach: Hashable, Sendable {
  public enum Start: Hashable, Sendable {
    /// Of each log, so many of its last lines.
    case last(lines: Int)
    case since(Timestamp)
  }

  /// What becomes of lines that come faster than they are taken.
  public enum Overflow: Hashable, Sendable {
    /// The oldest that wait are dropped, and counted to the line: what is read is never old.
    case drops
    /// The logs wait: nothing is lost, and what is read may be late.
    case waits
  }

  /// The end of each log, and what comes.
  public static let tail = LogReach(.last(lines: 200))

  public let start: Start
  /// Whether to go on with what comes. Else all that is there is told in one order, and the feed ends.
  public let follows: Bool
  /// Of what is followed.
  public let overflow: Overflow

  public init(_ start: Start, follows: Bool = true, overflow: Overflow = .drops) {
    self.start = start
    self.follows = follows
    self.overflow = overflow
  }
}
