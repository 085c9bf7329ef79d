import CurlTransport
import Peers
import Testing
import Transport

@Suite(.timeLimit(.minutes(1))) struct CancellationTests {
  let client = CurlClient()

  /// A server that streams without end after its head, and says when it sees the client go.
  func endless(_ closed: Signal<ContinuousClock.Instant>, began: Signal<Bool> = Signal()) throws -> RawServer {
    try RawServer { connection in
      connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\n\r\nfirst\n")
      began.send(true)
      connection.awaitClose()
      closed.send(.now)
    }
  }

  func request(_ server: RawServer) -> HTTPRequest {
    HTTPRequest(.get, Endpoint(host: "127.0.0.1", port: server.port), "/", deadline: nil)
  }

  @Test func `cancelling before the head ends the transfer`() async throws {
    let (asked, closed) = (Signal<Bool>(), Signal<ContinuousClock.Instant>())
    let server = try RawServer { connection in
      connection.readHead()
      asked.send(true)
      connection.awaitClose()
      closed.send(.now)
    }
    let task = Task { try await client.send(request(server)) }
    #expect(await asked.wait() == true)
    let began = ContinuousClock.now
    task.cancel()
    await #expect(throws: TransportError.cancelled) { try await task.value }
    let seen = try #require(await closed.wait())
    #expect(seen - began < .milliseconds(500))
  }

  @Test func `cancelling the reader ends the transfer`() async throws {
    let closed = Signal<ContinuousClock.Instant>()
    let server = try endless(closed)
    let reading = Signal<Bool>()
    let task = Task {
      var body = try await client.send(request(server)).body.makeAsyncIterator()
      _ = try await body.next()
      reading.send(true)
      return try await body.next()
    }
    #expect(await reading.wait() == true)
    task.cancel()
    await #expect(throws: TransportError.cancelled) { try await task.value }
    #expect(await closed.wait() != nil)
  }

  @Test func `letting go of the body ends the transfer`() async throws {
    let closed = Signal<ContinuousClock.Instant>()
    let server = try endless(closed)
    func readOnce() async throws -> [UInt8]? {
      var body = try await client.send(request(server)).body.makeAsyncIterator()
      return try await body.next()
    }
    #expect(try await readOnce() == Array("first\n".utf8))
    #expect(await closed.wait() != nil)
  }

  @Test func `a task that is cancelled already sends nothing`() async throws {
    let server = try RawServer { _ in Issue.record("a connection was made") }
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await client.send(request(server))
    }
    await #expect(throws: TransportError.cancelled) { try await task.value }
  }

  @Test func `closing the client ends what is under way, and nothing begins after it`() async throws {
    let closed = Signal<ContinuousClock.Instant>()
    let server = try endless(closed)
    var body = try await client.send(request(server)).body.makeAsyncIterator()
    #expect(try await body.next() == Array("first\n".utf8))
    client.close()
    await #expect(throws: TransportError.cancelled) { try await body.next() }
    #expect(await closed.wait() != nil)
    await #expect(throws: TransportError.cancelled) { try await client.send(request(server)) }
  }

  @Test func `a body outlives the variable that held its client`() async throws {
    let server = try RawServer { connection in
      connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n")
      connection.write("abc")
    }
    func answer() async throws -> HTTPResponse { try await CurlClient().send(request(server)) }
    #expect(try await answer().body.collect() == Array("abc".utf8))
  }

  @Test func `many requests begun and cancelled at random leave nothing behind`() async throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    let server = try RawServer { connection in
      while !connection.readHead().isEmpty {
        guard connection.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello") else { return }
      }
    }
    let request = request(server)
    let outcomes = await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<300 {
        let patience = Int.random(in: 0..<400, using: &random)
        group.addTask {
          let task = Task { try await client.send(request).body.collect() }
          for _ in 0..<patience { await Task.yield() }
          task.cancel()
          switch await task.result {
          case .success(let body): return body == Array("hello".utf8)
          case .failure(let error): return error as? TransportError == .cancelled
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(!outcomes.contains(false), "seed \(seed)")
    #expect(try await client.send(request).body.collect() == Array("hello".utf8), "seed \(seed)")
  }
}
