internal import EnvoyAPI
internal import JSON
internal import ProxyLogs
internal import Synchronization

/// Proxies that are only a model: what they have taken, and what they counted. Requests are played one by one along
/// the routes that the proxies have, so that configuration, counters and logs agree with each other.
final class SimulatedMesh: Sendable {
  struct Host: Hashable, Sendable {
    let cluster: String
    let address: String
    let port: Int
  }

  struct Counters: Equatable, Sendable {
    var requests = 0
    var errors = 0
    var connectFailures = 0
  }

  /// What all proxies of one role are given: those of a namespace share it.
  final class Configuration: Sendable {
    let version: String
    let time: String
    let routes: [MeshPod.Role: [JSONValue]]
    let clusters: [MeshPod.Role: [JSONValue]]
    let router: SimulatedRouter
    /// What its proxies answer to a question for their routes: all write the same.
    let dumps: [MeshPod.Role: SimulatedRouteDump]

    init(_ objects: MeshObjects, version: String, time: String, pods: [MeshPod]) {
      self.version = version
      self.time = time
      var routes: [MeshPod.Role: [JSONValue]] = [:]
      var clusters: [MeshPod.Role: [JSONValue]] = [:]
      for role in [MeshPod.Role.router, .sidecar] {
        guard let pod = pods.first(where: { $0.role == role }) else { continue }
        let configuration = ProxyConfiguration(objects, for: pod, files: ProxyFiles(folder: ""))
        routes[role] = configuration.routes
        clusters[role] = configuration.clusters.filter { $0["name"]?.string?.hasPrefix("outbound|") == true }
      }
      (self.routes, self.clusters) = (routes, clusters)
      router = SimulatedRouter(routes: routes, clusters: clusters)
      dumps = routes.mapValues { SimulatedRouteDump($0, version: version, time: time) }
    }
  }

  private struct State {
    var counters: [String: [Host: Counters]] = [:]
    var taken: [String: Configuration] = [:]
    var newest: Configuration?
    var logs: [String: [UInt8]] = [:]
  }

  let pods: [MeshPod]
  let behaviours: Behaviours
  let began = ContinuousClock.now
  private let metrics: MeshMetrics
  private let calls: ServiceCalls
  private let podsByAddress: [String: MeshPod]
  private let state = Mutex(State())
  private let logFile: @Sendable (MeshPod) -> String

  init(
    pods: [MeshPod], behaviours: Behaviours, metrics: MeshMetrics, calls: ServiceCalls,
    logFile: @escaping @Sendable (MeshPod) -> String
  ) {
    self.pods = pods
    self.behaviours = behaviours
    self.metrics = metrics
    self.calls = calls
    self.logFile = logFile
    podsByAddress = Dictionary(pods.map { ($0.address, $0) }) { first, _ in first }
  }

  func configuration(of pod: MeshPod) -> Configuration? { state.withLock { $0.taken[pod.id] } }
  func counters(of pod: MeshPod) -> [Host: Counters] { state.withLock { $0.counters[pod.id] ?? [:] } }

  /// Gives every proxy a configuration; each takes it a little later, those of a large mesh over half a second.
  func push(_ configuration: Configuration, refusing: Set<String>) async {
    state.withLock { $0.newest = configuration }
    let groups = 5
    for group in 0..<groups {
      state.withLock { state in
        for (place, pod) in pods.enumerated() where place % groups == group && !refusing.contains(pod.workload) {
          state.taken[pod.id] = configuration
        }
      }
      try? await Task.sleep(for: .milliseconds(pods.count > 100 ? 100 : 10))
    }
  }

  // MARK: Traffic

  /// What became of a call.
  private enum Outcome {
    case answered(Int)
    case noConnection
    case noHost

    var status: Int { if case .answered(let status) = self { status } else { 503 } }

    var flags: String {
      switch self {
      case .answered: "-"
      case .noConnection: "URX,UF"
      case .noHost: "UH"
      }
    }

    /// Why no connection was made.
    var reason: String? {
      if case .noConnection = self { "delayed_connect_error:_Connection_refused" } else { nil }
    }

    var details: String {
      switch self {
      case .answered: "via_upstream"
      case .noConnection: "upstream_reset_before_response_started{remote_connection_failure|\(reason ?? "")}"
      case .noHost: "no_healthy_upstream"
      }
    }
  }

  /// Plays requests until the task is cancelled.
  func run(requestsPerSecond: Double) async {
    var debt = 0.0
    var last = ContinuousClock.now
    var written = last
    while (try? await Task.sleep(for: .milliseconds(100))) != nil {
      let now = ContinuousClock.now
      debt = min(debt + (now - last) / .seconds(1) * requestsPerSecond, requestsPerSecond)
      last = now
      while debt >= 1 {
        debt -= 1
        playOne()
      }
      guard now - written >= .seconds(1) else { continue }
      written = now
      writeLogs()
    }
  }

  private func playOne() {
    guard let gateway = pods.first(where: { $0.role == .router }) else { return }
    let id = UUIDText.random()
    state.withLock { state in
      _ = call(from: gateway, "http.\(Bookinfo.gatewayPort)", "*", path: "/productpage", id, depth: 0, &state)
    }
  }

