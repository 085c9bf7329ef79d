internal import JSON

/// Gives the model's proxies their configuration, and remembers what it gave.
actor SimulatedControlPlane: ScenarioControlPlane {
  private let mesh: SimulatedMesh
  private let folder: String
  private var objects = MeshObjects()
  private var pushCount = 0
  private var refusing: Set<String> = []
  private(set) var lastSent: [String: [ControlPlane.XDSType: ControlPlane.Sent]] = [:]
  private lazy var debouncer = Debouncer { [weak self] in await self?.push() }

  init(_ mesh: SimulatedMesh, folder: String) {
    self.mesh = mesh
    self.folder = folder
  }

  func take(_ objects: MeshObjects) async {
    guard objects != self.objects else { return }
    self.objects = objects
    await debouncer.touch()
  }

  func refuseRoutes(of workload: String) async {
    refusing.insert(workload)
    await debouncer.touch()
  }

  /// The model has no certificates: `Scenario.needsEnvoys` keeps these scenarios from it.
  func renewCertificates(of workload: String, left: Duration) {}

  func push(_ objects: MeshObjects) async {
    self.objects = objects
    await push()
  }

  private func push() async {
    pushCount += 1
    let now = WallTime.now
    let version = "\(now.text)/\(pushCount)"
    let configuration = SimulatedMesh.Configuration(objects, version: version, time: now.nanoText, pods: mesh.pods)
    for pod in mesh.pods {
      let log = pod.files(in: folder).log
      let offset = FileText.size(of: log)
      for type in ControlPlane.XDSType.allCases {
        var versions = ["": version]
        if type == .route {
          let names = (configuration.routes[pod.role] ?? []).compactMap { $0["name"]?.string }
          versions = Dictionary(names.map { ($0, version) }) { first, _ in first }
        }
        lastSent[pod.id, default: [:]][type] = ControlPlane.Sent(
          nonce: version + UUIDText.random(), time: now.nanoText, versions: versions, logOffset: offset)
      }
      if refusing.contains(pod.workload) {
        let words = "Sum of weights in the weighted_cluster must be greater than 0."
        let line =
          "\(now.nanoText)\twarning\tenvoy config simulated\tFilesystem config update rejected: \(words)\tthread=1\n"
        FileText.append(Array(line.utf8), to: log)
      }
    }
    await mesh.push(configuration, refusing: refusing)
  }
}
