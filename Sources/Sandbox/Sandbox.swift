internal import JSON
internal import SandboxClient
public import Transport

/// A small real mesh on loopback: Envoys as gateway and sidecars, a control plane that feeds them, applications, a
/// steady load, and the APIs that a console looks at it through.
public final class Sandbox: Sendable {
  /// One line of JSON that says where everything is.
  public let readyLine: String

  private let running: RunningMesh
  private let folder: String
  private let isTemporary: Bool
  private let block: LoopbackBlock

  /// Returns when everything answers. `executable` is this program, which is started anew to keep the proxies.
  public init(_ options: SandboxOptions, over client: any HTTPClient, executable: String) async throws(SandboxError) {
    block = try LoopbackBlock()
    isTemporary = options.folder == nil
    if let named = options.folder {
      try FileText.makeFolder(named)
      folder = named
    } else {
      folder = try Folder.makeTemporary()
    }
    do throws(SandboxError) {
      let missing = options.isSimulatedWithoutEnvoy ? EnvoyBinary.whyMissing(named: options.envoy) : nil
      if options.isSimulated || missing != nil {
        if options.scenario.needsEnvoys {
          let reason = missing.map { "; \($0)" } ?? ""
          throw SandboxError("the scenario \(options.scenario.rawValue) needs real Envoys\(reason)")
        }
        running = try await RunningMesh(
          simulated: options, in: folder, block, over: client, executable: executable, isTemporary: isTemporary)
      } else {
        running = try await RunningMesh(
          real: options, in: folder, block, over: client, executable: executable, isTemporary: isTemporary)
      }
      var ready = running.ready
      if let missing { ready["note"] = .string(missing) }
      readyLine = ready.text()
    } catch {
      if isTemporary { Folder.remove(folder) }
      throw error
    }
  }

  /// Why the sandbox cannot go on, as a sentence; `nil` while all is well. A single proxy that ends is no reason: it
  /// vanishes from istiod's list, as in a real mesh.
  public var failure: String? {
    running.children?.ended()[Children.supervisorName].map { "what keeps the proxies is gone: \($0)" }
  }

  /// Stops everything and removes what is temporary.
  public func stop() async {
    await running.stop()
    if isTemporary { Folder.remove(folder) }
  }
}

/// All that runs, and where it is.
struct RunningMesh: Sendable {
  /// `nil` where there are none: the proxies are a model, and no Prometheus is there.
  let children: Children?
  let api: APIServer
  let servers: [HTTPServer]
  let tasks: [Task<Void, Never>]
  let ready: JSONValue

  func stop() async {
    for task in tasks { task.cancel() }
    children?.stop()
    await api.stop()
    for server in servers { await server.stop(grace: .milliseconds(50)) }
  }

  static func ready(
    kubeconfig: String, gateway: Endpoint, istiod: String, prometheus: PrometheusProcess?,
    proxies: [(pod: MeshPod, admin: String)], isSimulated: Bool
  ) -> JSONValue {
    [
      "kubeconfig": .string(kubeconfig), "gateway": .string("\(gateway)"),
      "istiod": .string("http://\(istiod):\(IstioPort.debug)"),
      "prometheus": prometheus.map { .string("\($0.endpoint)") } ?? .null,
      "proxies": .array(proxies.map { ["name": .string($0.pod.id), "admin": .string($0.admin)] }),
      "simulated": .bool(isSimulated),
    ]
  }
}
