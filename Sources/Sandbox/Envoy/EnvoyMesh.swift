internal import EnvoyAPI
internal import JSON
internal import Transport

/// The mesh's real proxies.
struct EnvoyMesh: Sendable {
  let pods: [MeshPod]
  let folder: String
  /// Envoy's path.
  let envoy: String
  let client: any HTTPClient

  func admin(of pod: MeshPod) -> EnvoyAdmin {
    EnvoyAdmin(Endpoint(host: pod.address, port: IstioPort.admin), over: client, deadline: .seconds(1))
  }

  /// Writes the proxy's bootstrap and says how it is started. Its log and its access log are one stream, as in a pod.
  func process(of pod: MeshPod, stats: EnvoyBootstrap.Stats) throws(SandboxError) -> PlannedProcess {
    let bootstrap = EnvoyBootstrap(pod: pod, stats: stats, files: pod.files(in: folder))
    return try Self.process(pod.id, bootstrap.json.text(indent: 1), in: "\(folder)/\(pod.id)", envoy: envoy)
  }

  static func process(
    _ name: String, _ bootstrap: String, in folder: String, envoy: String
  ) throws(SandboxError) -> PlannedProcess {
    let file = "\(folder)/bootstrap.json"
    try FileText.replace(file, with: bootstrap)
    return PlannedProcess(
      name: name,
      arguments: [
        envoy, "-c", file, "--concurrency", "1", "--disable-hot-restart", "--log-level", "warning",
        "--component-log-level", "misc:error", "--file-flush-interval-msec", "1000", "--drain-time-s", "2",
        "--drain-strategy", "immediate",
      ], outputFile: "\(folder)/istio-proxy.log")
  }

  /// Returns when all proxies are live, and throws where one has ended or 15 seconds were not enough.
  func waitUntilReady(_ children: Children) async throws(SandboxError) {
    let limit = ContinuousClock.now + .seconds(15)
    for pod in pods {
      while (try? await admin(of: pod).state()) != .live {
        let ended = children.ended()
        for pod in pods {
          guard let reason = ended[pod.id] else { continue }
          let log = String(decoding: FileText.read(pod.files(in: folder).log), as: UTF8.self)
          throw SandboxError("the proxy of \(pod.id) did not start (\(reason)): \(EnvoyBinary.diagnosis(ofLog: log))")
        }
        if let reason = ended[Children.supervisorName] {
          throw SandboxError("what keeps the proxies did not start: \(reason)")
        }
        guard ContinuousClock.now < limit else {
          throw SandboxError("the proxy of \(pod.id) is not ready after 15 seconds")
        }
        do { try await Task.sleep(for: .milliseconds(10)) } catch { throw SandboxError("stopped while starting") }
      }
    }
  }
}
