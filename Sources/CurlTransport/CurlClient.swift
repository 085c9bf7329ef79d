public import Transport

/// Sends requests with libcurl: HTTP/2 where TLS agrees on it, else HTTP/1.1; connections are kept and shared.
///
/// Redirects are not followed and no content encoding is asked for. Proxies are those of the environment, as libcurl
/// reads it (`HTTPS_PROXY`, `http_proxy`, `ALL_PROXY`, `NO_PROXY`); as with kubectl, loopback addresses and Unix
/// sockets are always reached directly.
///
/// A client that is let go closes itself, once the last body that it handed out is gone too.
public final class CurlClient: HTTPClient {
  /// Requests beyond these wait for a connection, within their head deadline.
  public struct Limits: Sendable {
    /// Connections to one endpoint. A stream over HTTP/1.1 holds one for as long as it lives.
    public var connectionsPerHost: Int
    /// Connections to all endpoints, idle ones included.
    public var connections: Int

    public init(connectionsPerHost: Int = 128, connections: Int = 512) {
      self.connectionsPerHost = connectionsPerHost
      self.connections = connections
    }
  }

  private let engine: Engine

  /// - Parameter userAgent: `meshdeck/1.0`. A name that begins like curl's or a browser's makes the Kubernetes API
  ///   server indent its answers.
  public init(userAgent: String = "meshdeck", limits: Limits = Limits()) {
    engine = Engine(userAgent: userAgent, limits: limits)
  }

  deinit { close() }

  /// Ends all transfers with `cancelled` and closes all connections; returns when that is done. Later requests fail
  /// with `cancelled`.
  public func close() { engine.close() }

  public func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    let exchange = Exchange(request)
    let head = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        exchange.awaitHead { continuation.resume(returning: $0) }
        engine.post(.start(exchange))
      }
    } onCancel: {
      cancel(exchange)
    }
    let answer = try head.get()
    let reader = BodyReader(exchange, client: self)
    return HTTPResponse(status: answer.status, headers: answer.headers, body: HTTPBody(reader.next))
  }

  fileprivate func cancel(_ exchange: Exchange) {
    if exchange.cancel() { engine.post(.remove(exchange)) }
  }

  fileprivate func resume(_ exchange: Exchange) { engine.post(.resume(exchange)) }
}

/// What stands behind a body: the transfer ends with it.
private final class BodyReader: Sendable {
  let exchange: Exchange
  let client: CurlClient

  init(_ exchange: Exchange, client: CurlClient) {
    self.exchange = exchange
    self.client = client
  }

  deinit { client.cancel(exchange) }

  @Sendable func next() async throws(TransportError) -> [UInt8]? {
    let chunk = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if exchange.awaitChunk({ continuation.resume(returning: $0) }) { client.resume(exchange) }
      }
    } onCancel: {
      client.cancel(exchange)
    }
    return try chunk.get()
  }
}
