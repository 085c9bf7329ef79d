import Transport

/// Answers each request from a table of targets; what is not in it is unreachable.
struct ScriptedClient: HTTPClient {
  struct Answer {
    var status = 200
    var body: [UInt8]
  }

  var answers: [String: Answer]

  init(_ answers: [String: Answer]) { self.answers = answers }

  /// One answer for one request.
  init(_ request: String, status: Int = 200, _ body: String) {
    answers = [request: Answer(status: status, body: Array(body.utf8))]
  }

  /// Keys are `GET /target`.
  func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    guard let answer = answers["\(request.method.rawValue) \(request.target)"] else {
      throw .unreachable(request.endpoint, reason: "no answer for \(request.method.rawValue) \(request.target)")
    }
    let body = Pieces(answer.body)
    return HTTPResponse(
      status: answer.status, headers: [:],
      body: HTTPBody { () async throws(TransportError) -> [UInt8]? in await body.next() })
  }
}

/// Gives bytes in pieces of a thousand.
private actor Pieces {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  func next() -> [UInt8]? {
    guard !rest.isEmpty else { return nil }
    defer { rest = rest.dropFirst(1000) }
    return Array(rest.prefix(1000))
  }
}
