internal import EnvoyAPI
internal import Glibc
internal import JSON
public import Transport

/// What a sandbox is started with.
public struct SandboxOptions: Sendable {
  public var scenario: Scenario = .badCanary
  /// A model in place of real Envoys.
  public var isSimulated = false
  /// How many services the model has; `nil` for Bookinfo alone.
  public var services: Int?
  public var requestsPerSecond: Double = 50
  /// Where its files go; they stay there. `nil` for a temporary folder that is removed at the end.
  public var folder: String?
  /// Whether the proxies keep all statistics, or those of Istio's default list.
  public var keepsAllStats = false
  /// How far the scenario has come when the sandbox begins.
  public var startAt: Duration = .zero
  /// The path of Envoy, where it is to be another than the one that is found.
  public var envoy: String?

  public init() {}
}

/// A small real mesh on loopback: Envoys as gateway and sidecars, a control plane that feeds them, applications, a
/// steady load, and the APIs that a console looks at it through.
public final class Sandbox: Sendable {
  /// One line of JSON that says where everything is.
  public let readyLine: String

  private let children: Children
  private let servers: [HTTPServer]
  private let tasks: [Task<Void, Never>]
  private let folder: String
  private let isTemporary: Bool
  private let block: LoopbackBlock

  /// Returns when everything answers. `executable` is this program, which is started anew to keep the proxies.
  public init(_ options: SandboxOptions, over client: any HTTPClient, executable: String) async throws(SandboxError) {
    guard let envoy = try EnvoyBinary.find(named: options.envoy) else {
      throw SandboxError("Envoy is not installed: \(EnvoyBinary.howToGetIt)")
    }
    block = try LoopbackBlock()
    isTemporary = options.folder == nil
    if let named = options.folder { try FileText.makeFolder(named) }
    if let named = options.folder { folder = named } else { folder = try Folder.makeTemporary() }

    let pods = Bookinfo.pods(in: block)
    let objects = Bookinfo.kubernetesObjects(pods: pods) + Bookinfo.istioResources
    for pod in pods { try FileText.makeFolder("\(folder)/\(pod.id)") }
    let controlPlane = ControlPlane(folder: folder, pods: pods)
    try await controlPlane.push(MeshObjects(objects))

    let mesh = EnvoyMesh(pods: pods, folder: folder, envoy: envoy, controlPlane: controlPlane, client: client)
    var processes: [PlannedProcess] = []
    for pod in pods { processes.append(try mesh.process(of: pod, stats: options.keepsAllStats ? .all : .default)) }
    children = try Children(
      ProcessPlan(processes: processes, folder: isTemporary ? folder : ""), executable: executable)

    let status = SyncStatus(pods: pods, controlPlane: controlPlane) { await ProxyReading.read(mesh.admin(of: $0)) }
    let behaviours = Behaviours()
    var servers: [HTTPServer] = []
    do throws(HTTPServerError) {
      for pod in pods {
        guard let address = pod.applicationAddress else { continue }
        servers.append(try await Application(pod: pod, behaviours: behaviours, client: client).serve(at: address))
      }
      let services = objects.filter { $0["kind"]?.string == "Service" }
      servers.append(try await IstiodServer(status: status) { services }.serve(at: block.address(1)))
    } catch {
      children.stop()
      throw SandboxError("\(error)")
    }
    self.servers = servers

    do throws(SandboxError) {
      try await mesh.waitUntilReady(children)
    } catch {
      children.stop()
      throw error
    }
    let gateway = Endpoint(host: pods[0].address, port: Bookinfo.gatewayPort)
    let load = Load(on: gateway, requestsPerSecond: options.requestsPerSecond, over: client)
    tasks = [
      Task { await load.run() },
      Task { await mesh.keepLogsSmall() },
    ]
    let ready: JSONValue = [
      "kubeconfig": "", "gateway": .string("\(gateway)"),
      "istiod": .string("http://\(block.address(1)):\(IstioPort.debug)"), "prometheus": nil,
      "proxies": .array(pods.map { ["name": .string($0.id), "admin": .string("\(mesh.admin(of: $0).endpoint)")] }),
      "simulated": false,
    ]
    readyLine = ready.text()
  }

  /// What ended although it should run, as a sentence; `nil` while all is well.
  public var failure: String? {
    children.ended().first.map { name, reason in "\(name) is gone: \(reason)" }
  }

  /// Stops everything and removes what is temporary.
  public func stop() async {
    for task in tasks { task.cancel() }
    children.stop()
    for server in servers { await server.stop(grace: .milliseconds(50)) }
    if isTemporary { Folder.remove(folder) }
  }
}

extension MeshObjects {
  init(_ objects: [JSONValue]) {
    func all(_ kind: String) -> [JSONValue] { objects.filter { $0["kind"]?.string == kind } }
    self.init(
      services: all("Service"), endpointSlices: all("EndpointSlice"), pods: all("Pod"),
      virtualServices: all("VirtualService"), destinationRules: all("DestinationRule"), gateways: all("Gateway"))
  }
}
