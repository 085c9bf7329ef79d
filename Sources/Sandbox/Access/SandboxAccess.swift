internal import Glibc
internal import JSON
internal import Transport

/// The way into the sandbox's API: certificates, the TLS front, the users, and the kubeconfig that names them all.
struct SandboxAccess: Sendable {
  let kubeconfigFile: String

  private static let name = "api-front"
  private let folder: String
  private let socket: String
  private let front: APIFront
  private let tokens: [(user: String, token: String)]

  init(in parent: String, address: String) throws(SandboxError) {
    folder = "\(parent)/\(Self.name)"
    try FileText.makeFolder(folder)
    socket = "\(folder)/api.sock"
    guard socket.utf8.count < 108 else { throw SandboxError("the path \(parent) is too long for a Unix socket in it") }
    let certificates = try Certificates(in: folder, serverAddress: address)
    front = APIFront(address: address, certificates: certificates, backend: socket)
    tokens = ["editor", "viewer", "nobody"].map { ($0, UUIDText.random()) }
    kubeconfigFile = "\(parent)/kubeconfig"
    let kubeconfig = SandboxKubeconfig(
      server: "https://\(address):\(APIFront.port)", certificates: certificates, tokens: tokens)
    try FileText.replace(kubeconfigFile, with: kubeconfig.yaml)
  }

  func process(envoy: String) throws(SandboxError) -> PlannedProcess {
    try EnvoyMesh.process(Self.name, front.bootstrap.text(indent: 1), in: folder, envoy: envoy)
  }

  func serve(_ cluster: Cluster, logs: any LogSource) async throws(HTTPServerError) -> APIServer {
    let users: [String: APIUser] = ["editor": .editor, "viewer": .viewer, "nobody": .nobody]
    var byToken: [String: APIUser] = [:]
    for (user, token) in tokens { byToken[token] = users[user] }
    return try await APIServer.start(
      on: .unix(path: socket), objects: cluster.objects,
      settings: APIServer.Settings(
        authenticator: Authenticator(tokens: byToken, trustsForwardedCertificates: true), logs: logs))
  }

  /// Returns when the front answers for the stand-in.
  func waitUntilReady(_ children: Children, over client: any HTTPClient) async throws(SandboxError) {
    let authority = FileText.read(front.certificates.authority)
    let endpoint = Endpoint(
      scheme: .https, host: front.address, port: APIFront.port, tls: TLSSettings(trust: .authorities(authority)))
    let limit = ContinuousClock.now + .seconds(15)
    while (try? await client.send(HTTPRequest(.get, endpoint, "/readyz", deadline: .seconds(2))))?.status != 200 {
      if let ended = children.ended()[Self.name] {
        let log = String(decoding: FileText.read("\(folder)/istio-proxy.log"), as: UTF8.self)
        throw SandboxError("the API's TLS front did not start (\(ended)): \(EnvoyBinary.diagnosis(ofLog: log))")
      }
      guard ContinuousClock.now < limit else { throw SandboxError("the API does not answer after 15 seconds") }
      do { try await Task.sleep(for: .milliseconds(10)) } catch { throw SandboxError("stopped while starting") }
    }
  }
}

/// The way in without Envoy: plain HTTP on loopback, where everyone is the admin unless he shows a token.
struct PlainAccess: Sendable {
  let kubeconfigFile: String
  private let address: String

  init(in parent: String, address: String) throws(SandboxError) {
    self.address = address
    kubeconfigFile = "\(parent)/kubeconfig"
    let kubeconfig = SandboxKubeconfig(
      server: "http://\(address):\(APIFront.port)", certificates: nil, tokens: [])
    try FileText.replace(kubeconfigFile, with: kubeconfig.yaml)
  }

  func serve(_ cluster: Cluster, logs: any LogSource) async throws(HTTPServerError) -> APIServer {
    try await APIServer.start(
      on: .tcp(host: address, port: APIFront.port), objects: cluster.objects,
      settings: APIServer.Settings(
        authenticator: Authenticator(tokens: [:], trustsForwardedCertificates: false, withoutCredentials: .admin),
        logs: logs))
  }
}
