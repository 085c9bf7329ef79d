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

/// One line of a log. It shares the memory of the chunk that it came in with that chunk's other lines: copy what is to
/// be kept for long.
public struct PodLogLine: Sendable {
  public let chunk: [UInt8]
  /// Where the line stands in the chunk, without the time before it and its end. May hold any bytes but a line feed.
  public let range: Range<Int>
  /// When the node received it, in nanoseconds since 1970; `nil` where the line carries no time.
  public let nanoseconds: Int64?
  /// It was longer than 64 KB and the rest is lost.
  public let isCut: Bool
  /// How much of what stands before the line is its time.
  private let stampLength: Int

  init(_ line: LineSplitter.Line, range: Range<Int>, time: LogMoment?) {
    chunk = line.chunk
    self.range = range
    nanoseconds = time?.nanosecondsSince1970
    isCut = line.isCut
    stampLength = time == nil ? 0 : range.lowerBound - line.range.lowerBound
  }

  /// The time as the node wrote it, RFC 3339 with nanoseconds; empty where the line carries none.
  public var time: String {
    let stamp = chunk[range.lowerBound - stampLength..<range.lowerBound].prefix { $0 != UInt8(ascii: " ") }
    return String(decoding: stamp, as: UTF8.self)
  }

  /// Bytes that are not UTF-8 become replacement characters; control characters stay.
  public var text: String { String(decoding: chunk[range], as: UTF8.self) }
}

extension PodLogLine: Equatable {
  public static func == (one: PodLogLine, other: PodLogLine) -> Bool {
    one.isCut == other.isCut && one.nanoseconds == other.nanoseconds && one.chunk[one.range] == other.chunk[other.range]
  }
}
