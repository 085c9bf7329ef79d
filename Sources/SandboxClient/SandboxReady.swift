internal import JSON

/// Where everything of a running sandbox is, as its line of JSON says it.
public struct SandboxReady: Equatable, Sendable {
  public struct Proxy: Equatable, Sendable {
    /// `pod.namespace`.
    public let name: String
    /// The URL of its admin API.
    public let admin: String
  }

  /// The path of a kubeconfig file whose current context is the sandbox.
  public let kubeconfig: String
  /// The URLs of the mesh's gateway and of istiod's debug endpoints.
  public let gateway: String
  public let istiod: String
  /// The URL of the Prometheus that scrapes the mesh; `nil` where none does.
  public let prometheus: String?
  public let proxies: [Proxy]
  /// Whether a model answers in place of real Envoys.
  public let isSimulated: Bool
  /// Why it is not what was asked for, as a sentence: a model where Envoy is missing.
  public let note: String?

  /// `nil` when the line is not what a sandbox says.
  public init?(_ line: [UInt8]) {
    guard let json = try? JSON(parsing: line), let kubeconfig = json["kubeconfig"]?.string,
      let gateway = json["gateway"]?.string, let istiod = json["istiod"]?.string
    else { return nil }
    self.kubeconfig = kubeconfig
    self.gateway = gateway
    self.istiod = istiod
    prometheus = json["prometheus"]?.string
    proxies = (json["proxies"].map { Array($0.elements) } ?? []).compactMap { proxy in
      guard let name = proxy["name"]?.string, let admin = proxy["admin"]?.string else { return nil }
      return Proxy(name: name, admin: admin)
    }
    isSimulated = json["simulated"]?.bool ?? false
    note = json["note"]?.string
  }

  /// meshdeck's options that connect it to this sandbox.
  public var connectionOptions: [String] {
    ["--kubeconfig", kubeconfig, "--istiod", istiod, "--prometheus", prometheus ?? "none"]
      + proxies.flatMap { ["--proxy", "\($0.name)=\($0.admin)"] }
  }
}
