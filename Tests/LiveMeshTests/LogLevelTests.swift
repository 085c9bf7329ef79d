import EnvoyAPI
import KubernetesAPI
import MeshModel
import Peers
import ProxyLogs
import Synchronization
import Testing
import Transport

@testable import LiveMesh

/// A proxy's admin API as far as loggers go.
private final class Loggers: Sendable {
  private let levels = Mutex(["http": "info", "router": "warning", "upstream": "info"])

  subscript(logger: String) -> String? { levels.withLock { $0[logger] } }

  func set(_ logger: String, _ level: String) { levels.withLock { $0[logger] = level } }

  func answer(_ request: HTTPRequest) -> ScriptedClient.Answer {
    guard request.method == .post, request.target.hasPrefix("/logging") else { return .status(404, "no") }
    let text = request.target.replacing("%3A", with: ":").replacing("%2C", with: ",")
    return levels.withLock { levels in
      if let start = text.firstIndex(of: "=") {
        for pair in text[text.index(after: start)...].split(separator: ",") {
          let sides = pair.split(separator: ":")
          levels[String(sides[0])] = String(sides[1])
        }
      }
      return .status(200, "active loggers:\n" + levels.map { "  \($0): \($1)\n" }.sorted().joined())
    }
  }
}

@Suite(.timeLimit(.minutes(1))) struct LogLevelTests {
  private let loggers = Loggers()
  private let folder: TemporaryFolder
  private let proxy = ProxyID("p.n")

  init() throws { folder = try TemporaryFolder() }

  private func levels(_ gate: WriteGate = .open, context: String = "prod", _ client: ScriptedClient? = nil) -> LogLevels
  {
    let client = client ?? ScriptedClient { [loggers] in loggers.answer($0) }
    let endpoints = [ProxyEndpoint(name: proxy, endpoint: Endpoint(host: "proxy.test"))]
    return LogLevels(
      folder: LeaseFolder(besideJournal: "\(folder.path)/changes.jsonl", context: context), gate: gate, client: client,
      endpoints: endpoints, board: ProxyBoard(proxies: [], istiod: [], client: client, clock: .system), clock: .system)
  }

  private var left: [ProxyID: LeaseRecord] {
    LeaseFolder(besideJournal: "\(folder.path)/changes.jsonl", context: "prod").records()
  }

  private func leases(_ levels: LogLevels, until: ([LogLevelLease]) -> Bool) async {
    let hub = Hub<[LogLevelLease]> { await levels.run($0) }
    for await event in hub.feed() { if case .value(let leases) = event, until(leases) { break } }
    hub.close()
  }

  @Test func aLevelIsSetAndPutBackToWhatEachLoggerHad() async throws {
    let levels = levels()
    _ = try await levels.set(LogLevelSetting(proxy: proxy, level: .debug))
    #expect(loggers["http"] == "debug" && loggers["router"] == "debug")
    await levels.putBack(until: nil)
    #expect(loggers["http"] == "info" && loggers["router"] == "warning")
    #expect(left.isEmpty)
  }

  @Test func chosenLoggersAloneAreSet() async throws {
    let setting = try #require(LogLevelSetting("trace http 30s", proxy: proxy))
    let lease = try await levels().set(setting)
    #expect(loggers["http"] == "trace" && loggers["router"] == "warning")
    #expect(lease.setting == "trace http")
  }

  @Test func theNextStartPutsBackWhatAKilledConsoleLeft() async throws {
    _ = try await levels().set(LogLevelSetting(proxy: proxy, level: .debug, time: .zero))
    #expect(loggers["http"] == "debug")
    await leases(levels(context: "another")) { $0.isEmpty }
    #expect(loggers["http"] == "debug", "another cluster's proxy of that name is not meant")
    await leases(levels()) { $0.isEmpty }
    #expect(loggers["http"] == "info" && loggers["router"] == "warning")
  }

  @Test func aLevelThatIsSetTwiceGoesBackToWhatWasBeforeTheFirst() async throws {
    _ = try await levels().set(LogLevelSetting(proxy: proxy, level: .debug))
    let next = levels()
    await leases(next) { $0.count == 1 }
    _ = try await next.set(LogLevelSetting(proxy: proxy, level: .trace))
    await next.putBack(until: nil)
    #expect(loggers["http"] == "info" && loggers["router"] == "warning")
  }

  @Test func whatSomebodyElseSetMeanwhileStays() async throws {
    let levels = levels()
    _ = try await levels.set(LogLevelSetting(proxy: proxy, level: .debug))
    loggers.set("router", "error")
    await levels.putBack(until: nil)
    #expect(loggers["http"] == "info" && loggers["router"] == "error")
  }

  @Test func nothingIsSentWhileReadOnly() async throws {
    let client = ScriptedClient { [loggers] in loggers.answer($0) }
    let levels = levels(.readOnly, client)
    await #expect(throws: ChangeFailure.readOnly) {
      _ = try await levels.set(LogLevelSetting(proxy: proxy, level: .debug))
    }
    _ = try await self.levels().set(LogLevelSetting(proxy: proxy, level: .debug, time: .zero))
    await leases(levels) { $0.first?.trouble != nil }
    #expect(client.requests.isEmpty)
    #expect(loggers["http"] == "debug")
  }

  @Test func aProxyThatDoesNotAnswerIsTriedAgainAndSaid() async throws {
    _ = try await levels().set(LogLevelSetting(proxy: proxy, level: .debug, time: .zero))
    let answers = Atomic(false)
    let client = ScriptedClient { [loggers] request in
      answers.load(ordering: .relaxed) ? loggers.answer(request) : .failure(.deadlineExceeded(after: .seconds(1)))
    }
    await leases(levels(.open, client)) { leases in
      if leases.first?.trouble != nil { answers.store(true, ordering: .relaxed) }
      return leases.isEmpty && answers.load(ordering: .relaxed)
    }
    #expect(loggers["http"] == "info")
  }

  @Test func anUnknownLoggerIsRefusedBeforeAnythingIsWritten() async throws {
    let levels = levels()
    await #expect(throws: ChangeFailure.refused("p.n has no logger nope")) {
      _ = try await levels.set(LogLevelSetting(proxy: proxy, level: .debug, loggers: ["nope"]))
    }
    #expect(left.isEmpty)
  }

  @Test(arguments: [
    ("debug", "debug", 300), ("warn 10m", "warning", 600), ("trace http,router 30s", "trace http,router", 30),
  ])
  func settingsAreRead(_ text: String, _ said: String, _ seconds: Int) throws {
    let setting = try #require(LogLevelSetting(text, proxy: proxy))
    #expect("\(setting)" == said && setting.time == .seconds(seconds))
  }

  @Test(arguments: ["", "loud", "debug 2h", "debug 0s", "debug a&b", "debug http 5m now", "5m"])
  func othersAreNot(_ text: String) { #expect(LogLevelSetting(text, proxy: proxy) == nil) }
}
