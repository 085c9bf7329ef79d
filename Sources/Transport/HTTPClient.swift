/// Sends requests. Cancelling the task that waits ends the transfer.
public protocol HTTPClient: Sendable {
  /// Returns when the head of the answer is there, whatever its status. The body follows as it is read.
  func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse
}

/// Why there is no answer, or no whole one. Descriptions are sentences for a person and never hold credentials.
public enum TransportError: Error, Equatable, Sendable {
  case unresolved(host: String)
  case unreachable(Endpoint, reason: String)
  /// The handshake failed, or the server's certificate is not trusted.
  case untrusted(Endpoint, reason: String)
  case deadlineExceeded(after: Duration)
  /// The connection ended before the answer was whole.
  case brokenOff(reason: String)
  case tooLarge(limit: Int)
  case malformed(reason: String)
  /// The request was not sent: it, or what its endpoint was given for TLS, makes no sense.
  case unsendable(reason: String)
  case cancelled
}

extension TransportError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unresolved(let host): "no address is known for \(host)"
    case .unreachable(let endpoint, let reason): "cannot connect to \(endpoint): \(reason)"
    case .untrusted(let endpoint, let reason): "TLS to \(endpoint) failed: \(reason)"
    case .deadlineExceeded(let limit): "no answer within \(limit.inSeconds)"
    case .brokenOff(let reason): "the connection broke off: \(reason)"
    case .tooLarge(let limit): "the answer is larger than \(limit < 1 << 20 ? "\(limit) bytes" : "\(limit >> 20) MB")"
    case .malformed(let reason): "the answer is not HTTP: \(reason)"
    case .unsendable(let reason): "the request cannot be sent: \(reason)"
    case .cancelled: "cancelled"
    }
  }
}

extension Duration {
  /// `10 s`, `0.25 s`: to the millisecond, without zeros at the end.
  package var inSeconds: String {
    let (seconds, attoseconds) = components
    let milliseconds = attoseconds / 1_000_000_000_000_000
    guard milliseconds > 0 else { return "\(seconds) s" }
    var digits = "\(1000 + milliseconds)".dropFirst()
    while digits.hasSuffix("0") { digits.removeLast() }
    return "\(seconds).\(digits) s"
  }
}
