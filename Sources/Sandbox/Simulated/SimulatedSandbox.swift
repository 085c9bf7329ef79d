internal import JSON
internal import SandboxClient
internal import Transport

extension RunningMesh {
  /// With a model in place of Envoys.
  init(
    simulated options: SandboxOptions, in folder: String, _ block: LoopbackBlock, over client: any HTTPClient,
    executable: String, isTemporary: Bool
  ) async throws(SandboxError) {
    let cluster = Cluster()
    let pods: [MeshPod]
    var calls = ServiceCalls()
    if let services = options.services {
      let large = LargeMesh(services: services, in: block)
      pods = large.pods
      calls = large.calls
      try cluster.add(large.objects)
    } else {
      pods = Bookinfo.pods(in: block)
      try cluster.add(options.scenario.objects(pods: pods))
    }
    for pod in pods {
      try FileText.makeFolder("\(folder)/\(pod.id)")
      FileText.append([], to: pod.files(in: folder).log)
      FileText.append([], to: pod.files(in: folder).applicationLog)
    }
    let logs = MeshLogs(folder: folder, pods: pods)
    let behaviours = Behaviours()
    let isLarge = pods.count > 100
    let metrics = MeshMetrics(pods: pods, extent: isLarge ? .few : .all)
    let mesh = SimulatedMesh(pods: pods, behaviours: behaviours, metrics: metrics, calls: calls) {
      $0.files(in: folder).log
    }
    let controlPlane = SimulatedControlPlane(mesh, folder: folder)
    await controlPlane.push(cluster.meshObjects)

    let status = SyncStatus(
      pods: pods, lastSent: { await controlPlane.lastSent }, logFile: { $0.files(in: folder).log },
      read: { pod in mesh.configuration(of: pod).map { .read($0.reading(role: pod.role)) } ?? .gone })
    let access = try PlainAccess(in: folder, address: block.address(1))
    // A large mesh is scraped as Istio's own Prometheus does it.
    let prometheus = try PrometheusProcess(
      options, in: folder, block, proxies: [], interval: isLarge ? "15s" : "1s")
    children = try prometheus.map { prometheus throws(SandboxError) in
      try Children(
        ProcessPlan(processes: [prometheus.process], folder: isTemporary ? folder : ""), executable: executable)
    }
    do {
      api = try await access.serve(cluster, logs: logs)
      servers = [
        try await SimulatedAdmin(mesh).serve(at: block.address(1)),
        try await IstiodServer(status: status) { cluster.meshObjects.services }.serve(at: block.address(1)),
        try await MetricsServer.serve(at: block.address(1)) { metrics },
      ]
      if let prometheus, let children { try await prometheus.waitUntilReady(children, over: client) }
    } catch {
      children?.stop()
      throw SandboxError("\(error)")
    }
    let runner = ScenarioRunner(
      options.services == nil ? options.scenario : .calm, cluster: cluster, behaviours: behaviours,
      controlPlane: controlPlane)
    tasks = [
      Task { await mesh.run(requestsPerSecond: options.requestsPerSecond) },
      Task { await logs.keepSmall(limit: max(64 << 10, (256 << 20) / pods.count)) },
      Task { await runner.run(from: options.startAt) },
      Task {
        for await _ in cluster.objects.signals() {
          runner.objectsChanged()
          await controlPlane.take(cluster.meshObjects)
        }
      },
    ]
    ready = Self.ready(
      kubeconfig: access.kubeconfigFile, gateway: Endpoint(host: pods[0].address, port: Bookinfo.gatewayPort),
      istiod: block.address(1), prometheus: prometheus,
      proxies: pods.map { ($0, "http://\(block.address(1)):\(IstioPort.admin)/\($0.id)") }, isSimulated: true)
  }
}

extension SimulatedMesh.Configuration {
  func reading(role: MeshPod.Role) -> ProxyReading {
    let names = (routes[role] ?? []).compactMap { $0["name"]?.string }
    return ProxyReading(versions: [
      .cluster: ["": version], .listener: ["": version],
      .route: Dictionary(names.map { ($0, version) }) { first, _ in first },
    ])
  }
}
