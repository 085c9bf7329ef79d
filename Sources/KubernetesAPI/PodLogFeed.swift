import Transport

private let longestLine = 64 << 10

extension KubernetesClient {
  /// Reads the log of a container, in batches as they come. Slow readers hold the server back.
  public func log(_ request: PodLogRequest) -> AsyncStream<PodLogEvent> {
    let feed = PodLogFeed(client: self, request: request)
    return AsyncStream { await feed.next() }
  }
}

/// Where the reading of a log stands. An actor only so that the stream's closure may hold it: it is read by one.
private actor PodLogFeed {
  private let client: KubernetesClient
  private let request: PodLogRequest
  private var place = LogPlace()
  private var splitter = LineSplitter(limit: longestLine)
  private var chunks: HTTPBody.AsyncIterator?
  private var failures = 0
  private var pause = Duration.zero
  private var isOver = false
  private var jitter = Jitter(state: .random(in: 0 ... .max))

  init(client: KubernetesClient, request: PodLogRequest) {
    self.client = client
    self.request = request
  }

  func next() async -> PodLogEvent? {
    while !Task.isCancelled, !isOver {
      guard var chunks else { return await open() }
      do throws(TransportError) {
        let chunk = try await chunks.next(isolation: self)
        self.chunks = chunks
        let lines = chunk.map { splitter.take($0) } ?? lastLine()
        if chunk == nil { self.chunks = nil }
        let fresh = place.take(lines)
        if chunk == nil, !request.follows { isOver = true }
        if !fresh.isEmpty {
          failures = 0
          return .lines(fresh)
        }
        if isOver { return .ended }
      } catch {
        self.chunks = nil
        return trouble(.transport(error))
      }
    }
    return nil
  }

  private func lastLine() -> [LineSplitter.Line] {
    let rest = splitter.rest
    splitter = LineSplitter(limit: longestLine)
    return rest.range.isEmpty ? [] : [rest]
  }

  /// Begins, or goes on after a break.
  private func open() async -> PodLogEvent? {
    do { if pause > .zero { try await client.pause(pause) } } catch { return nil }
    pause = .zero
    splitter = LineSplitter(limit: longestLine)
    place.resume()
    var query: [(String, String?)] = [("container", request.container), ("timestamps", "true")]
    if request.follows { query.append(("follow", "true")) }
    switch (place.sinceTime, request.start) {
    case (let time?, _): query.append(("sinceTime", time))
    case (nil, .last(let lines)): query.append(("tailLines", String(lines)))
    case (nil, .since(let time)): query.append(("sinceTime", time))
    }
    do throws(KubernetesError) {
      let path = ResourceType.pod.path(in: request.pod.namespace, name: request.pod.name, subresource: "log")
      let response = try await client.send(
        APIRequest(
          path: path, query: query, accept: "*/*", deadline: request.follows ? nil : request.deadline,
          isAlone: request.follows))
      chunks = response.body.makeAsyncIterator()
      // A follow that ends at once, again and again, is not to become a storm.
      failures += 1
      pause = failures > 1 ? backOff() : .zero
      return .opened
    } catch {
      switch error {
      case .notFound, .notServed:
        isOver = true
        return .ended
      default: return trouble(error)
      }
    }
  }

  private func trouble(_ error: KubernetesError) -> PodLogEvent {
    failures += 1
    switch error {
    case .unauthorized, .forbidden, .noCredentials: pause = jitter.around(.seconds(20))
    case .tooManyRequests(let wanted?), .serverFailed(_, _, let wanted?): pause = jitter.around(wanted)
    default: pause = backOff()
    }
    return .trouble(error, retryIn: pause)
  }

  private func backOff() -> Duration {
    jitter.around(min(.seconds(15), .milliseconds(100) * (1 << min(failures, 8))))
  }
}

/// How far a log was read, by the times that the node puts before its lines.
struct LogPlace {
  private static let longestStamp = 64

  /// The newest time, and how it was written.
  private var last: (time: LogMoment, stamp: [UInt8])?
  /// How many lines carried the last time, and how many of them are still to be passed over after a break.
  private var countAtLast = 0
  private var toSkip = 0
  private var isCatchingUp = false

  /// What to ask for after a break; `nil` before the first line.
  var sinceTime: String? { last.map { String(decoding: $0.stamp, as: UTF8.self) } }

  /// From here on, lines that were told may come once more.
  mutating func resume() {
    isCatchingUp = last != nil
    toSkip = countAtLast
  }

  /// The lines, but for those that were told before the break.
  mutating func take(_ lines: [LineSplitter.Line]) -> [PodLogLine] {
    var fresh: [PodLogLine] = []
    fresh.reserveCapacity(lines.count)
    var newest = last?.time
    // Copied once for all lines: it is asked for after a break alone.
    var stamp: ArraySlice<UInt8>?
    for line in lines {
      let (time, length) = line.chunk.withUnsafeBufferPointer {
        Self.stamp(of: UnsafeBufferPointer(rebasing: $0[line.range]))
      }
      let end = line.endWithoutReturn
      guard let time else {
        fresh.append(PodLogLine(line, range: line.range.lowerBound..<end, time: nil))
        continue
      }
      let text = min(line.range.lowerBound + length + 1, end)..<end
      if let newest, time <= newest {
        if isCatchingUp, time < newest { continue }
        if isCatchingUp, time == newest, toSkip > 0 {
          toSkip -= 1
          continue
        }
        isCatchingUp = isCatchingUp && time == newest
        // Two streams in one log: a line may be older than the one before it.
        if time == newest { countAtLast += 1 }
      } else {
        isCatchingUp = false
        countAtLast = 1
        newest = time
        stamp = line.chunk[line.range.lowerBound..<line.range.lowerBound + length]
      }
      fresh.append(PodLogLine(line, range: text, time: time))
    }
    if let newest, let stamp { last = (newest, Array(stamp)) }
    return fresh
  }

  /// The time before a line, and how many bytes it takes.
  private static func stamp(of bytes: UnsafeBufferPointer<UInt8>) -> (LogMoment?, Int) {
    let length = bytes.prefix(longestStamp).firstIndex(of: 32) ?? min(longestStamp, bytes.count)
    return (LogMoment(UnsafeBufferPointer(rebasing: bytes[..<length])), length)
  }
}

extension LineSplitter.Line {
  /// Where its text ends: some programs end lines with a carriage return, too.
  fileprivate var endWithoutReturn: Int {
    !range.isEmpty && chunk[range.upperBound - 1] == 13 ? range.upperBound - 1 : range.upperBound
  }
}
