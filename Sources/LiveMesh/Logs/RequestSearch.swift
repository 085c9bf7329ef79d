import Glibc
import KubernetesAPI
import MeshModel
import ProxyLogs

/// Looks for the lines of one request in the logs of many proxies: those that are not followed, and of what was written
/// before they were.
struct RequestSearch: Sendable {
  /// Logs that are read; a request that goes further is a sample of its hops.
  static let mostLogs = 200
  /// Logs that are read at once.
  private static let atOnce = 12
  /// Bytes that are read of one log.
  private static let mostBytes = 64 << 20
  /// A proxy writes its line when the request has ended, and the node gets it when the proxy flushes.
  private static let before: Duration = .seconds(30)
  private static let after: Duration = .seconds(30)

  let kubernetes: KubernetesClient
  let id: String
  let times: ClosedRange<Timestamp>
  let clock: MeshClock
  var formats: [AccessLogFormat] = []

  /// Tells what is known whenever a log has been read. Ends when all have.
  func run(_ sources: [LogSource], _ tell: @Sendable (RequestTrail) -> Void) async {
    var left = sources.prefix(Self.mostLogs)[...]
    var trail = RequestTrail(id: id, coverage: LogCoverage(followed: 0, wanted: left.count))
    tell(trail)
    await withTaskGroup(of: (lines: [LogLine], trouble: Trouble?).self) { group in
      func begin() {
        guard let source = left.popFirst() else { return }
        group.addTask { await read(source) }
      }
      for _ in 0..<Self.atOnce { begin() }
      while let (lines, trouble) = await group.next() {
        begin()
        trail.coverage.followed += 1
        trail.lines += lines
        if let trouble, !trail.troubles.contains(trouble) { trail.troubles.append(trouble) }
        tell(trail)
      }
    }
  }

  private func read(_ source: LogSource) async -> (lines: [LogLine], trouble: Trouble?) {
    let (first, last) = (times.lowerBound - Self.before, times.upperBound + Self.after)
    let request = PodLogRequest(
      pod: ObjectKey(namespace: source.pod.namespace, name: source.pod.pod), container: source.container,
      start: .since(first.rfc3339), follows: false, deadline: .seconds(20))
    let needle = Array(id.utf8)
    var found: [LogLine] = []
    var size = 0
    for await event in kubernetes.log(request) {
      switch event {
      case .opened, .ended: break
      case .trouble(let error, _): return (found, Trouble(error, doing: "read the log of \(source.pod)"))
      case .lines(let lines):
        let now = clock.now()
        for line in lines where line.contains(needle) {
          found.append(LogLine(line, of: source.pod, now: now, formats: formats))
        }
        size += lines.reduce(0) { $0 + $1.range.count }
        if let time = lines.last?.nanoseconds, Timestamp(nanoseconds: time) > last { return (found, nil) }
        guard size < Self.mostBytes else {
          return (
            found,
            Trouble(.malformed, "the log of \(source.pod) is longer than 64 MB around that time; its end was not read")
          )
        }
      }
    }
    return (found, nil)
  }
}

extension PodLogLine {
  /// Looks for the first byte, then compares: an id is rare, and so is its first byte in the right place.
  fileprivate func contains(_ needle: [UInt8]) -> Bool {
    guard let first = needle.first, needle.count <= range.count else { return false }
    return chunk.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return false }
      var place = range.lowerBound
      let last = range.upperBound - needle.count
      while place <= last, let found = memchr(base + place, Int32(first), last - place + 1) {
        if memcmp(found, needle, needle.count) == 0 { return true }
        place = UnsafeRawPointer(found) - base + 1
      }
      return false
    }
  }
}
