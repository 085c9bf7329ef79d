import CurlTransport
import Peers
import Transport

/// How soon a cancelled request returns.
struct LetGo: BenchCase {
  let name = "cancel"

  func run() async throws -> [Figure] {
    let server = try RawServer { connection in
      connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\n\r\nfirst")
      connection.awaitClose()
    }
    let client = CurlClient()
    let request = HTTPRequest(.get, Endpoint(host: "127.0.0.1", port: server.port), "/", deadline: nil)
    var milliseconds: [Double] = []
    for _ in 0..<200 {
      let reading = Signal<Bool>()
      let task = Task {
        var body = try await client.send(request).body.makeAsyncIterator()
        _ = try await body.next()
        reading.send(true)
        _ = try await body.next()
      }
      guard await reading.wait() == true else { throw PeerFailure("no stream") }
      let began = ContinuousClock.now
      task.cancel()
      _ = await task.result
      milliseconds.append((ContinuousClock.now - began).seconds * 1_000)
    }
    client.close()
    server.stop()
    return [
      Figure(
        what: "cancelling a stream: worst of 200, ms", value: milliseconds.max() ?? .nan, bar: .atMost(20),
        detail: "median \(rounded(median(milliseconds)))")
    ]
  }
}
