internal import Glibc
internal import JSON

/// Gives every proxy its configuration, by files that are renamed into place, and remembers what it gave. As istiod it
/// waits until the objects have been still for 100 ms (at most 10 s) before it pushes, and pushes to every proxy.
actor ControlPlane: ScenarioControlPlane {
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
    /// Where the proxy's log ended before these versions were sent: what it says of them comes after.
    let logOffset: Int
  }

  private let folder: String
  private var pods: [MeshPod]
  private let authority: MeshAuthority
  private var identities: [String: WorkloadIdentity] = [:]
  private var objects = MeshObjects()
  /// The Deployments whose proxies are given routes that they refuse.
  private var spoilt: Set<String> = []
  private var pushCount = 0
  /// By file, without the version.
  private var contents: [String: JSONValue] = [:]
  private var sent: [String: [XDSType: Sent]] = [:]
  private lazy var debouncer = Debouncer { [weak self] in await self?.pushOrReport() }

  init(folder: String, pods: [MeshPod]) throws(SandboxError) {
    self.folder = folder
    self.pods = pods
    authority = try MeshAuthority(in: folder)
    for pod in pods { identities[pod.id] = try authority.issue(to: pod) }
  }

  /// What each proxy was sent last, by its id and type.
  var lastSent: [String: [XDSType: Sent]] { sent }

  nonisolated func files(of pod: MeshPod) -> ProxyFiles { pod.files(in: folder) }

  /// Takes the objects as they are now and pushes once they are still.
  func take(_ objects: MeshObjects) async {
    guard objects != self.objects else { return }
    self.objects = objects
    await debouncer.touch()
  }

  func refuseRoutes(of workload: String) async {
    spoilt.insert(workload)
    await debouncer.touch()
  }

  func renewCertificates(of workload: String, left: Duration) async {
    await renewCertificates(left: left) { $0.workload == workload }
  }

  private func renewCertificates(left: Duration, where isMeant: (MeshPod) -> Bool) async {
    do {
      for pod in pods where isMeant(pod) {
        identities[pod.id] = try authority.issue(to: pod, left: left)
      }
    } catch {
      report("the mesh's authority could not issue a certificate: \(error)")
    }
    await debouncer.touch()
  }

  /// Renews all certificates when half of their time is over, as istiod's agents do. Runs until the task is cancelled.
  func keepCertificatesFresh() async {
    while (try? await Task.sleep(for: MeshAuthority.lifetime / 2)) != nil {
      await renewCertificates(left: MeshAuthority.lifetime) { _ in true }
    }
  }

  private func pushOrReport() {
    do {
      try push()
    } catch {
      report("the control plane could not write its files: \(error)")
    }
  }

  /// Pushes at once: before the proxies start, their files must be there.
  func push(_ objects: MeshObjects) throws(SandboxError) {
    self.objects = objects
    try push()
  }

  private func push() throws(SandboxError) {
    pushCount += 1
    let now = WallTime.now
    let version = "\(now.text)/\(pushCount)"
    for pod in pods {
      let files = files(of: pod)
      let configuration = ProxyConfiguration(objects, for: pod, files: files, identity: identities[pod.id])
      let logOffset = FileText.size(of: files.log)
      func sent(_ type: XDSType, _ versions: [String: String]) {
        let before = self.sent[pod.id]?[type]
        self.sent[pod.id, default: [:]][type] = Sent(
          nonce: version + UUIDText.random(), time: now.nanoText, versions: versions,
          // What is not sent again is not refused again: the proxy's words on it stand where they stood.
          logOffset: before?.versions == versions ? before?.logOffset ?? logOffset : logOffset)
      }
      var routeVersions: [String: String] = [:]
      for route in configuration.routes {
        let name = route["name"]?.string ?? ""
        let given = spoilt.contains(pod.workload) ? route.withoutWeights : route
        routeVersions[name] = try write([given], to: files.routes(name), version, of: pod, .route, name)
      }
      let clusters = try write(configuration.clusters, to: files.clusters, version, of: pod, .cluster, "")
      let listeners = try write(configuration.listeners, to: files.listeners, version, of: pod, .listener, "")
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

extension JSONValue {
  /// All weights 0, which Envoy refuses.
  fileprivate var withoutWeights: JSONValue {
    switch self {
    case .array(let elements): return .array(elements.map(\.withoutWeights))
    case .object(let members):
      return .object(JSONObject(members.map { ($0.key, $0.key == "weight" ? 0 : $0.value.withoutWeights) }))
    default: return self
    }
  }
}

/// Says something to the person who runs the sandbox, on standard error.
func report(_ sentence: String) {
  let line = Array("meshdeck-sandbox: \(sentence)\n".utf8)
  _ = write(STDERR_FILENO, line, line.count)
}
