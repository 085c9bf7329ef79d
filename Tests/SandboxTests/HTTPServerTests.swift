internal import Glibc
internal import Synchronization
internal import Testing

@testable import Sandbox

@Suite struct HTTPServerTests {
  /// Answers with what it was asked.
  private let echo: HTTPServer.Handler = { request in
    .text(
      "\(request.method) \(request.path) \(request.query.items.map { "\($0.name)=\($0.value)" }) \(request.body.count)\n"
    )
  }

  private func serving(
    within limits: HTTPServer.Limits = HTTPServer.Limits(), _ handler: @escaping HTTPServer.Handler,
    _ use: (RawClient, HTTPServer) async throws -> Void
  ) async throws {
    let server = try await HTTPServer.start(on: .tcp(host: "127.0.0.1", port: 0), limits: limits, handler: handler)
    do {
      try await use(RawClient(server.address), server)
    } catch {
      await server.stop(grace: .zero)
      throw error
    }
    await server.stop(grace: .zero)
  }

  @Test func keepsTheConnectionBetweenRequests() async throws {
    try await serving(echo) { client, _ in
      for _ in 1...3 {
        try await client.send("POST /a%20b/c?x=1%2B&y HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
        let answer = try await client.receive { $0.hasSuffix(" 3\n") }
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.contains("Content-Length: 35\r\n"))
        #expect(answer.hasSuffix("\r\n\r\nPOST [\"a b\", \"c\"] [\"x=1+\", \"y=\"] 3\n"))
      }
    }
  }

  @Test func endsTheConnectionWhereTheClientAsksForIt() async throws {
    try await serving(echo) { client, _ in
      try await client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
      let answer = try await client.receive()
      #expect(answer.contains("Connection: close\r\n"))
    }
  }

