import Synchronization

/// Passes requests on to another client and keeps what was asked and answered, without credentials in headers.
/// Bodies are kept as they are: do not record where they are secrets.
public final class Recorder: HTTPClient {
  private let client: any HTTPClient
  private let limit: Int
  private let kept = Mutex<[Recording]>([])

  /// - Parameter limit: bytes kept of one body; the reader gets all of them.
  public init(_ client: any HTTPClient, keepingUpTo limit: Int = 16 << 20) {
    self.client = client
    self.limit = limit
  }

  /// In the order of the requests, each as far as it has come.
  public var recordings: [Recording] { kept.withLock { $0 } }

  public func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    let place = kept.withLock { recordings in
      recordings.append(Recording(request))
      return recordings.count - 1
    }
    do throws(TransportError) {
      let response = try await client.send(request)
      kept.withLock {
        $0[place].status = response.status
        $0[place].headers = response.headers.withoutCredentials
      }
      return HTTPResponse(
        status: response.status, headers: response.headers, body: recorded(response.body, place))
    } catch {
      kept.withLock { $0[place].ending = .failed(error) }
      throw error
    }
  }

  private func recorded(_ body: HTTPBody, _ place: Int) -> HTTPBody {
    HTTPBody { () async throws(TransportError) in
      var iterator = body.makeAsyncIterator()
      do throws(TransportError) {
        let chunk = try await iterator.next()
        self.keep(chunk, place)
        return chunk
      } catch {
        self.kept.withLock { $0[place].ending = .failed(error) }
        throw error
      }
    }
  }

  private func keep(_ chunk: [UInt8]?, _ place: Int) {
    kept.withLock { recordings in
      guard let chunk else {
        if recordings[place].ending == .unread { recordings[place].ending = .whole }
        return
      }
      let room = limit - recordings[place].body.count
      recordings[place].body += chunk.prefix(room)
      if chunk.count > room { recordings[place].ending = .cut }
    }
  }
}
