internal import JSON
internal import Transport

extension HTTPServer {
  /// An answer. `Content-Length`, `Transfer-Encoding`, `Connection` and `Date` are the server's to set.
  struct Response: Sendable {
    var status: Int
    var headers: HTTPHeaders
    var body: Body

    enum Body: Sendable {
      case whole([UInt8])
      /// Writes the body chunk by chunk. `write` returns when the connection has taken the chunk, which holds back a
      /// writer that is faster than its client, and throws when the client is gone. The task is cancelled as soon as
      /// the client leaves or the server stops. Returning ends the body in good order, throwing breaks it off.
      case stream(@Sendable (_ write: Write) async throws -> Void)
    }

    typealias Write = @Sendable ([UInt8]) async throws -> Void

    init(status: Int = 200, headers: HTTPHeaders = [:], body: Body) {
      self.status = status
      self.headers = headers
      self.body = body
    }

    static func text(_ text: String, status: Int = 200) -> Response {
      Response(status: status, headers: ["Content-Type": "text/plain; charset=utf-8"], body: .whole(Array(text.utf8)))
    }

    static func json(_ value: JSONValue, status: Int = 200, indent: Int? = nil) -> Response {
      json(bytes: value.bytes(indent: indent), status: status)
    }

    static func json(bytes: [UInt8], status: Int = 200) -> Response {
      Response(status: status, headers: ["Content-Type": "application/json"], body: .whole(bytes))
    }

    /// A body that is an asynchronous sequence of chunks. Each element is waited for only when the one before is sent.
    static func stream<Chunks: AsyncSequence & Sendable>(
      status: Int = 200, headers: HTTPHeaders = [:], _ chunks: Chunks
    ) -> Response where Chunks.Element == [UInt8] {
      Response(
        status: status, headers: headers,
        body: .stream { write in for try await chunk in chunks { try await write(chunk) } })
    }
  }
}
