import KubernetesAPI
import MeshModel
import ProxyLogs
import Synchronization

/// The tail of many logs as one feed: the end of what is there first, then what comes. A pod that appears later is taken
/// in; one that goes is read to its last line. What is not followed is read to the end of what is there, and told whole.
struct LogTail: Sendable {
  /// Of all logs together in the first batch of a tail.
  static let mostFirstLines = 2_000
  /// In bytes, of logs that are told whole; the oldest lines of more are dropped, and counted.
  static let mostAtOnce = 64 << 20
  /// Logs that are followed at once: each holds one of the connections to the API server.
  static let mostLogs = 60
  /// How long the first batch waits for all logs to have answered.
  private static let patience: Duration = .milliseconds(400)
  /// Between two batches: about as often as a person sees a change.
  private static let interval: Duration = .milliseconds(50)

  let kubernetes: KubernetesClient
  let clock: MeshClock
  var reach = LogReach.tail
  /// What lines may be written in besides the formats that are known.
  var formats: [AccessLogFormat] = []

  /// Which logs are followed, and which were.
  private struct Roll {
    /// Logs that have not said anything yet.
    var silent: Set<LogSource> = []
    var following: Set<LogSource> = []
    /// Logs that were read to their end. One that has ended is not begun again while its pod is still listed.
    var ended: Set<LogSource> = []
    var isKnown = false
    /// How many logs there are to follow.
    var wanted = 0

    /// Those of the listed logs that are to be begun.
    mutating func begin(_ listed: [LogSource]) -> [LogSource] {
      isKnown = true
      wanted = listed.count
      ended.formIntersection(listed)
      let new = listed.filter { !following.contains($0) && !ended.contains($0) }
        .prefix(max(0, LogTail.mostLogs - following.count))
      following.formUnion(new)
      silent.formUnion(new)
      return Array(new)
    }

    mutating func end(_ source: LogSource) {
      following.remove(source)
      silent.remove(source)
      ended.insert(source)
    }

    var coverage: LogCoverage { LogCoverage(followed: following.count, wanted: max(wanted, following.count)) }
  }

  private final class Shared: Sendable {
    let roll = Mutex(Roll())
    let collector: LogCollector

    /// What is not followed is told whole: it cannot wait for a reader.
    init(_ reach: LogReach) {
      collector =
        reach.follows ? LogCollector(overflow: reach.overflow) : LogCollector(limit: LogTail.mostAtOnce)
    }
  }

  /// Begins with the first reader and ends with it. What is not taken in time is dropped and counted in one place, the
  /// collector: nothing is queued behind it.
  func feed(_ listed: AsyncStream<LogSources.Event>) -> Feed<LogBatch> {
    let shared = Shared(reach)
    let task = Task { await run(listed, shared) }
    let leave = Leaving {
      task.cancel()
      shared.collector.close()
    }
    let reading = Reading(shared: shared, clock: clock, reach: reach, leave: leave)
    return AsyncStream(unfolding: { await reading.next() }, onCancel: { leave.now() })
  }

  private func run(_ listed: AsyncStream<LogSources.Event>, _ shared: Shared) async {
    await withDiscardingTaskGroup { group in
      var isFirst = true
      for await event in listed {
        guard case .logs(let sources, let isWhole) = event else {
          if case .trouble(let trouble) = event { shared.collector.note(trouble) }
          guard reach.follows else { break }
          continue
        }
        guard reach.follows || isWhole else { continue }
        let new = shared.roll.withLock { $0.begin(sources) }
        if sources.isEmpty {
          shared.collector.note(
            Trouble(.misconfigured, "no pod is known that has such a log", remedy: "look at the pods"))
        }
        for source in new {
          if !isFirst { shared.collector.add(LogMark(.joined, proxy: source.pod, time: clock.now())) }
          group.addTask {
            await follow(source, shared)
            guard reach.follows else { return }
            shared.roll.withLock { $0.end(source) }
            shared.collector.note(shared.roll.withLock { $0.coverage })
          }
        }
        shared.collector.note(shared.roll.withLock { $0.coverage })
        isFirst = isFirst && sources.isEmpty
        guard reach.follows else { break }
      }
    }
    if !reach.follows { shared.collector.close() }
  }