  /// One call through the caller's proxy: the status and how long it took.
  private func call(
    from caller: MeshPod, _ configuration: String, _ authority: String, path: String, _ id: String, depth: Int,
    _ state: inout State
  ) -> (status: Int, took: Duration) {
    var generator = SystemRandomNumberGenerator()
    guard depth < 6, let taken = state.taken[caller.id],
      let choice = taken.router.choose(
        role: caller.role, configuration: configuration, authority: authority, path: path, using: &generator)
    else { return (404, .zero) }
    guard let host = choice.host else {
      note(caller, path, authority, .noHost, .zero, choice, id, &state)
      count(caller, to: nil, choice, .noHost, .zero)
      return (503, .zero)
    }
    guard let callee = podsByAddress[host.address], host.port == Bookinfo.port else {
      state.counters[caller.id, default: [:]][host, default: Counters()].connectFailures += 1
      note(caller, path, authority, .noConnection, .milliseconds(40), choice, id, &state)
      count(caller, to: nil, choice, .noConnection, .milliseconds(40))
      return (503, .milliseconds(40))
    }
    let behaviour = behaviours.of(callee)
    var took = behaviour.latency(using: &generator)
    var status = behaviour.status ?? 200
    for next in calls(of: callee, behaviour: behaviour, depth: depth, using: &generator) {
      let answer = call(
        from: callee, "\(next.port)", next.service, path: "/\(next.service)/0", id, depth: depth + 1, &state)
      took += answer.took
      if answer.status != 200 { status = answer.status }
    }
    state.counters[caller.id, default: [:]][host, default: Counters()].requests += 1
    if status >= 500 { state.counters[caller.id]?[host]?.errors += 1 }
    note(caller, path, authority, .answered(status), took, choice, id, &state)
    count(caller, to: callee, choice, .answered(status), took)
    return (status, took)
  }

  private func calls(
    of pod: MeshPod, behaviour: Behaviour, depth: Int, using generator: inout some RandomNumberGenerator
  ) -> [(service: String, port: Int)] {
    switch (pod.app, pod.version) {
    case ("productpage", _): return [("details", Bookinfo.port), ("reviews", Bookinfo.port)]
    case ("reviews", "v1"), ("ratings", _), ("details", _): return []
    case ("reviews", _):
      let isRetired = Double.random(in: 0..<1, using: &generator) < behaviour.retiredPortShare
      return [("ratings", isRetired ? Bookinfo.retiredPort : Bookinfo.port)]
    default:
      return calls.next(after: pod.app, depth: depth, using: &generator).map { ($0, Bookinfo.port) }
    }
  }

  /// As both proxies would count it.
  private func count(
    _ caller: MeshPod, to callee: MeshPod?, _ choice: SimulatedRouter.Choice, _ outcome: Outcome, _ took: Duration
  ) {
    let hostname = ClusterName(choice.cluster)?.host ?? "unknown"
    let parts = hostname.split(separator: ".").map(String.init)
    let service = RequestLabels.Service(host: hostname, name: parts[0], namespace: parts.count > 1 ? parts[1] : nil)
    let measures = MeshMetrics.Measures(milliseconds: Int(took / .milliseconds(1)))
    metrics.count(
      RequestLabels(
        reporter: .source, pod: caller.id, peer: callee?.id, service: service, code: outcome.status,
        flags: outcome.flags), measures)
    guard let callee else { return }
    metrics.count(
      RequestLabels(
        reporter: .destination, pod: callee.id, peer: caller.id, service: service, code: outcome.status,
        flags: outcome.flags),
      measures)
  }

  // MARK: Logs

  private func note(
    _ pod: MeshPod, _ path: String, _ authority: String, _ outcome: Outcome, _ took: Duration,
    _ choice: SimulatedRouter.Choice, _ id: String, _ state: inout State
  ) {
    let milliseconds = Int(took / .milliseconds(1))
    let service = if case .answered = outcome { "\(milliseconds)" } else { "-" }
    let host = choice.host.map { "\($0.address):\($0.port)" } ?? "-"
    let line =
      "[\(WallTime.now.milliText)] \"GET \(path) HTTP/1.1\" \(outcome.status) \(outcome.flags) \(outcome.details) - "
      + "\"\(outcome.reason ?? "-")\" 0 164 \(milliseconds) \(service) \"-\" \"Mozilla/5.0\" "
      + "\"\(id)\" \"\(authority == "*" ? "bookinfo.example.com" : authority)\" "
      + "\"\(host)\" \(choice.cluster) \(choice.host == nil ? "-" : "\(pod.address):40000") "
      + "\(pod.address):\(IstioPort.outbound) 127.0.0.1:50000 - \(choice.routeName)\n"
    state.logs[pod.id, default: []] += line.utf8
  }

  /// Once a second, as real proxies do.
  private func writeLogs() {
    let logs = state.withLock { state in
      defer { state.logs = [:] }
      return state.logs
    }
    for pod in pods {
      if let lines = logs[pod.id] { FileText.append(lines, to: logFile(pod)) }
    }
  }
}
