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
        let fresh = lines.compactMap { place.take($0) }
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
        APIRequest(path: path, query: query, accept: "*/*", deadline: request.follows ? nil : request.deadline))
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

  private var last: (time: LogMoment, stamp: ArraySlice<UInt8>)?
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

  /// The line, unless it was told before the break.
  mutating func take(_ line: LineSplitter.Line) -> PodLogLine? {
    var bytes = line.bytes
    if bytes.last == 13 { bytes.removeLast() }
    let stamp = bytes.prefix(Self.longestStamp).prefix { $0 != 32 }
    guard let time = LogMoment(stamp) else {
      return PodLogLine(line, range: bytes.startIndex..<bytes.endIndex, time: nil)
    }
    let text = min(stamp.endIndex + 1, bytes.endIndex)..<bytes.endIndex
    if let last {
      if isCatchingUp, time < last.time { return nil }
      if isCatchingUp, time == last.time, toSkip > 0 {
        toSkip -= 1
        return nil
      }
      isCatchingUp = isCatchingUp && time == last.time
      // Two streams in one log: a line may be older than the one before it.
      guard time >= last.time else { return PodLogLine(line, range: text, time: time) }
      countAtLast = time == last.time ? countAtLast + 1 : 1
    } else {
      countAtLast = 1
    }
    last = (time, stamp)
    return PodLogLine(line, range: text, time: time)
  }
}
