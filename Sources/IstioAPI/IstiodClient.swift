import JSON
import KubernetesAPI
public import Transport

/// Asks an istiod's debug endpoints (port 15014, as through a port-forward). Reads only.
public struct IstiodClient: Sendable {
  public let endpoint: Endpoint
  private let http: any HTTPClient
  /// Of audience `istio-ca`; not needed on a pod's own loopback, where a port-forward ends.
  private let token: String?

  public init(_ endpoint: Endpoint, over http: any HTTPClient, token: String? = nil) {
    self.endpoint = endpoint
    self.http = http
    self.token = token
  }

  /// The proxies that are connected to this istiod, by namespace and name. One that vanishes has lost its connection.
  public func proxies() async throws(IstiodError) -> [ProxySync] {
    let proxies = try await array("/debug/syncz").compactMap { ProxySync($0) }
    return proxies.sorted { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
  }

  /// The services that this istiod knows, by host.
  public func services() async throws(IstiodError) -> [RegisteredService] {
    try await array("/debug/registryz").compactMap { RegisteredService($0) }.sorted { $0.host < $1.host }
  }

  /// As `1.30.3-56df41f6…-Clean`.
  public func version() async throws(IstiodError) -> String {
    let text = plain(String(decoding: try await get("/version"), as: UTF8.self).prefix { !$0.isNewline })
    guard !text.isEmpty, !text.hasPrefix("<") else { throw .notIstiod(endpoint, path: "/version") }
    return text
  }

  /// An array of objects; `null`, which Go writes for none, is empty.
  private func array(_ path: String) async throws(IstiodError) -> [JSON] {
    let body = try await get(path)
    guard let json = try? JSON(parsing: body), json.kind == .array || json.kind == .null else {
      throw .notIstiod(endpoint, path: path)
    }
    return Array(json.elements)
  }

  private func get(_ path: String) async throws(IstiodError) -> [UInt8] {
    var headers: HTTPHeaders = ["Accept": "*/*", "User-Agent": "meshdeck"]
    headers["Authorization"] = token.map { "Bearer \($0)" }
    let status: Int
    let body: [UInt8]
    do throws(TransportError) {
      let response = try await http.send(HTTPRequest(.get, endpoint, path, headers: headers))
      status = response.status
      body = response.isSuccess ? try await response.body.collect() : []
    } catch {
      throw .transport(error)
    }
    switch status {
    case 200..<300: return body
    case 401: throw .unauthorized(endpoint)
    case 403: throw .forbidden(endpoint)
    case 404: throw .notServed(endpoint, path: path)
    default: throw .failed(endpoint, path: path, status: status)
    }
  }
}

/// Why istiod did not answer. Descriptions say what to do.
public enum IstiodError: Error, Equatable, Sendable {
  case transport(TransportError)
  case unauthorized(Endpoint)
  case forbidden(Endpoint)
  case notServed(Endpoint, path: String)
  case failed(Endpoint, path: String, status: Int)
  /// Something else answers there.
  case notIstiod(Endpoint, path: String)
}

extension IstiodError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .transport(let error): "istiod: \(error)"
    case .unauthorized(let endpoint):
      "istiod at \(endpoint) wants a token (401): reach it through a port-forward to its pod"
    case .forbidden(let endpoint):
      "istiod at \(endpoint) shows this only to istio-system (403): reach it through a port-forward to its pod"
    case .notServed(let endpoint, let path):
      "istiod at \(endpoint) does not serve \(path) (404): is ENABLE_DEBUG_ON_HTTP off, or is this another port than 15014?"
    case .failed(let endpoint, let path, let status): "istiod at \(endpoint) failed on \(path) (\(status))"
    case .notIstiod(let endpoint, let path): "what answers at \(endpoint)\(path) is not istiod"
    }
  }
}
