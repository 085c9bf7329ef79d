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

  private func tail(_ client: ScriptedClient, _ reach: LogReach = .tail) -> LogTail {
    let access = ClusterAccess(context: "prod", endpoint: Endpoint(host: "kubernetes.test"))
    return LogTail(kubernetes: KubernetesClient(access, over: client, gate: .readOnly), clock: .system, reach: reach)
  }

  private func sources(_ pods: [String]) -> LogSources.Event { .logs(pods.map { LogSource(ProxyID("\($0).a")) }) }

  @Test func aPodThatAppearsLaterIsTakenInAndSaidToHaveCome() async {
    let (listed, list) = AsyncStream<LogSources.Event>.makeStream()
    list.yield(sources(["p1"]))
    var texts: Set<String> = []
    var marks: [LogMark] = []
    for await event in tail(client).feed(listed) {
      guard case .value(let batch) = event else { continue }
      texts.formUnion(batch.lines.map(\.text))
      marks += batch.marks
      // The first one is gone from the list by then; what it wrote stays.
      if texts == ["line of p1"], marks.isEmpty { list.yield(sources(["p2"])) }
      if texts == ["line of p1", "line of p2"] { break }
    }
    #expect(marks.filter { $0.event == .joined }.map(\.proxy) == [ProxyID("p2.a")])
  }

  @Test func moreLogsThanCanBeFollowedAreASample() async {
    let (listed, list) = AsyncStream<LogSources.Event>.makeStream()
    list.yield(sources((0..<77).map { "p\($0)" }))
    var texts: Set<String> = []
    for await event in tail(client).feed(listed) {
      guard case .value(let batch) = event else { continue }
      #expect(batch.coverage == LogCoverage(followed: LogTail.mostLogs, wanted: 77))
      texts.formUnion(batch.lines.map(\.text))
      if texts.count == LogTail.mostLogs { break }
    }
    let pods = Set(client.requests.map(\.target).compactMap { $0.split(separator: "/").dropLast().last })
    #expect(pods.count == LogTail.mostLogs)
  }

  /// The log of `p` breaks in the middle, then goes on from the last line, then its pod is gone.
  @Test func aBreakIsMarkedWhereItWasAndNoLineIsToldTwice() async {
    let answers = Mutex([
      ScriptedClient.Answer.status(200, "2026-11-23T01:00:01Z a\n2026-11-23T01:00:02Z b\n"),
      .status(503, "busy"),
      .status(200, "2026-11-23T01:00:02Z b\n2026-11-23T01:00:03Z c\n"),
    ])
    let client = ScriptedClient { _ in
      answers.withLock { $0.isEmpty ? .status(404, #"{"kind":"Status","code":404}"#) : $0.removeFirst() }
    }
    let (listed, list) = AsyncStream<LogSources.Event>.makeStream()
    list.yield(sources(["p"]))
    var texts: [String] = []
    var marks: [LogMark] = []
    var troubles = 0
    for await event in tail(client).feed(listed) {
      if case .trouble = event { troubles += 1 }
      guard case .value(let batch) = event else { continue }
      texts += batch.lines.map(\.text)
      marks += batch.marks
      if marks.contains(where: { $0.event == .ended }) { break }
    }
    #expect(texts == ["a", "b", "c"])
    #expect(troubles > 0)
    #expect(marks.map(\.time) == [Timestamp("2026-11-23T01:00:02Z"), Timestamp("2026-11-23T01:00:03Z")])
    guard case .broke(let trouble, _)? = marks.first?.event else {
      Issue.record("no mark of the break: \(marks)")
      return
    }
    #expect(trouble.what.contains("503") || trouble.kind == .serverFailed)
  }

  /// Not followed: lines of all logs in one order, however slowly one of them came, and then the end.
  @Test func whatIsNotFollowedIsToldWholeAndEnds() async {
    let since = Timestamp(seconds: 1_795_396_367)
    let client = ScriptedClient { request in
      #expect(request.target.contains("sinceTime=2026-11-23") && !request.target.contains("follow"))
      let isFirst = request.target.contains("/p1/")
      return .status(
        200,
        isFirst ? "2026-11-23T01:00:01Z a\n2026-11-23T01:00:04Z d\n" : "2026-11-23T01:00:02Z b\n2026-11-23T01:00:03Z c")
    }
    let (listed, list) = AsyncStream<LogSources.Event>.makeStream()
    list.yield(.logs([LogSource(ProxyID("p1.a"))], isWhole: false))
    list.yield(sources(["p1", "p2"]))
    var batches: [LogBatch] = []
    for await event in tail(client, LogReach(.since(since), follows: false)).feed(listed) {
      if case .value(let batch) = event { batches.append(batch) }
    }
    #expect(batches.map { $0.lines.map(\.text) } == [["a", "b", "c", "d"]])
    #expect(batches.allSatisfy { $0.marks.isEmpty && $0.coverage == LogCoverage(followed: 2, wanted: 2) })
  }

  /// Not followed: what cannot be read is said, and is no reason to wait.
  @Test func whatCannotBeReadIsSaidAtTheEnd() async {
    let client = ScriptedClient {
      $0.target.contains("/p1/") ? .status(503, "busy") : .status(200, "2026-11-23T01:00:02Z b")
    }
    let (listed, list) = AsyncStream<LogSources.Event>.makeStream()
    list.yield(sources(["p1", "p2"]))
    var texts: [String] = []
    var troubles: [Trouble] = []
    for await event in tail(client, LogReach(.last(lines: 5), follows: false)).feed(listed) {
      if case .value(let batch) = event { texts += batch.lines.map(\.text) }
      if case .trouble(let trouble) = event { troubles.append(trouble) }
    }
    #expect(texts == ["b"] && troubles.count == 1)
  }

  @Test func whatNobodyHasIsSaid() async {
    let (listed, list) = AsyncStream<LogSources.Event>.makeStream()
    list.yield(.logs([]))
    for await event in tail(client).feed(listed) {
      if case .trouble(let trouble) = event {
        #expect(trouble.what == "no pod is known that has such a log")
        break
      }
    }
  }

  /// Nothing is read on for a reader that is gone, however it went.
  @Test func aFeedThatIsLetGoOfEndsItsLogs() async {
    let client = ScriptedClient { _ in .open }
    let (listed, list) = AsyncStream<LogSources.Event>.makeStream()
    let ended = AsyncStream<Void>.makeStream()
    list.onTermination = { _ in ended.continuation.finish() }
    do {
      var reader = tail(client).feed(listed).makeAsyncIterator()
      #expect(await reader.next() == .connecting)
    }
    for await _ in ended.stream {}
  }
}
