internal import CurlTransport
internal import Glibc
internal import KubernetesAPI
internal import LiveMesh
internal import MeshModel
internal import Settings
internal import Transport

/// A mesh to look at, assembled from what the command line, the environment and the kubeconfig say. Nothing is asked of
/// the network before somebody reads a feed.
struct Session: Sendable {
  let mesh: any Mesh
  let identity: MeshIdentity
  let settings: Configuration

  /// - Parameter caveat: why the mesh is not a real one, where it is not.
  init(
    _ options: ConnectionOptions, settings: Configuration? = nil, caveat: String? = nil
  ) throws(CommandFailure) {
    let settings = settings ?? Self.loadSettings()
    self.settings = settings
    let access: ClusterAccess
    do throws(KubeconfigError) {
      access = try ClusterAccess.find(kubeconfig: options.kubeconfig, context: options.context)
    } catch {
      throw CommandFailure(.usage, error.description)
    }
    let isReadOnly = options.readOnly || settings.isReadOnly(in: access.context)
    let client = CurlClient(userAgent: "meshdeck/\(MeshdeckCommand.version)")
    let kubernetes = KubernetesClient(access, over: client, gate: isReadOnly ? .readOnly : .open)
    mesh = LiveMesh(
      client: client, kubernetes: kubernetes, istiod: try options.istiodEndpoints(),
      proxies: try options.proxyEndpoints(),
      metrics: try options.metricsStore(settings.prometheus(in: access.context)), journal: try Self.journal(),
      user: Self.user, formats: settings.logFormats)
    identity = MeshIdentity(
      context: access.context,
      scope: options.allNamespaces ? .allNamespaces : .namespace(options.namespace ?? access.namespace),
      isReadOnly: isReadOnly, protection: settings.protection(of: access.context), caveat: caveat)
  }

  /// Says what became of changes of the journal that ended without an answer.
  func tellRecovered() async throws(CommandFailure) {
    let records: [ChangeRecord]
    do { records = try await mesh.recover() } catch {
      // What cannot be reached is said by the command itself.
      if case .journal = error { throw CommandFailure(error) }
      return
    }
    for record in records { StandardError.write("meshdeck: \(record.recovery)\n") }
    guard let lost = try? await mesh.rampHistory().filter(\.isLost), !lost.isEmpty,
      let routes = try? await routes()
    else { return }
    for record in lost {
      StandardError.write(
        "meshdeck: \(record.loss(in: routes)); meshdeck split ramp --resume goes on, --revert takes it back\n")
    }
  }

  /// All rules of the scope, as they are now.
  func routes() async throws(CommandFailure) -> [Route] {
    try await firstValue(of: mesh.routes(in: identity.scope), within: .seconds(10))
  }

  /// The configuration file counts for commands too: a context that is read-only is so for everything.
  static func loadSettings() -> Configuration {
    let (configuration, complaints) = Configuration.load(environment: variable)
    for complaint in complaints { StandardError.write("meshdeck: \(complaint)\n") }
    return configuration
  }

  private static func journal() throws(CommandFailure) -> Journal {
    var environment: [String: String] = [:]
    for name in ["XDG_STATE_HOME", "HOME"] { environment[name] = variable(name) }
    guard let path = Journal.standardPath(environment: environment) else {
      throw CommandFailure(.usage, "no place is known for the journal: set HOME or XDG_STATE_HOME")
    }
    return Journal(path: path)
  }

  /// Who makes the changes, for the journal.
  private static var user: String { variable("USER") ?? variable("LOGNAME") ?? "uid \(getuid())" }
}

/// The value of an environment variable; `nil` when it is not set or empty.
func variable(_ name: String) -> String? {
  guard let value = getenv(name), value.pointee != 0 else { return nil }
  return String(cString: value)
}

extension ConnectionOptions {
  fileprivate func istiodEndpoints() throws(CommandFailure) -> [Endpoint] {
    var endpoints: [Endpoint] = []
    for text in istiod {
      guard let endpoint = Endpoint(text) else {
        throw CommandFailure(.usage, "--istiod \(text) is no address; write http://host:15014")
      }
      endpoints.append(endpoint)
    }
    return endpoints
  }

  /// - Parameter configured: what the environment and the configuration file say.
  fileprivate func metricsStore(_ configured: String?) throws(CommandFailure) -> MetricsStore {
    guard let text = prometheus ?? configured else { return .wellKnown }
    guard let store = MetricsStore(text) else {
      // The text may hold a password: it is not shown.
      throw CommandFailure(
        .usage,
        "what \(prometheus == nil ? "the setting prometheus" : "--prometheus") names is no address; write "
          + "http://host:9090, or none")
    }
    return store
  }

  fileprivate func proxyEndpoints() throws(CommandFailure) -> [ProxyEndpoint] {
    var endpoints: [ProxyEndpoint] = []
    for text in proxy {
      // A name never holds a slash or a colon, an address always holds one before any equals sign.
      let name = text.firstIndex(of: "=").map { text[..<$0] }.flatMap { $0.contains { ":/".contains($0) } ? nil : $0 }
      let address = name.map { text[text.index(after: $0.endIndex)...] } ?? text[...]
      guard let endpoint = Endpoint(String(address)), name?.isEmpty != true else {
        throw CommandFailure(
          .usage, "--proxy \(text) is no address; write http://host:15000 or unix:/path, or POD.NAMESPACE=http://…")
      }
      endpoints.append(ProxyEndpoint(name: name.map { ProxyID(String($0)) }, endpoint: endpoint))
    }
    return endpoints
  }
}