  private func follow(_ source: LogSource, _ shared: Shared) async {
    let request = PodLogRequest(
      pod: ObjectKey(namespace: source.pod.namespace, name: source.pod.pod), container: source.container,
      start: reach.podLogStart, follows: reach.follows, deadline: .seconds(300))
    var newest: Timestamp?
    var trouble: (what: Trouble, since: Timestamp)?
    for await event in kubernetes.log(request) {
      switch event {
      case .lines(let lines):
        let now = clock.now()
        let read = lines.map { LogLine($0, of: source.pod, now: now, formats: formats) }
        newest = max(newest ?? read[0].time, read.lazy.map(\.time).max() ?? now)
        await shared.collector.add(read)
        shared.roll.withLock { _ = $0.silent.remove(source) }
      case .trouble(let error, _):
        let what = Trouble(error, doing: "read the log of \(source.pod)")
        trouble = (what, trouble?.since ?? clock.now())
        shared.collector.note(what)
        shared.roll.withLock { _ = $0.silent.remove(source) }
        guard reach.follows else { return }
      case .opened:
        if let trouble, let newest {
          let mark = LogMark(.broke(trouble.what, for: clock.now() - trouble.since), proxy: source.pod, time: newest)
          shared.collector.add(mark)
        }
        trouble = nil
      case .ended:
        guard reach.follows else { return }
        shared.collector.add(LogMark(.ended, proxy: source.pod, time: newest ?? clock.now()))
      }
    }
  }

  /// Where the reader of the feed stands. An actor only so that the stream's closure may hold it: it is read by one.
  private actor Reading {
    private let shared: Shared
    private let clock: MeshClock
    private let reach: LogReach
    private var events: [FeedEvent<LogBatch>] = [.connecting]
    private var taken: Timestamp?
    /// Lets go of the logs when nobody reads any more.
    private let leave: Leaving

    init(shared: Shared, clock: MeshClock, reach: LogReach, leave: Leaving) {
      self.shared = shared
      self.clock = clock
      self.reach = reach
      self.leave = leave
    }

    func next() async -> FeedEvent<LogBatch>? {
      while events.isEmpty, !Task.isCancelled {
        if !reach.follows {
          guard taken == nil else { return nil }
          while !shared.collector.isClosed, !Task.isCancelled { await clock.sleep(.milliseconds(20)) }
        } else if let taken {
          await shared.collector.wait()
          // What comes after a silence is told at once, what comes all the time in lumps.
          let rest = LogTail.interval - (clock.now() - taken)
          if rest > .zero { await clock.sleep(rest) }
        } else {
          await waitForAll()
        }
        events = shared.collector.take(most: taken == nil && reach == .tail ? LogTail.mostFirstLines : .max)
        taken = clock.now()
      }
      return Task.isCancelled ? nil : events.removeFirst()
    }

    /// Until each log has told its end or the patience is over: what comes first is to be in order.
    private func waitForAll() async {
      while !shared.roll.withLock({ $0.isKnown }), !Task.isCancelled { await clock.sleep(.milliseconds(20)) }
      let deadline = clock.now() + LogTail.patience
      while clock.now() < deadline, shared.roll.withLock({ !$0.silent.isEmpty }), !Task.isCancelled {
        await clock.sleep(.milliseconds(20))
      }
    }
  }
}

extension LogReach {
  fileprivate var podLogStart: PodLogRequest.Start {
    switch start {
    case .last(let lines): .last(lines: lines)
    case .since(let time): .since(time.rfc3339)
    }
  }
}

extension LogLine {
  /// A line as the API server gave it; its own time, else that at which the node got it, else now.
  init(_ line: PodLogLine, of proxy: ProxyID, now: Timestamp, formats: [AccessLogFormat]) {
    self.init(ProxyLogLine(line, formats: formats), proxy: proxy, arrival: line.arrival ?? now)
  }
}

extension ProxyLogLine {
  /// It shares the memory of the line.
  init(_ line: PodLogLine, formats: [AccessLogFormat] = []) {
    self.init(LogText(line.chunk, line.range, isCut: line.isCut), formats: formats)
  }
}

extension PodLogLine {
  /// When the node received it.
  var arrival: Timestamp? { nanoseconds.map { Timestamp(nanoseconds: $0) } }
}
