import CurlTransport
import Glibc
import Peers
import Transport

/// What streams cost on which nothing comes.
struct Silence: BenchCase {
  let name = "silence"

  func run() async throws -> [Figure] {
    let server = try RawServer { connection in
      connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\n\r\nfirst")
      connection.awaitClose()
    }
    let client = CurlClient()
    let endpoint = Endpoint(host: "127.0.0.1", port: server.port)
    let request = HTTPRequest(.get, endpoint, "/", deadline: nil, idleLimit: .seconds(60))
    var streams: [HTTPBody.AsyncIterator] = []
    for _ in 0..<20 {
      var body = try await client.send(request).body.makeAsyncIterator()
      _ = try await body.next()
      streams.append(body)
    }
    let before = usage()
    try await Task.sleep(for: .seconds(3))
    let after = usage()
    client.close()
    server.stop()
    guard streams.count == 20 else { throw PeerFailure("no streams") }
    return [
      Figure(
        what: "20 silent streams: CPU, ms a second", value: (after.seconds - before.seconds) / 3 * 1000,
        bar: .atMost(1),
        detail: "\(rounded((after.switches - before.switches) / 3)) wake-ups")
    ]
  }

  private func usage() -> (switches: Double, seconds: Double) {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    let seconds = [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    return (Double(usage.ru_nvcsw), seconds)
  }
}
