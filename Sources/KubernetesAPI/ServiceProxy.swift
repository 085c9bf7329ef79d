public import Transport

/// A Service of the cluster, reached through the API server with the credentials of its client (Kubernetes, "Access
/// services running on clusters"). Whoever uses it must be allowed to `get` `services/proxy` in the namespace.
public struct ServiceProxy: HTTPClient {
  private let kubernetes: KubernetesClient
  /// Where requests go: the API server, below the Service's own path.
  public let endpoint: Endpoint
  private let path: String

  /// - Parameter basePath: what stands before every request's target at the Service.
  public init(
    _ kubernetes: KubernetesClient, namespace: String, service: String, port: String,
    scheme: Endpoint.Scheme = .http, basePath: String = ""
  ) {
    self.kubernetes = kubernetes
    let name = percentEncoded(service)
    path =
      "/api/v1/namespaces/\(percentEncoded(namespace))/services/"
      + "\(scheme.rawValue):\(name):\(percentEncoded(port))/proxy" + basePath
    var endpoint = kubernetes.access.endpoint
    endpoint.basePath += path
    self.endpoint = endpoint
  }

  /// Method, target, accepted types and deadlines are the request's; its endpoint and its credentials are not. A body is
  /// not sent on: what asks through the API server reads.
  public func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    do throws(KubernetesError) {
      return try await kubernetes.answer(
        APIRequest(
          method: request.method, path: path + request.target, accept: request.headers["Accept"] ?? "*/*",
          deadline: request.deadline, headDeadline: request.headDeadline, idleLimit: request.idleLimit))
    } catch {
      if case .transport(let error) = error { throw error }
      throw .unsendable(reason: error.description)
    }
  }
}
