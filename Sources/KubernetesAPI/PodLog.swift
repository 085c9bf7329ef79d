/// Which log of a pod to read, and from where.
public struct PodLogRequest: Hashable, Sendable {
  public enum Start: Hashable, Sendable {
    /// The last lines that are there.
    case last(lines: Int)
    /// RFC 3339.
    case since(String)
  }

  public var pod: ObjectKey
  public var container: String
  public var start: Start
  /// Whether to wait for more, until the pod is gone.
  public var follows: Bool
  /// How long an answer that is not followed may take.
  public var deadline: Duration

  public init(
    pod: ObjectKey, container: String, start: Start = .last(lines: 100), follows: Bool = true,
    deadline: Duration = .seconds(60)
  ) {
    self.deadline = deadline
    self.pod = pod
    self.container = container
    self.start = start
    self.follows = follows
  }
}

/// What happens to a log that is read.
public enum PodLogEvent: Equatable, Sendable {
  /// The server answers; what follows is new.
  case opened
  case lines([PodLogLine])
  /// It broke and is tried again after the time given. No line is lost or told twice, as far as the node still has it.
  case trouble(KubernetesError, retryIn: Duration)
  /// The pod or its container is gone, or all is read. The last event.
  case ended
}

public struct PodLogLine: Hashable, Sendable {
  /// When the node received it, RFC 3339 with nanoseconds; empty where the line carries none.
  public let time: String
  /// Without the time and the line feed. May hold any control characters but that.
  public let text: String
  /// It was longer than 64 KB and the rest is lost.
  public let isCut: Bool
}
