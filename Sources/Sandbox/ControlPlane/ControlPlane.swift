internal import Glibc
internal import JSON

/// Gives every proxy its configuration, by files that are renamed into place, and remembers what it gave. As istiod it
/// waits until the objects have been still for 100 ms (at most 10 s) before it pushes, and pushes to every proxy.
actor ControlPlane {
  enum XDSType: String, Sendable, CaseIterable {
    case cluster = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
    case listener = "type.googleapis.com/envoy.config.listener.v3.Listener"
    case route = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"

    /// As in the names of `/debug/syncz`: `cluster_sent`.
    var word: String {
      switch self {
      case .cluster: "cluster"
      case .listener: "listener"
      case .route: "route"
      }
    }
  }

  /// The last push of one type to one proxy.
  struct Sent: Equatable, Sendable {
    let nonce: String
    /// RFC 3339.
    let time: String
    /// The version that the proxy must say it has: of each route configuration by its name, of the others under "".
    /// What a push did not change keeps its version, and is not sent again.
    var versions: [String: String]
    /// Where the proxy's log ended before the push: what it says of it comes after.
    let logOffset: Int
  }

  /// Spoils what one proxy is given, for scenarios in which it refuses it.
  typealias Spoiling = @Sendable (_ pod: MeshPod, _ route: JSONValue) -> JSONValue

  static let debounce: Duration = .milliseconds(100)
  static let debounceLimit: Duration = .seconds(10)

  private let folder: String
  private var pods: [MeshPod]
  private var objects = MeshObjects()
  private var spoiling: Spoiling?
  private var pushCount = 0
  /// By file, without the version.
  private var contents: [String: JSONValue] = [:]
  private var sent: [String: [XDSType: Sent]] = [:]
  private var debouncing: Task<Void, Never>?
  private var quietAfter = ContinuousClock.now
  private var pushBefore = ContinuousClock.now

  init(folder: String, pods: [MeshPod]) {
    self.folder = folder
    self.pods = pods
  }

  /// What each proxy was sent last, by its id and type.
  var lastSent: [String: [XDSType: Sent]] { sent }

  nonisolated func listenersFile(of pod: MeshPod) -> String { file(pod, "lds") }
  nonisolated func clustersFile(of pod: MeshPod) -> String { file(pod, "cds") }
  private nonisolated func routesFile(of pod: MeshPod, _ name: String) -> String { file(pod, "rds_\(name)") }
  private nonisolated func file(_ pod: MeshPod, _ name: String) -> String { "\(folder)/\(pod.id)/\(name).json" }
  nonisolated func logFile(of pod: MeshPod) -> String { "\(folder)/\(pod.id)/istio-proxy.log" }

  /// Takes the objects as they are now and pushes once they are still.
  func take(_ objects: MeshObjects) {
    guard objects != self.objects else { return }
    self.objects = objects
    pushSoon()
  }

  func spoil(_ spoiling: Spoiling?) {
    self.spoiling = spoiling
    pushSoon()
  }

  private func pushSoon() {
    let now = ContinuousClock.now
    quietAfter = now + Self.debounce
    guard debouncing == nil else { return }
    pushBefore = now + Self.debounceLimit
    debouncing = Task {
      while true {
        let due = min(quietAfter, pushBefore)
        guard due > .now else { break }
        do { try await Task.sleep(until: due) } catch { return }
      }
      debouncing = nil
      do {
        try push()
      } catch {
        report("the control plane could not write its files: \(error)")
      }
    }
  }

  /// Pushes at once: before the proxies start, their files must be there.
  func push(_ objects: MeshObjects) throws(SandboxError) {
    self.objects = objects
    try push()
  }

  private func push() throws(SandboxError) {
    pushCount += 1
    let now = WallClock.now
    let version = "\(WallClock.text(now))/\(pushCount)"
    for pod in pods {
      let configuration = ProxyConfiguration(objects, for: pod) { [self] in routesFile(of: pod, $0) }
      let logOffset = FileText.size(of: logFile(of: pod))
      func sent(_ type: XDSType, _ versions: [String: String]) {
        self.sent[pod.id, default: [:]][type] = Sent(
          nonce: version + UUIDText.random(), time: WallClock.text(now, withFraction: true), versions: versions,
          logOffset: logOffset)
      }
      var routeVersions: [String: String] = [:]
      for route in configuration.routes {
        let name = route["name"]?.string ?? ""
        let given = spoiling?(pod, route) ?? route
        routeVersions[name] = try write([given], to: routesFile(of: pod, name), version, of: pod, .route, name)
      }
      let clusters = try write(configuration.clusters, to: clustersFile(of: pod), version, of: pod, .cluster, "")
      let listeners = try write(configuration.listeners, to: listenersFile(of: pod), version, of: pod, .listener, "")
      sent(.cluster, ["": clusters])
      sent(.listener, ["": listeners])
      sent(.route, routeVersions)
    }
  }

  /// The version under which the resources are now: the new one where they changed.
  private func write(
    _ resources: [JSONValue], to file: String, _ version: String, of pod: MeshPod, _ type: XDSType, _ name: String
  ) throws(SandboxError) -> String {
    let content = JSONValue.array(resources)
    if contents[file] == content, let known = sent[pod.id]?[type]?.versions[name] { return known }
    let response: JSONValue = ["version_info": .string(version), "resources": content]
    try FileText.replace(file, with: response.bytes())
    contents[file] = content
    return version
  }
}

/// Says something to the person who runs the sandbox, on standard error.
func report(_ sentence: String) {
  let line = Array("meshdeck-sandbox: \(sentence)\n".utf8)
  _ = write(STDERR_FILENO, line, line.count)
}
