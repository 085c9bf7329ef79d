import CurlTransport
import Peers
import Testing
import Transport

/// What goes over the wire.
@Suite(.timeLimit(.minutes(1))) struct RequestTests {
  let client = CurlClient(userAgent: "meshdeck/test")

  /// The head and body that a server sees.
  func sent(
    _ method: HTTPRequest.Method, _ target: String = "/", basePath: String = "", headers: HTTPHeaders = [:],
    body: [UInt8]? = nil
  ) async throws -> (head: String, body: String) {
    let seen = Signal<(String, String)>()
    let server = try RawServer { connection in
      let head = connection.readHead()
      seen.send((head, connection.read(body?.count ?? 0)))
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    }
    let endpoint = Endpoint(host: "127.0.0.1", port: server.port, basePath: basePath)
    _ = try await client.send(HTTPRequest(method, endpoint, target, headers: headers, body: body))
    let (head, text) = try #require(await seen.wait())
    return (head.replacing("127.0.0.1:\(server.port)", with: "HOST"), text)
  }

  @Test func `a GET is bare`() async throws {
    #expect(
      try await sent(.get, "/a/../b?c=%20&d").head == """
        GET /a/../b?c=%20&d HTTP/1.1\r
        Host: HOST\r
        User-Agent: meshdeck/test\r
        Accept: */*\r
        \r

        """)
  }

  @Test func `fields stand as given, empty ones too, and a base path before the target`() async throws {
    #expect(
      try await sent(.get, "/x", basePath: "/base", headers: ["Accept": "application/json", "X-Empty": ""]).head == """
        GET /base/x HTTP/1.1\r
        Host: HOST\r
        User-Agent: meshdeck/test\r
        Accept: application/json\r
        X-Empty:\r
        \r

        """)
  }

  @Test(arguments: [HTTPRequest.Method.post, .put, .patch, .delete])
  func `a body goes with its type and length, and without asking first`(method: HTTPRequest.Method) async throws {
    let body = String(repeating: "x\0", count: 1_000_000)
    let seen = try await sent(method, headers: ["Content-Type": "a/b"], body: Array(body.utf8))
    #expect(
      seen.head == """
        \(method.rawValue) / HTTP/1.1\r
        Host: HOST\r
        User-Agent: meshdeck/test\r
        Accept: */*\r
        Content-Type: a/b\r
        Content-Length: 2000000\r
        \r

        """)
    #expect(seen.body == body)
  }

  @Test func `without a body there is no type, and a length of zero where the method may have one`() async throws {
    for method in [HTTPRequest.Method.post, .put, .patch] {
      let head = try await sent(method).head
      #expect(head.hasPrefix("\(method.rawValue) / HTTP/1.1\r\n"))
      #expect(head.contains("Content-Length: 0\r\n") && !head.contains("Content-Type"))
    }
    #expect(try await !sent(.delete).head.contains("Content-Length"))
  }

  @Test(arguments: [
    HTTPRequest(.get, Endpoint(host: "a"), "no-slash"), HTTPRequest(.get, Endpoint(host: "a"), "/a b"),
    HTTPRequest(.get, Endpoint(host: "a"), "/a\r\nX: y"), HTTPRequest(.get, Endpoint(host: "a"), "/a#b"),
    HTTPRequest(.get, Endpoint(host: "a"), "/ä"), HTTPRequest(.get, Endpoint(host: "a@b"), "/"),
    HTTPRequest(.get, Endpoint(host: ""), "/"), HTTPRequest(.get, Endpoint(host: "a", port: 0), "/"),
    HTTPRequest(.get, Endpoint(host: "a", port: 70_000), "/"),
    HTTPRequest(.get, Endpoint(host: "a", unixSocket: String(repeating: "x", count: 108)), "/"),
    HTTPRequest(.get, Endpoint(host: "a"), "/", headers: ["X Y": "z"]),
    HTTPRequest(.get, Endpoint(host: "a"), "/", headers: ["": "z"]),
    HTTPRequest(.get, Endpoint(host: "a"), "/", headers: ["Authorization": "secret\r\nX: y"]),
  ])
  func `what could smuggle in another request is not sent, and no value is shown`(request: HTTPRequest) async throws {
    do {
      _ = try await client.send(request)
      Issue.record("it was sent")
    } catch {
      #expect(error.description.hasPrefix("the request cannot be sent"))
      #expect(!error.description.contains("secret"))
    }
  }

  @Test func `a closed port and an unknown name are told`() async throws {
    // tcpmux: nobody serves it.
    let endpoint = Endpoint(host: "127.0.0.1", port: 1)
    await #expect(throws: TransportError.unreachable(endpoint, reason: "connection refused")) {
      try await client.send(HTTPRequest(.get, endpoint, "/"))
    }
    // A label is at most 63 bytes long: no server is asked for this one.
    let name = String(repeating: "x", count: 64) + ".invalid"
    await #expect(throws: TransportError.unresolved(host: name)) {
      try await client.send(HTTPRequest(.get, Endpoint(host: name), "/"))
    }
  }
}
