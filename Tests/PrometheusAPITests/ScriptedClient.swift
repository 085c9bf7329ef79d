import Synchronization
import Transport

/// Gives every request the same answer, and keeps what it was asked.
final class ScriptedClient: HTTPClient {
  private let status: Int
  private let body: [UInt8]
  private let sent = Mutex<[HTTPRequest]>([])

  init(_ status: Int, _ body: String) { (self.status, self.body) = (status, Array(body.utf8)) }

  var requests: [HTTPRequest] { sent.withLock { $0 } }

  func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    sent.withLock { $0.append(request) }
    let rest = Mutex<[UInt8]?>(body)
    return HTTPResponse(
      status: status, headers: [:],
      body: HTTPBody { () async throws(TransportError) in
        rest.withLock { rest in
          defer { rest = nil }
          return rest
        }
      })
  }
}
