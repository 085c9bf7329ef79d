import EnvoyAPI
import KubernetesAPI
import MeshModel
import Synchronization

/// The tail of the logs of some proxies as one feed: the end of what is there first, then what comes.
struct LogTail: Sendable {
  static let firstLines = 200
  /// How long the first batch waits for all logs to have answered.
  private static let patience: Duration = .milliseconds(400)
  private static let interval: Duration = .milliseconds(100)

  let kubernetes: KubernetesClient
  let clock: MeshClock

  private final class Collected: Sendable {
    struct State {
      var merge = LogMerge()
      /// Logs that have not said anything yet.
      var silent: Int
    }
    let state: Mutex<State>
    init(logs: Int) { state = Mutex(State(silent: logs)) }
  }

  /// Runs until it is cancelled; a log that ends is told of as trouble.
  func run(_ proxies: [ProxyID], _ yield: @escaping @Sendable (FeedEvent<LogBatch>) -> Void) async {
    let collected = Collected(logs: proxies.count)
    await withTaskGroup(of: Void.self) { group in
      for proxy in proxies { group.addTask { await follow(proxy, collected, yield) } }
      group.addTask {
        let deadline = clock.now() + Self.patience
        while clock.now() < deadline, collected.state.withLock({ $0.silent > 0 }), !Task.isCancelled {
          await clock.sleep(.milliseconds(20))
        }
        collected.state.withLock { $0.merge.keepNewest(Self.firstLines) }
        while !Task.isCancelled {
          if let batch = collected.state.withLock({ $0.merge.take() }) { yield(.value(batch)) }
          await clock.sleep(Self.interval)
        }
      }
    }
  }

  private func follow(
    _ proxy: ProxyID, _ collected: Collected, _ yield: @Sendable (FeedEvent<LogBatch>) -> Void
  ) async {
    let request = PodLogRequest(
      pod: ObjectKey(namespace: proxy.namespace, name: proxy.pod), container: "istio-proxy",
      start: .last(lines: Self.firstLines))
    var hasSpoken = false
    for await event in kubernetes.log(request) {
      switch event {
      case .lines(let lines):
        let read = lines.map { LogLine($0, of: proxy, now: clock.now()) }
        collected.state.withLock { state in
          state.merge.add(read)
          if !hasSpoken { state.silent -= 1 }
        }
        hasSpoken = true
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
    let read = ProxyLogLine(line.text)
    let own = read.access?.startNanoseconds.map { Timestamp(nanoseconds: $0) }
    self.init(
      proxy: proxy, time: own ?? Timestamp(line.time) ?? now, text: line.text,
      access: read.access.map(AccessFields.init))
  }
}

extension AccessFields {
  init(_ line: AccessLogLine) {
    let direction: Direction =
      switch line.direction {
      case .inbound: .inbound
      case .outbound: .outbound
      case nil: .unknown
      }
    self.init(
      direction: direction, method: line[.method] ?? "-", path: line[.path] ?? "-", code: line.responseCode ?? 0,
      flags: line[.responseFlags] ?? "-", duration: line.duration,
      upstream: line[.upstreamCluster] ?? line[.upstreamHost] ?? "-", requestID: line[.requestID] ?? "-")
  }
}
