import KubernetesAPI
import MeshModel
import ProxyLogs
import Synchronization

/// The tail of the logs of some proxies as one feed: the end of what is there first, then what comes. A pod that
/// appears later is taken in; one that goes is read to its last line.
struct LogTail: Sendable {
  static let firstLines = 200
  /// Logs that are followed at once: over HTTP/1.1 each holds one of the connections to the API server.
  static let mostLogs = 40
  /// How long the first batch waits for all logs to have answered.
  private static let patience: Duration = .milliseconds(400)
  private static let interval: Duration = .milliseconds(100)

  let kubernetes: KubernetesClient
  let clock: MeshClock

  private final class Collected: Sendable {
    struct State {
      var merge = LogMerge()
      /// Logs that have not said anything yet.
      var silent: Set<ProxyID> = []
      var following: Set<ProxyID> = []
      /// Logs that were read to their end. One that has ended is not begun again while its pod is still listed.
      var ended: Set<ProxyID> = []
      var isKnown = false
      /// How many logs there are to follow.
      var wanted = 0

      mutating func take() -> LogBatch? {
        var batch = merge.take()
        if wanted > LogTail.mostLogs { batch?.sample = LogCoverage(followed: following.count, wanted: wanted) }
        return batch
      }

      /// Those of the listed proxies whose logs are to be begun.
      mutating func begin(_ listed: [ProxyID]) -> [ProxyID] {
        isKnown = true
        wanted = listed.count
        ended.formIntersection(listed)
        let new = listed.filter { !following.contains($0) && !ended.contains($0) }
          .prefix(max(0, LogTail.mostLogs - following.count))
        following.formUnion(new)
        silent.formUnion(new)
        return Array(new)
      }

      mutating func end(_ proxy: ProxyID) {
        following.remove(proxy)
        silent.remove(proxy)
        ended.insert(proxy)
      }
    }
    let state = Mutex(State())
  }

  /// Runs until it is cancelled. `listed` gives all proxies wanted, anew whenever others are.
  func run(_ listed: AsyncStream<[ProxyID]>, _ yield: @escaping @Sendable (FeedEvent<LogBatch>) -> Void) async {
    let collected = Collected()
    await withDiscardingTaskGroup { group in
      group.addTask { await tell(collected, yield) }
      for await proxies in listed {
        let new = collected.state.withLock { $0.begin(proxies) }
        if proxies.isEmpty {
          yield(
            .trouble(Trouble(.misconfigured, "no proxy is known behind this destination", remedy: "look at its pods")))
        }
        for proxy in new {
          group.addTask {
            await follow(proxy, collected, yield)
            collected.state.withLock { $0.end(proxy) }
          }
        }
      }
    }
  }

  private func tell(_ collected: Collected, _ yield: @Sendable (FeedEvent<LogBatch>) -> Void) async {
    while !collected.state.withLock({ $0.isKnown }), !Task.isCancelled { await clock.sleep(.milliseconds(20)) }
    let deadline = clock.now() + Self.patience
    while clock.now() < deadline, collected.state.withLock({ !$0.silent.isEmpty }), !Task.isCancelled {
      await clock.sleep(.milliseconds(20))
    }
    collected.state.withLock { $0.merge.keepNewest(Self.firstLines) }
    while !Task.isCancelled {
      if let batch = collected.state.withLock({ $0.take() }) { yield(.value(batch)) }
      await clock.sleep(Self.interval)
    }
  }

  private func follow(
    _ proxy: ProxyID, _ collected: Collected, _ yield: @Sendable (FeedEvent<LogBatch>) -> Void
  ) async {
    let request = PodLogRequest(
      pod: ObjectKey(namespace: proxy.namespace, name: proxy.pod), container: "istio-proxy",
      start: .last(lines: Self.firstLines))
    for await event in kubernetes.log(request) {
      switch event {
      case .lines(let lines):
        let read = lines.map { LogLine($0, of: proxy, now: clock.now()) }
        collected.state.withLock { state in
          state.merge.add(read)
          state.silent.remove(proxy)
        }
      case .trouble(let error, _): yield(.trouble(Trouble(error, doing: "read the log of \(proxy)")))
      case .ended:
        yield(
          .trouble(
            Trouble(
              .unreachable, "the log of \(proxy) has ended: its pod is gone", remedy: "open the log of another")))
      case .opened: break
      }
    }
  }
}

extension LogLine {
  /// A line as the API server gave it; its own time, else that at which the node got it, else now.
  init(_ line: PodLogLine, of proxy: ProxyID, now: Timestamp) {
    self.init(ProxyLogLine(line.text), proxy: proxy, arrival: Timestamp(line.time) ?? now)
  }
}
