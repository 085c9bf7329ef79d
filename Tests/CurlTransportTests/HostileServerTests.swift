import CurlTransport
import Peers
import Testing
import Transport

@Suite(.timeLimit(.minutes(1))) struct HostileServerTests {
  let client = CurlClient()

  func request(_ server: RawServer, headDeadline: Duration = .seconds(10), idleLimit: Duration? = nil) -> HTTPRequest {
    HTTPRequest(
      .get, Endpoint(host: "127.0.0.1", port: server.port), "/", headDeadline: headDeadline, idleLimit: idleLimit)
  }

  /// The failure of a request, or of reading its body.
  func failure(of request: HTTPRequest) async -> TransportError? {
    do throws(TransportError) {
      _ = try await client.send(request).body.collect()
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: [
    ("", TransportError.brokenOff(reason: "the server closed it without an answer")),
    (
      "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
      .brokenOff(reason: "the server closed it in the middle of the answer")
    ),
    (
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n9\r\nabc",
      .brokenOff(reason: "the server closed it in the middle of the answer")
    ),
    ("HTTP/1.1 abc\r\n\r\n", .malformed(reason: "Unsupported HTTP version in response")),
    ("SSH-2.0-OpenSSH_9.2\r\n", .malformed(reason: "it has no status line")),
    ("\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}\u{8}\u{9}", .malformed(reason: "it has no status line")),
  ])
  func `an answer that is none, or not whole, is an error`(sent: String, expected: TransportError) async throws {
    let server = try RawServer {
      $0.readHead()
      $0.write(sent)
    }
    let failure = await failure(of: request(server))
    #expect(failure == expected)
  }

  @Test func `what came before the break is still given`() async throws {
    let server = try RawServer {
      $0.readHead()
      $0.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
    }
    var body = try await client.send(request(server)).body.makeAsyncIterator()
    #expect(try await body.next() == Array("abc".utf8))
    await #expect(throws: TransportError.self) { try await body.next() }
  }

  @Test func `a head without end is refused`() async throws {
    let server = try RawServer { connection in
      connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\n")
      for number in 0..<100_000 where !connection.write("X-\(number): 1\r\n") { return }
    }
    #expect(await failure(of: request(server)) == .malformed(reason: "its head has more than 1000 fields"))
  }

  @Test func `a field without end is refused`() async throws {
    let server = try RawServer { connection in
      connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\nX: ")
      while connection.write([UInt8](repeating: 0x61, count: 10_000)) {}
    }
    #expect(await failure(of: request(server)) != nil)
  }

  @Test func `an interim answer is passed over`() async throws {
    let server = try RawServer {
      $0.readHead()
      $0.write("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 2\r\n\r\nok")
    }
    let answer = try await client.send(request(server))
    #expect(answer.status == 200)
    #expect(answer.headers.map(\.name) == ["A", "Content-Length"])
    #expect(try await answer.body.collect() == Array("ok".utf8))
  }

  @Test(arguments: ["", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 200 OK\r\nServer: x\r\n"])
  func `a head that is not there in time ends the transfer`(sent: String) async throws {
    let closed = Signal<Bool>()
    let server = try RawServer { connection in
      connection.readHead()
      connection.write(sent)
      connection.awaitClose()
      closed.send(true)
    }
    #expect(
      await failure(of: request(server, headDeadline: .milliseconds(50))) == .deadlineExceeded(after: .milliseconds(50))
    )
    #expect(await closed.wait() == true)
  }

  @Test func `interim answers without end are refused`() async throws {
    let server = try RawServer { connection in
      connection.readHead()
      while connection.write("HTTP/1.1 100 Continue\r\n\r\n") {}
    }
    #expect(await failure(of: request(server)) == .malformed(reason: "its head is larger than 256 kB"))
  }

  @Test func `a stream that falls silent is broken off`() async throws {
    let server = try RawServer {
      $0.readHead()
      $0.write("HTTP/1.1 200 OK\r\n\r\nabc")
      $0.awaitClose()
    }
    var body = try await client.send(request(server, idleLimit: .milliseconds(50))).body.makeAsyncIterator()
    #expect(try await body.next() == Array("abc".utf8))
    await #expect(throws: TransportError.brokenOff(reason: "nothing came for 0.05 s")) { try await body.next() }
  }

  @Test func `the whole deadline also ends a stream that never pauses`() async throws {
    let server = try RawServer { connection in
      connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\n\r\n")
      while connection.write("line\n") {}
    }
    var long = request(server)
    long.deadline = .milliseconds(100)
    #expect(await failure(of: long) == .deadlineExceeded(after: .milliseconds(100)))
  }

  @Test func `a body that grows too large is refused`() async throws {
    let server = try RawServer { connection in
      connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\n\r\n")
      while connection.write([UInt8](repeating: 0, count: 4096)) {}
    }
    let answer = try await client.send(request(server))
    await #expect(throws: TransportError.tooLarge(limit: 100_000)) { try await answer.body.collect(upTo: 100_000) }
  }
}
