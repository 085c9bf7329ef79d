import Synchronization

/// Answers from recordings: requests with the same method, target and body get them in the order in which they were
/// made, and the last one again and again. Other requests fail.
public final class Replayer: HTTPClient {
  private struct Question: Hashable {
    let method: HTTPRequest.Method
    let target: String
    let body: [UInt8]?
  }

  private let answers: [Question: [Recording]]
  private let asked = Mutex<[Question: Int]>([:])

  public init(_ recordings: [Recording]) {
    answers = Dictionary(grouping: recordings) {
      Question(method: $0.method, target: $0.target, body: $0.requestBody)
    }
  }

  public func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    let target = request.endpoint.basePath + request.target
    let question = Question(method: request.method, target: target, body: request.body)
    guard let recordings = answers[question] else {
      throw .unreachable(request.endpoint, reason: "no recording of \(request.method.rawValue) \(target)")
    }
    let turn = asked.withLock { asked in
      defer { asked[question, default: 0] += 1 }
      return asked[question, default: 0]
    }
    let recording = recordings[min(turn, recordings.count - 1)]
    guard let status = recording.status else {
      if case .failed(let failure) = recording.ending { throw failure }
      throw .brokenOff(reason: "the recording has no head")
    }
    return HTTPResponse(status: status, headers: recording.headers, body: Self.body(recording))
  }

  /// All bytes at once, then the end as it was recorded.
  private static func body(_ recording: Recording) -> HTTPBody {
    let rest = Mailbox<[UInt8]>()
    if !recording.body.isEmpty { rest.put(recording.body) }
    switch recording.ending {
    case .whole: rest.end(nil)
    case .unread, .cut: rest.end(.brokenOff(reason: "the recording ends here"))
    case .failed(let failure): rest.end(failure)
    }
    return HTTPBody(rest.next)
  }
}
