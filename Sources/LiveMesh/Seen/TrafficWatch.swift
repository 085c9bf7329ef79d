import EnvoyAPI
import KubernetesAPI
import MeshModel
import ProxyLogs
import Synchronization
import Transport

/// Fills a ledger: it follows the access logs of all proxies of a scope, and reads the per-host counters of those that
/// write none. Runs as long as somebody asks for traffic.
final class TrafficWatch: Sendable {
  /// How far back the logs are read at first, so that there is something to see at once: the usual window, and as
  /// much as a log may be behind the clock.
  private static let lookBack: Duration = .seconds(75)
  /// Logs that are followed at once. Each holds a connection to the API server, of which a client has 128, and over
  /// HTTP/1.1 a change must not wait for one. In a larger mesh these are a sample of the callers.
  fileprivate static let mostLogs = 40
  /// What a log held before comes without a pause longer than this.
  private static let quiet: Duration = .milliseconds(200)
  private static let interval: Duration = .seconds(1)
  /// Seconds between readings of the counters of one proxy.
  private static let countersEvery = 2
  /// How much longer than all proxies take to answer once their counters are left alone: a big mesh's answers are work.
  private static let countersRest = 50

  private struct State {
    var ledger = TrafficLedger()
    var edges = EdgeLedger()
    var sight = LogSight()
    /// Proxies whose log has shown a request: their counters would say it twice.
    var logging: Set<ProxyID> = []
    var tailed: Set<ProxyID> = []
    /// Whose counters are read, by the place of their endpoint.
    var counted: Set<Int> = []
    /// How many proxies have a log.
    var wanted = 0
    /// Of those, the ones whose log has given its first lines, or has failed.
    var answered: Set<ProxyID> = []
    /// Those of which no line as new as the question has come, by when lines came last: more may be on its way.
    var behind: [ProxyID: Timestamp] = [:]

    /// Whether counters are all that tells what a proxy does. Where there are more logs than are followed, the rest of the
    /// proxies are left out of the sample altogether.
    func isSilent(_ id: ProxyID) -> Bool {
      !logging.contains(id) && (tailed.contains(id) || wanted <= TrafficWatch.mostLogs)
    }

    func isReadingBack(at now: Timestamp) -> Bool { behind.values.contains { now - $0 < TrafficWatch.quiet } }
    /// Counts what was added to the ledger.
    var additions = 0
    var troubles: [ProxyID: Trouble] = [:]
    var began: Timestamp?

    /// `nil` where all logs are read and in sight.
    func coverage(at now: Timestamp) -> LogCoverage? {
      let inSight = sight.inSight(at: now)
      guard wanted > TrafficWatch.mostLogs || inSight < tailed.count else { return nil }
      return LogCoverage(followed: inSight, wanted: max(wanted, tailed.count))
    }
  }

  private let state = Mutex(State())
  private let kubernetes: KubernetesClient
  private let client: any HTTPClient
  private let endpoints: [ProxyEndpoint]
  private let asked: Hub<Asked>
  private let report: Hub<ProxyReport>
  private let board: ProxyBoard
  private let clock: MeshClock
  private let formats: [AccessLogFormat]

  init(
    kubernetes: KubernetesClient, client: any HTTPClient, endpoints: [ProxyEndpoint], asked: Hub<Asked>,
    report: Hub<ProxyReport>, board: ProxyBoard, clock: MeshClock, formats: [AccessLogFormat] = []
  ) {
    self.kubernetes = kubernetes
    self.client = client
    self.endpoints = endpoints
    self.asked = asked
    self.report = report
    self.board = board
    self.clock = clock
    self.formats = formats
  }

  /// What was seen in the window that ends with what was observed last.
  /// - Parameter route: leaves out all other rules.
  func sample(over window: Duration, of route: RouteID? = nil) -> TrafficSample {
    state.withLock { state in
      let now = clock.now()
      var sample = state.ledger.sample(now: now, over: window, sight: state.sight, of: route)
      sample.sample = state.coverage(at: now)
      return sample
    }
  }

  /// Who sent what to whom in the window that ends with what was observed last.
  func edges(over window: Duration) -> EdgeSample {
    state.withLock { state in
      let now = clock.now()
      var sample = state.edges.sample(now: now, over: window, sight: state.sight)
      sample.coverage = state.coverage(at: now)
      return sample
    }
  }

  /// - Parameter carriers: the proxies that carry the rule: what one of them does unseen is missing in the count.
  func count(
    _ route: RouteID, since start: Timestamp, carriers: some Sequence<ProxyID>
  ) -> TrafficLedger.Count? {
    state.withLock { state in
      let now = clock.now()
      var count = state.ledger.count(route, since: start, now: now, sight: state.sight)
      count?.isWhole = state.sight.isWhole(of: carriers, at: now)
      return count
    }
  }

  /// Grows whenever a source has told something.
  var additions: Int { state.withLock { $0.additions } }

