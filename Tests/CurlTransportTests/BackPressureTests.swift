import CurlTransport
import Glibc
import Peers
import Testing
import Transport

@Suite(.timeLimit(.minutes(1))) struct BackPressureTests {
  @Test func `a sender is held back while nobody reads, and nothing is lost`() async throws {
    let bytes = pattern(atLeast: 48_000_000)
    let stuck = Signal<Int>()
    let server = try RawServer { connection in
      connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(bytes.count)\r\n\r\n")
      var sent = 0
      while sent < bytes.count {
        // Held back: for a tenth of a second not a byte more is taken.
        var writable = pollfd(file: connection.file)
        if poll(&writable, 1, 100) == 0 { stuck.send(sent) }
        let chunk = bytes[sent..<min(sent + 65_536, bytes.count)]
        guard connection.write(Array(chunk)) else { return }
        sent += chunk.count
      }
      stuck.send(sent)
    }
    let client = CurlClient()
    let endpoint = Endpoint(host: "127.0.0.1", port: server.port)
    let answer = try await client.send(HTTPRequest(.get, endpoint, "/", idleLimit: .milliseconds(50)))
    // What was taken is in the kernel's buffers, but for a quarter of a megabyte.
    let taken = try #require(await stuck.wait())
    #expect(taken < bytes.count / 2)

    #expect(try await answer.body.collect() == bytes)
  }
}

extension pollfd {
  fileprivate init(file: Int32) { self.init(fd: file, events: Int16(POLLOUT), revents: 0) }
}