  @Test func answersHEADWithoutABody() async throws {
    try await serving(echo) { client, _ in
      try await client.send("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
      let answer = try await client.receive()
      #expect(answer.contains("Content-Length: 13\r\n"))
      #expect(answer.hasSuffix("\r\n\r\n"))
    }
  }

  @Test func tellsAClientToGoOnWithItsBody() async throws {
    try await serving(echo) { client, _ in
      try await client.send("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
      let answer = try await client.receive { $0.hasSuffix("\r\n\r\n") }
      #expect(answer == "HTTP/1.1 100 Continue\r\n\r\n")
      try await client.send("ok")
      let whole = try await client.receive { $0.hasSuffix(" 2\n") }
      #expect(whole.hasPrefix("HTTP/1.1 200 OK\r\n"))
    }
  }

  /// Each begins so, and goes on with so many x.
  @Test(arguments: [
    ("no HTTP at all\r\n\r\n", 0, 400), ("GET / HTTP/1.1\r\nHost: h\r\nX: ", 40_000, 431),
    ("GET / HTTP/1.1\r\nHost: h\r\nX: ", 4_000_000, 431),
    ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n", 0, 413),
    ("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n", 1001, 413),
    ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0", 0, 400),
  ])
  func refuses(_ beginning: String, then filler: Int, with status: Int) async throws {
    let bytes = beginning + String(repeating: "x", count: filler) + "\r\n\r\n"
    var limits = HTTPServer.Limits()
    (limits.headBytes, limits.bodyBytes) = (32 << 10, 1000)
    try await serving(within: limits, echo) { client, _ in
      try? await client.send(bytes)  // the server may close before it has read all
      let answer = try await client.receive()
      #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
    }
  }

  @Test func answersOneRequestAtATime() async throws {
    try await serving(echo) { client, _ in
      try await client.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n")
      let answer = try await client.receive()
      #expect(answer.contains("[\"1\"]") && !answer.contains("[\"2\"]"))
    }
  }

  @Test func streamsAndHoldsTheProducerBack() async throws {
    let produced = Mutex(0)
    let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
    try await serving({ _ in
      .init(
        body: .stream { write in
          for _ in 1...64 {
            try await write(chunk)
            produced.withLock { $0 += 1 }
          }
        })
    }) { client, _ in
      try await client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
      let head = try await client.receive { $0.contains("\r\n\r\n") }
      #expect(head.lowercased().contains("\r\ntransfer-encoding: chunked\r\n"))
      #expect(produced.withLock { $0 } < 32)
      let rest = try await client.receive()
      #expect(rest.hasSuffix("\r\n0\r\n\r\n"))
      #expect(head.utf8.count + rest.utf8.count > 64 << 20)
      #expect(produced.withLock { $0 } == 64)
    }
  }

  @Test(arguments: [true, false])
  func noticesThatTheClientLeft(whileItStreams: Bool) async throws {
    let (ends, end) = AsyncStream<Void>.makeStream()
    let (begins, begin) = AsyncStream<Void>.makeStream()
    let waitForEver: @Sendable () async -> Void = {
      begin.yield()
      for await _ in AsyncStream<Void>.makeStream().stream {}
      if Task.isCancelled { end.yield() }
    }
    try await serving({ _ in
      guard whileItStreams else {
        await waitForEver()
        return .text("")
      }
      return .init(body: .stream { _ in await waitForEver() })
    }) { client, _ in
      try await client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
      for await _ in begins { break }
      client.leave()
      for await _ in ends { break }
    }
  }

  @Test func closesAConnectionThatDoesNothing() async throws {
    var limits = HTTPServer.Limits()
    (limits.idle, limits.progress) = (.milliseconds(50), .milliseconds(20))
    for begun in ["", "GET / HTTP/1.1\r\nHo", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc"] {
      try await serving(within: limits, echo) { client, _ in
        try await client.send(begun)
        let answer = try await client.receive()
        #expect(answer == "")
      }
    }
  }

  @Test func endsStreamsInGoodOrderWhenItStops() async throws {
    let address = HTTPServer.Address.unix(path: "/tmp/meshdeck-test-\(getpid())-stop.sock")
    let server = try await HTTPServer.start(on: address) { _ in
      .init(
        body: .stream { write in
          try await write(Array("begun\n".utf8))
          for await _ in AsyncStream<Void>.makeStream().stream {}
        })
    }
    let client = try RawClient(address)
    try await client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    _ = try await client.receive { $0.contains("begun") }
    await server.stop(grace: .seconds(5))
    let answer = try await client.receive()
    #expect(answer.hasSuffix("0\r\n\r\n"))
    #expect(throws: RawClientError.self) { _ = try RawClient(address) }
  }

  @Test func breaksOffAStreamThatFails() async throws {
    struct Broken: Error {}
    try await serving({ _ in
      .init(
        body: .stream { write in
          try await write(Array("half a l".utf8))
          throw Broken()
        })
    }) { client, _ in
      try await client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
      let answer = try await client.receive()
      #expect(answer.hasSuffix("8\r\nhalf a l\r\n"))
    }
  }

  @Test func listensOnAUnixSocket() async throws {
    let path = "/tmp/meshdeck-test-\(getpid()).sock"
    let server = try await HTTPServer.start(on: .unix(path: path), handler: echo)
    let client = try RawClient(server.address)
    try await client.send("GET / HTTP/1.0\r\n\r\n")
    let answer = try await client.receive()
    #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
    await server.stop()
    #expect(access(path, F_OK) != 0)
  }

  @Test func saysWhyItCannotListen() async throws {
    await #expect(throws: HTTPServerError.self) {
      _ = try await HTTPServer.start(on: .tcp(host: "192.0.2.1", port: 1), handler: echo)
    }
  }

  @Test(arguments: [
    ("a%20b", "a b"), ("%", "%"), ("%4", "%4"), ("%zz", "%zz"), ("%41%", "A%"), ("a+b", "a+b"), ("%ff", "\u{FFFD}"),
  ])
  func decodesPercents(_ text: String, to decoded: String) { #expect(percentDecoded(text) == decoded) }
}