  /// Whether every log has been asked and has answered, so that a sample is of all of them.
  var hasReadLogs: Bool {
    state.withLock { state in
      !state.tailed.isEmpty && state.tailed.isSubset(of: state.answered) && !state.isReadingBack(at: clock.now())
    }
  }
  /// Whether what came before the questions is still being read.
  var isReadingBack: Bool { state.withLock { $0.isReadingBack(at: clock.now()) } }

  /// Since when the logs are read; `nil` while they are not.
  var began: Timestamp? { state.withLock { $0.began } }

  /// Why nothing is seen, where nothing is: no log could be read, or none can be any more.
  var trouble: Trouble? {
    state.withLock { state in
      guard state.logging.allSatisfy({ state.troubles[$0] != nil }) else { return nil }
      return state.troubles.min { $0.key < $1.key }?.value
    }
  }

  /// Runs until it is cancelled.
  func run() async {
    state.withLock { $0.began = clock.now() }
    asked.start()
    report.start()
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.followRules() }
      group.addTask { await self.followLogs() }
      group.addTask { await self.askSilentLogs() }
      group.addTask { await self.followCounters() }
      group.addTask {
        while !Task.isCancelled {
          await self.clock.sleep(.seconds(10))
          self.state.withLock { state in
            state.ledger.forget(before: self.clock.now())
            state.edges.forget(before: self.clock.now())
          }
        }
      }
    }
  }

  private func followRules() async {
    for await event in asked.feed() {
      guard case .value(let asked) = event else { continue }
      state.withLock {
        $0.ledger.setRules(
          asked.rules, versions: asked.versions, hostsByAddress: asked.hostsByAddress, at: clock.now())
      }
    }
  }

  private var names: NodeNames { asked.newest?.names ?? NodeNames() }

  private func followLogs() async {
    // A line can be counted only once the rules are known.
    while asked.newest == nil, !Task.isCancelled { await clock.sleep(.milliseconds(20)) }
    // Discarding: pods come and go for days, and a group keeps what its tasks leave.
    await withDiscardingTaskGroup { group in
      while !Task.isCancelled {
        let proxies = (report.newest?.proxies ?? []).filter(\.id.isPod)
        state.withLock { $0.wanted = proxies.count }
        for proxy in proxies {
          let isNew = state.withLock { state in
            guard state.tailed.count < Self.mostLogs else { return false }
            guard state.tailed.insert(proxy.id).inserted else { return false }
            state.sight.begin(proxy.id, from: clock.now() - Self.lookBack, at: clock.now())
            return true
          }
          guard isNew else { continue }
          group.addTask {
            await self.followLog(of: proxy.id, isGateway: proxy.kind == .gateway)
            self.state.withLock { state in
              state.sight.end(proxy.id)
              state.tailed.remove(proxy.id)
              state.answered.remove(proxy.id)
              state.behind[proxy.id] = nil
              state.logging.remove(proxy.id)
              state.troubles[proxy.id] = nil
            }
          }
        }
        await clock.sleep(report.newest == nil ? .milliseconds(50) : Self.interval)
      }
      group.cancelAll()
    }
  }

  private func followLog(of proxy: ProxyID, isGateway: Bool) async {
    let asked = clock.now()
    let start = (asked - Self.lookBack).rfc3339
    let request = PodLogRequest(
      pod: ObjectKey(namespace: proxy.namespace, name: proxy.pod), container: "istio-proxy", start: .since(start))
    var nodes = ClusterNodes(names)
    var clusters = Memo<String, ClusterName?>()
    for await event in kubernetes.log(request) {
      switch event {
      case .lines(let lines):
        let now = clock.now()
        let read = lines.map { ProxyLogLine($0, formats: formats) }
        let requests = read.compactMap {
          SeenRequest($0, isGateway: isGateway, namespace: proxy.namespace, clusters: &clusters)
        }
        let names = names
        if names != nodes.names { nodes = ClusterNodes(names) }
        let own = names.node(of: proxy, isGateway: isGateway)
        let calls = read.compactMap { SeenCall($0, of: own, names: &nodes) }
        for (line, log) in zip(read, lines) {
          if let refusal = LoggedRefusal(line, time: log.arrival ?? now) { board.note(refusal, of: proxy) }
        }
        let newest = lines.compactMap(\.arrival).max()
        // A proxy writes its log every few seconds at the most.
        let isBehind = newest.map { $0 < asked - .seconds(2) } ?? false
        state.withLock { state in
          state.answered.insert(proxy)
          state.behind[proxy] = isBehind ? now : nil
          state.troubles[proxy] = nil
          state.sight.read(proxy, newestLine: newest, at: now)
          for var call in calls {
            // A node's clock may be ahead: what is of tomorrow would hide what is of today.
            call.time = min(call.time, now)
            state.edges.add(call, from: proxy)
          }
          if !calls.isEmpty { state.additions += 1 }
          guard !requests.isEmpty else { return }
          state.logging.insert(proxy)
          state.additions += 1
          for var request in requests {
            request.time = min(request.time, now)
            state.ledger.add(request, from: proxy)
          }
        }
      case .trouble(let error, _):
        state.withLock { state in
          state.answered.insert(proxy)
          state.behind[proxy] = nil
          state.troubles[proxy] = Trouble(error, doing: "read the log of \(proxy)")
          state.sight.broke(proxy)
        }
      case .opened:
        state.withLock { state in
          state.troubles[proxy] = nil
          state.sight.reopened(proxy)
        }
      case .ended: break
      }
    }
    // A pod that is not there yet, or no longer: not at once again.
    await clock.sleep(.seconds(5))
  }

  /// A log that says nothing may be that of an idle proxy, or one that cannot be reached any more: its last line tells.
  private func askSilentLogs() async {
    await withDiscardingTaskGroup { group in
      while !Task.isCancelled {
        await clock.sleep(Self.interval)
        let silent = state.withLock { $0.sight.takeQuestions(at: clock.now()) }
        for proxy in silent { group.addTask { await self.askLastLine(of: proxy) } }
      }
      group.cancelAll()
    }
  }

  private func askLastLine(of proxy: ProxyID) async {
    let request = PodLogRequest(
      pod: ObjectKey(namespace: proxy.namespace, name: proxy.pod), container: "istio-proxy", start: .last(lines: 1),
      follows: false, deadline: .seconds(4))
    var lastLine: Timestamp?
    var hasFailed = false
    reading: for await event in kubernetes.log(request) {
      switch event {
      case .opened, .ended: break
      case .lines(let lines): lastLine = lines.last?.arrival ?? lastLine
      case .trouble:
        hasFailed = true
        // The stream itself says what is wrong when it breaks.
        break reading
      }
    }
    state.withLock { $0.sight.answered(proxy, lastLine: lastLine, hasFailed: hasFailed || Task.isCancelled) }
  }

  /// Reads the counters of those whose log says nothing, each as long as that is so.
  private func followCounters() async {
    // Logs speak first: the counters are for those who write none.
    await clock.sleep(.seconds(3))
    await withDiscardingTaskGroup { group in
      while !Task.isCancelled {
        for number in takeSilent() {
          group.addTask {
            await self.readCounters(of: number)
            self.state.withLock { _ = $0.counted.remove(number) }
          }
        }
        await clock.sleep(Self.interval)
      }
      group.cancelAll()
    }
  }

  /// Those whose counters are to be read from now on.
  private func takeSilent() -> [Int] {
    let readings = board.state.newest?.readings ?? [:]
    return state.withLock { state in
      let silent = readings.filter { number, reading in
        !state.counted.contains(number) && reading.id.map { state.isSilent($0) } ?? false
      }
      state.counted.formUnion(silent.keys)
      return Array(silent.keys)
    }
  }

  private func readCounters(of number: Int) async {
    var counters = ProxyCounters(EnvoyAdmin(endpoints[number].endpoint, over: client))
    while !Task.isCancelled {
      guard let reading = board.state.newest?.readings[number], let id = reading.id,
        state.withLock({ $0.isSilent(id) })
      else { return }
      let began = clock.now()
      // Where it does not answer, the poller of its routes says why.
      if let gained = await counters.read(now: began) {
        state.withLock { state in
          let source = names.node(of: id, isGateway: reading.kind == .gateway)
          state.edges.add(gained, from: source, names: names, at: clock.now())
          state.ledger.add(gained.stats, at: clock.now())
          state.ledger.add(gained.hosts, at: clock.now())
          state.additions += 1
        }
      }
      // All of them together are little work for us, and each is for its proxy.
      let elapsed = clock.now() - began
      let readers = state.withLock { $0.counted.count }
      let rest = elapsed * max(PollPace.rest, readers * Self.countersRest)
      await clock.sleep(max(Self.interval * Self.countersEvery, min(rest, PollPace.longestRest)))
    }
  }
}

extension ProxyID {
  /// Whether it is named as a pod is: only those have a log that the API server can give.
  var isPod: Bool {
    !name.utf8.contains { [UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]")].contains($0) }
      && !pod.isEmpty && !namespace.isEmpty
  }
}

extension SeenRequest {
  /// `nil` for what is no HTTP request to another service.
  /// - Parameter clusters: remembers the few clusters that a log names.
  init?(_ line: ProxyLogLine, isGateway: Bool, namespace: String, clusters: inout Memo<String, ClusterName?>) {
    guard let access = line.access, access.direction == .outbound, let name = access[.upstreamCluster],
      let cluster = clusters.value(of: name, make: { ClusterName($0) }), cluster.host != nil,
      let time = access.startNanoseconds, let code = access.responseCode,
      // A TCP connection has no code and no method.
      code != 0 || access.has(.method)
    else { return nil }
    self.init(
      time: Timestamp(nanoseconds: time), isGateway: isGateway, namespace: namespace, cluster: cluster,
      routeName: access[.routeName] ?? "",
      authority: access[.authority] ?? "", path: access[.path] ?? "", code: code,
      flags: access[.responseFlags] ?? "-", duration: access.duration, upstream: access[.upstreamHost])
  }
}
