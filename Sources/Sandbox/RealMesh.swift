internal import EnvoyAPI
internal import JSON
internal import SandboxClient
internal import Transport

extension RunningMesh {
  /// With real Envoys.
  init(
    real options: SandboxOptions, in folder: String, _ block: LoopbackBlock, over client: any HTTPClient,
    executable: String, isTemporary: Bool
  ) async throws(SandboxError) {
    guard let envoy = try EnvoyBinary.find(named: options.envoy) else {
      throw SandboxError(EnvoyBinary.notInstalled)
    }
    let pods = Bookinfo.pods(in: block, tlsMode: "istio", hasSecondDetails: options.scenario == .ejection)
    for pod in pods { try FileText.makeFolder("\(folder)/\(pod.id)") }
    let cluster = Cluster()
    try cluster.add(options.scenario.objects(pods: pods))
    let counter = RequestCounter(pods: pods, folder: folder)
    let controlPlane = try ControlPlane(folder: folder, pods: pods)
    try await controlPlane.push(cluster.meshObjects)

    let access = try SandboxAccess(in: folder, address: block.address(1))
    let mesh = EnvoyMesh(pods: pods, folder: folder, envoy: envoy, client: client)
    var processes = [try access.process(envoy: envoy)]
    for pod in pods { processes.append(try mesh.process(of: pod, stats: options.keepsAllStats ? .all : .default)) }
    let prometheus = try PrometheusProcess(options, in: folder, block, proxies: pods)
    if let prometheus { processes.append(prometheus.process) }
    let children = try Children(
      ProcessPlan(processes: processes, folder: isTemporary ? folder : ""), executable: executable)

    let logs = MeshLogs(folder: folder, pods: pods)
    let behaviours = Behaviours()
    let status = SyncStatus(pods: pods, controlPlane: controlPlane) { await ProxyReading.read(mesh.admin(of: $0)) }
    do {
      api = try await access.serve(cluster, logs: logs)
      var servers: [HTTPServer] = []
      for pod in pods {
        guard let address = pod.applicationAddress else { continue }
        let application = Application(
          pod: pod, behaviours: behaviours, client: client, log: pod.files(in: folder).applicationLog)
        servers.append(try await application.serve(at: address))
      }
      servers.append(
        try await IstiodServer(status: status) { cluster.meshObjects.services }.serve(at: block.address(1)))
      servers.append(try await MetricsServer.serve(at: block.address(1)) { await counter.upToDate() })
      self.servers = servers
      try await mesh.waitUntilReady(children)
      try await access.waitUntilReady(children, over: client)
      try await prometheus?.waitUntilReady(children, over: client)
    } catch {
      children.stop()
      throw SandboxError("\(error)")
    }

    let gateway = Endpoint(host: pods[0].address, port: Bookinfo.gatewayPort)
    let load = Load(on: gateway, requestsPerSecond: options.requestsPerSecond, over: client)
    let runner = ScenarioRunner(options.scenario, cluster: cluster, behaviours: behaviours, controlPlane: controlPlane)
    tasks = [
      Task { await load.run() },
      Task { await logs.keepSmall() },
      Task { await counter.run() },
      Task { await controlPlane.keepCertificatesFresh() },
      Task { await runner.run(from: options.startAt) },
      Task {
        for await _ in cluster.objects.signals() {
          runner.objectsChanged()
          await controlPlane.take(cluster.meshObjects)
        }
      },
    ]
    self.children = children
    ready = Self.ready(
      kubeconfig: access.kubeconfigFile, gateway: gateway, istiod: block.address(1),
      prometheus: prometheus, proxies: pods.map { ($0, "\(mesh.admin(of: $0).endpoint)") }, isSimulated: false)
  }
}
