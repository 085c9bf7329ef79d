public import Transport

/// Whether requests that change something may leave. Every request passes it in one place, where it is written.
public enum WriteGate: Equatable, Sendable {
  case open
  /// Only reads leave, and reviews, which ask what one may do and change nothing. Dry runs are held back like writes.
  case readOnly

  /// What was not sent.
  public struct Refusal: Equatable, Sendable, CustomStringConvertible {
    public let method: HTTPRequest.Method
    public let path: String

    public var description: String { "read-only: \(method.rawValue) \(path) was not sent" }
  }

  func refusal(of method: HTTPRequest.Method, path: String) -> Refusal? {
    guard self == .readOnly, method != .get else { return nil }
    if method == .post, path.hasPrefix("/apis/authorization.k8s.io/") || path.hasPrefix("/apis/authentication.k8s.io/"),
      path.hasSuffix("reviews")
    {
      return nil
    }
    return Refusal(method: method, path: path)
  }
}
