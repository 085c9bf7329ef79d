import Synchronization
import Transport

/// Answers requests by a script, and remembers them.
final class ScriptedClient: HTTPClient {
  struct Answer: Sendable {
    var status = 200
    var headers: HTTPHeaders = ["Content-Type": "application/json"]
    var chunks: [[UInt8]] = []
    /// How the body ends: whole, or broken.
    var end: TransportError?

    init(_ status: Int = 200, headers: HTTPHeaders = [:], _ text: String = "", end: TransportError? = nil) {
      self.status = status
      self.headers = headers
      chunks = text.isEmpty ? [] : [Array(text.utf8)]
      self.end = end
    }
  }

  typealias Script = @Sendable (HTTPRequest, Int) throws(TransportError) -> Answer

  private let script: Script
  private let sent = Mutex<[HTTPRequest]>([])

  /// The script gets each request and its number, counted from 0.
  init(_ script: @escaping Script) { self.script = script }

  /// Answers in turn; the last one again and again.
  convenience init(_ answers: Answer...) {
    self.init { _, number throws(TransportError) in answers[min(number, answers.count - 1)] }
  }

  var requests: [HTTPRequest] { sent.withLock { $0 } }

  func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    let number = sent.withLock { sent in
      sent.append(request)
      return sent.count - 1
    }
    let answer = try script(request, number)
    let rest = ChunkQueue(answer.chunks, end: answer.end)
    return HTTPResponse(
      status: answer.status, headers: answer.headers,
      body: HTTPBody { () async throws(TransportError) in try rest.next() })
  }
}

private final class ChunkQueue: Sendable {
  private let left: Mutex<[[UInt8]]>
  private let end: TransportError?

  init(_ chunks: [[UInt8]], end: TransportError?) {
    left = Mutex(chunks)
    self.end = end
  }

  func next() throws(TransportError) -> [UInt8]? {
    let chunk = left.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    if chunk == nil, let end { throw end }
    return chunk
  }
}
