internal import JSON
internal import Transport

/// A real Prometheus that scrapes the sandbox, where one is installed.
struct PrometheusProcess: Sendable {
  static let name = "prometheus"
  static let port = 9090
  private static let variable = "MESHDECK_PROMETHEUS_BINARY"

  let endpoint: Endpoint
  let process: PlannedProcess

  /// The one that `MESHDECK_PROMETHEUS_BINARY` names, else the one in `PATH`. `nil` where none is there.
  static func find() throws(SandboxError) -> String? {
    guard let named = Executable.path(in: variable) else { return Executable.named(name) }
    guard Executable.canRun(named) else {
      throw SandboxError("\(named), which \(variable) names, cannot be run as Prometheus: \(FileText.lastReason())")
    }
    return named
  }

  /// Writes the configuration into the folder, where the data go too. `proxies` are the real ones, which are scraped
  /// themselves besides what the sandbox counts.
  init(
    _ program: String, in folder: String, address: String, proxies: [MeshPod], interval: String
  ) throws(SandboxError) {
    let own = "\(folder)/\(Self.name)"
    try FileText.makeFolder(own)
    let configuration = "\(own)/prometheus.yml"
    // JSON is YAML, too.
    try FileText.replace(
      configuration, with: Self.configuration(address, proxies, interval: interval).text(indent: 1))
    endpoint = Endpoint(host: address, port: Self.port)
    process = PlannedProcess(
      name: Self.name,
      arguments: [
        program, "--config.file=\(configuration)", "--storage.tsdb.path=\(own)/data",
        "--storage.tsdb.retention.time=2h", "--web.listen-address=\(address):\(Self.port)", "--log.level=warn",
      ], outputFile: "\(own)/prometheus.log")
  }

  /// For a whole sandbox; `nil` where none is wanted or installed.
  init?(
    _ options: SandboxOptions, in folder: String, _ block: LoopbackBlock, proxies: [MeshPod], interval: String = "1s"
  ) throws(SandboxError) {
    guard options.hasPrometheus, let program = try Self.find() else { return nil }
    try self.init(program, in: folder, address: block.address(1), proxies: proxies, interval: interval)
  }

  private static func configuration(_ address: String, _ proxies: [MeshPod], interval: String) -> JSONValue {
    func target(_ address: String, _ port: Int) -> JSONValue { .array([.string("\(address):\(port)")]) }
    var jobs: [JSONValue] = [
      [
        "job_name": "istio-mesh", "metrics_path": .string(MetricsServer.path), "honor_labels": true,
        "static_configs": [["targets": target(address, IstioPort.mergedMetrics)]],
      ]
    ]
    if !proxies.isEmpty {
      let targets = proxies.map { pod -> JSONValue in
        [
          "targets": target(pod.address, IstioPort.prometheus),
          "labels": ["pod": .string(pod.name), "namespace": .string(pod.namespace)],
        ]
      }
      jobs.append([
        "job_name": "envoy-stats", "metrics_path": "/stats/prometheus", "params": ["usedonly": [""]],
        "static_configs": .array(targets),
      ])
    }
    return [
      "global": ["scrape_interval": .string(interval), "scrape_timeout": .string(interval)],
      "scrape_configs": .array(jobs),
    ]
  }

  /// Returns when it answers, and throws where it has ended or 15 seconds were not enough.
  func waitUntilReady(_ children: Children, over client: any HTTPClient) async throws(SandboxError) {
    let limit = ContinuousClock.now + .seconds(15)
    while (try? await client.send(HTTPRequest(.get, endpoint, "/-/ready", deadline: .seconds(2))))?.status != 200 {
      if let ended = children.ended()[Self.name] {
        let log = String(decoding: FileText.read(process.outputFile).suffix(300), as: UTF8.self)
        throw SandboxError(
          "Prometheus did not start (\(ended)); go without it by --no-prometheus. Its log says: \(log)")
      }
      guard ContinuousClock.now < limit else {
        throw SandboxError("Prometheus does not answer after 15 seconds; go without it by --no-prometheus")
      }
      do { try await Task.sleep(for: .milliseconds(10)) } catch { throw SandboxError("stopped while starting") }
    }
  }
}
