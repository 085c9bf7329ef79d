/// A client whose answers a test gives by hand, piece by piece and when it likes: nothing depends on time.
///
///     let client = StagedClient()
///     async let list = api.list(over: client)
///     let asked = try await client.next()
///     #expect(asked.request.target == "/api/v1/pods")
///     asked.answer(200)
///     asked.send("{\"items\":")
///     asked.breakOff(.brokenOff(reason: "gone"))
public final class StagedClient: HTTPClient {
  private let asked = Mailbox<StagedExchange>()

  public init() {}

  public func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    let exchange = StagedExchange(request)
    asked.put(exchange)
    return try await exchange.response()
  }

  /// The next request, in the order in which they were sent. Waits for it.
  public func next() async throws(TransportError) -> StagedExchange {
    guard let exchange = try await asked.next() else { throw .cancelled }
    return exchange
  }
}

/// A request that waits for its answer.
public final class StagedExchange: Sendable {
  public let request: HTTPRequest
  private let head = Mailbox<(status: Int, headers: HTTPHeaders)>()
  private let chunks = Mailbox<[UInt8]>()
  private let abandoned = Mailbox<Bool>()

  init(_ request: HTTPRequest) { self.request = request }

  /// Gives the head.
  public func answer(_ status: Int, headers: HTTPHeaders = [:]) { head.put((status, headers)) }

  /// Gives a chunk of the body.
  public func send(_ text: String) { send(Array(text.utf8)) }
  public func send(_ bytes: [UInt8]) { chunks.put(bytes) }

  /// Ends the body in order.
  public func finish() { chunks.end(nil) }

  /// Gives the whole answer.
  public func answer(_ status: Int, headers: HTTPHeaders = [:], body: String) {
    answer(status, headers: headers)
    send(body)
    finish()
  }

  /// Ends the answer, wherever it stands.
  public func breakOff(_ failure: TransportError) {
    head.end(failure)
    chunks.end(failure)
  }

  /// Returns when nobody waits for the answer any more: its task was cancelled, or its last reader let go.
  public func untilAbandoned() async throws(TransportError) { _ = try await abandoned.next() }

  func response() async throws(TransportError) -> HTTPResponse {
    let reader = Reader(self)
    guard let (status, headers) = try await head.next() else { throw .cancelled }
    return HTTPResponse(status: status, headers: headers, body: HTTPBody(reader.next))
  }

  private final class Reader: Sendable {
    let exchange: StagedExchange

    init(_ exchange: StagedExchange) { self.exchange = exchange }

    deinit { exchange.abandoned.end(nil) }

    @Sendable func next() async throws(TransportError) -> [UInt8]? { try await exchange.chunks.next() }
  }
}
