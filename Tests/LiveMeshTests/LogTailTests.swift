import KubernetesAPI
import MeshModel
import Synchronization
import Testing
import Transport

@testable import LiveMesh

@Suite(.timeLimit(.minutes(1)))
struct LogTailTests {
  /// An API server whose pods each have one line and stay.
  private let client = ScriptedClient { request in
    guard let pod = request.target.split(separator: "/").dropLast().last, pod.hasPrefix("p") else { return .open }
    return .status(200, "2026-11-23T01:12:47.071Z line of \(pod)\n")
  }

  private func tail() -> LogTail {
    let access = ClusterAccess(context: "prod", endpoint: Endpoint(host: "kubernetes.test"))
    return LogTail(kubernetes: KubernetesClient(access, over: client, gate: .readOnly), clock: .system)
  }

  /// The lines of a feed until enough have come.
  private func batches(of listed: AsyncStream<[ProxyID]>, _ take: @escaping @Sendable (LogBatch) -> Bool) async {
    let (events, event) = AsyncStream<LogBatch>.makeStream()
    let task = Task { [tail = tail()] in
      await tail.run(listed) { if case .value(let batch) = $0 { event.yield(batch) } }
    }
    for await batch in events where take(batch) { break }
    task.cancel()
  }

  @Test func aPodThatAppearsLaterIsTakenIn() async {
    let (listed, list) = AsyncStream<[ProxyID]>.makeStream()
    list.yield([ProxyID("p1.a")])
    let seen = Mutex<Set<String>>([])
    await batches(of: listed) { batch in
      let all = seen.withLock { seen in
        seen.formUnion(batch.lines.map(\.text))
        return seen
      }
      // The first one is gone from the list by then; what it wrote stays.
      if all.contains("line of p1") { list.yield([ProxyID("p2.a")]) }
      return all == ["line of p1", "line of p2"]
    }
    #expect(seen.withLock { $0 } == ["line of p1", "line of p2"])
  }

  @Test func moreLogsThanCanBeFollowedAreASample() async {
    let (listed, list) = AsyncStream<[ProxyID]>.makeStream()
    list.yield((0..<57).map { ProxyID("p\($0).a") })
    let seen = Mutex<Set<String>>([])
    await batches(of: listed) { batch in
      #expect(batch.sample == LogCoverage(followed: LogTail.mostLogs, wanted: 57))
      return seen.withLock { seen in
        seen.formUnion(batch.lines.map(\.text))
        return seen.count == LogTail.mostLogs
      }
    }
    let pods = Set(client.requests.map(\.target).compactMap { $0.split(separator: "/").dropLast().last })
    #expect(pods.count == LogTail.mostLogs)
  }
}
