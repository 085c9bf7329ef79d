public import Transport

/// Why the API server did not do what was asked. Descriptions are sentences for a person, free of control characters
/// and credentials.
public enum KubernetesError: Error, Equatable, Sendable {
  /// Nothing was sent: this session only reads.
  case readOnly(WriteGate.Refusal)
  /// Nothing was sent: there are no usable credentials.
  case noCredentials(CredentialError)
  /// There is no answer, or no whole one.
  case transport(TransportError)
  /// 401: the credentials are not accepted.
  case unauthorized(message: String)
  /// 403: the message names the user and what is missing.
  case forbidden(message: String)
  /// 404 of one object.
  case notFound(message: String)
  /// 404 of the kind: its group, version or resource is not installed.
  case notServed(path: String)
  /// 409 of a create.
  case alreadyExists(message: String)
  /// 409: somebody else changed it, or owns the fields named in the causes.
  case conflict(message: String, causes: [Cause])
  /// 410: this resource version, or this place in a list, is no longer known.
  case expired(message: String)
  /// 422: the object would not be valid, or a `test` of a patch failed; the server does not tell which.
  case invalid(message: String, causes: [Cause])
  /// 400 by an admission webhook, such as Istio's validation.
  case denied(webhook: String, message: String)
  /// 400 otherwise.
  case badRequest(message: String)
  /// 429.
  case tooManyRequests(retryAfter: Duration?)
  /// 504: a version of the future was asked for, as happens after a restore or on a replica that lags.
  case resourceVersionTooLarge(retryAfter: Duration?)
  /// 405, 406, 415 and the like.
  case unsupported(status: Int, message: String)
  /// 500 and above.
  case serverFailed(status: Int, message: String, retryAfter: Duration?)
  /// The answer is not Kubernetes': a proxy or a captive portal in between, for one.
  case notKubernetes(status: Int, summary: String)
  /// A successful answer that cannot be read.
  case unreadable(reason: String)

  /// One reason of several, with the field it is about (`.spec.http`).
  public struct Cause: Equatable, Sendable {
    public let reason: String
    public let message: String
    public let field: String?
  }
}

extension KubernetesError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .readOnly(let refusal): refusal.description
    case .noCredentials(let error): error.description
    case .transport(let error): error.description
    case .unauthorized: "the API server does not accept the credentials (401): log in again, or pick another context"
    case .forbidden(let message): "not allowed (403): \(message)"
    case .notFound(let message): "not found (404): \(message)"
    case .notServed(let path): "the API server does not serve \(path) (404): it is not installed, or in another version"
    case .alreadyExists(let message): "there already (409): \(message)"
    case .conflict(let message, _): "somebody else changed it (409): \(message)"
    case .expired(let message): "too old (410): \(message)"
    case .invalid(let message, let causes):
      "refused as invalid (422): \(message)" + causes.map { "; \($0.field ?? ""): \($0.message)" }.joined()
    case .denied(let webhook, let message): "denied by \(webhook): \(message)"
    case .badRequest(let message): "refused (400): \(message)"
    case .tooManyRequests: "the API server asks for fewer requests (429)"
    case .resourceVersionTooLarge: "the API server lags behind what it said before (504)"
    case .unsupported(let status, let message): "not supported (\(status)): \(message)"
    case .serverFailed(let status, let message, _): "the API server failed (\(status)): \(message)"
    case .notKubernetes(let status, let summary):
      "this is not the Kubernetes API (\(status)): \(summary); is there a proxy in between?"
    case .unreadable(let reason): "the API server's answer cannot be read: \(reason)"
    }
  }
}
