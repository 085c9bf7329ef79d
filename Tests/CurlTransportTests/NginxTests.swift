import CurlTransport
import Peers
import Testing
import Transport

@Suite(.timeLimit(.minutes(1))) struct NginxTests {
  static let certificates = Result { try Certificates() }
  let nginx: Nginx
  let certificates: Certificates
  let client = CurlClient(userAgent: "meshdeck/test")

  init() throws {
    certificates = try Self.certificates.get()
    nginx = try Nginx(certificates)
  }

  var plain: Endpoint { Endpoint(host: "127.0.0.1", port: nginx.port) }

  func secure(
    trust: TLSSettings.Trust? = nil, withClientCertificate: Bool = true, serverName: String? = "mesh.test"
  ) -> Endpoint {
    let tls = TLSSettings(
      trust: trust ?? .authorities(certificates.authority),
      clientCertificate: withClientCertificate ? certificates.clientCertificate : nil,
      clientKey: withClientCertificate ? certificates.clientKey : nil, serverName: serverName)
    return Endpoint(scheme: .https, host: "127.0.0.1", port: nginx.tlsPort, tls: tls)
  }

  /// The words of `/echo`.
  func echo(_ endpoint: Endpoint, headers: HTTPHeaders = [:]) async throws -> [String] {
    let answer = try await client.send(HTTPRequest(.get, endpoint, "/echo", headers: headers))
    #expect(answer.status == 200)
    return String(decoding: try await answer.body.collect(), as: UTF8.self).split(separator: " ").map(String.init)
  }

  @Test func `cleartext is HTTP 1.1 and says who asks`() async throws {
    let words = try await echo(plain)
    #expect(words[0] == "HTTP/1.1")
    #expect(words[2...] == ["-", "127.0.0.1:\(nginx.port)", "meshdeck/test", "-\n"])
  }

  @Test func `a Unix socket is reached under the host's name`() async throws {
    let words = try await echo(Endpoint(host: "localhost", unixSocket: nginx.unixSocket))
    #expect(words[3] == "localhost")
    let missing = Endpoint(host: "localhost", unixSocket: "/nowhere/socket")
    await #expect(throws: TransportError.unreachable(missing, reason: "no such file or directory")) {
      try await echo(missing)
    }
  }

  @Test func `TLS is HTTP 2, with the client's certificate, the server's name checked and the host kept`() async throws
  {
    let words = try await echo(secure())
    #expect(words[...3] == ["HTTP/2.0", words[1], "SUCCESS-", "127.0.0.1:\(nginx.tlsPort)"])
    #expect(try await echo(secure(withClientCertificate: false))[2] == "NONE-")
  }

  @Test func `a Host field of the caller's own wins`() async throws {
    #expect(try await echo(secure(), headers: ["Host": "other.test"])[3] == "other.test")
    #expect(try await echo(plain, headers: ["Host": "other.test"])[3] == "other.test")
  }

  @Test func `only the given authority is trusted, and only for the given name`() async throws {
    let other = try Certificates()
    for endpoint in [
      secure(trust: .system), secure(trust: .authorities(other.authority)), secure(serverName: "other.test"),
      secure(serverName: nil), secure(trust: .authorities(Array("no PEM".utf8))),
    ] {
      do {
        _ = try await echo(endpoint)
        Issue.record("\(endpoint.tls.serverName ?? "") was trusted")
      } catch TransportError.untrusted(let which, let reason) {
        #expect(which == endpoint)
        #expect(!reason.isEmpty)
      }
    }
    #expect(try await echo(secure(trust: .anyone, serverName: nil))[0] == "HTTP/2.0")
  }

  @Test func `a client key that is none is told without showing it`() async throws {
    var endpoint = secure()
    endpoint.tls.clientKey = Array("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n".utf8)
    do {
      _ = try await echo(endpoint)
      Issue.record("the key was taken")
    } catch TransportError.untrusted(_, let reason) {
      #expect(!reason.contains("c2VjcmV0") && !reason.isEmpty)
    }
  }

  @Test func `cleartext to a TLS port and TLS to a cleartext port are told apart from silence`() async throws {
    let answer = try await client.send(HTTPRequest(.get, Endpoint(host: "127.0.0.1", port: nginx.tlsPort), "/echo"))
    #expect(answer.status == 400)
    var endpoint = secure()
    endpoint.port = nginx.port
    do {
      _ = try await echo(endpoint)
      Issue.record("there is no TLS there")
    } catch TransportError.untrusted {}
  }

  @Test func `connections are kept, and HTTP 2 shares one`() async throws {
    var numbers: Set<String> = []
    for _ in 0..<5 { numbers.insert(try await echo(plain)[1]) }
    #expect(numbers.count == 1)
    let shared = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<50 { group.addTask { try await echo(secure())[1] } }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(shared.count == 1)
  }

  @Test func `no more connections are made than allowed`() async throws {
    let few = CurlClient(limits: .init(connectionsPerHost: 3))
    let request = HTTPRequest(.get, plain, "/echo")
    let numbers = try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for _ in 0..<60 { group.addTask { try await few.send(request).body.collect() } }
      return try await group.reduce(into: Set<Substring>()) {
        $0.insert(String(decoding: $1, as: UTF8.self).split(separator: " ")[1])
      }
    }
    #expect((1...3).contains(numbers.count))
  }

  @Test func `redirects are answers, and an answer may have no body`() async throws {
    let moved = try await client.send(HTTPRequest(.get, plain, "/moved"))
    #expect(moved.status == 302)
    #expect(moved.headers["location"] == "http://127.0.0.1:\(nginx.port)/echo")
    let silent = try await client.send(HTTPRequest(.get, plain, "/silent"))
    #expect(silent.status == 204)
    #expect(try await silent.body.collect() == [])
  }

  @Test func `a reader that holds one HTTP 2 stream back holds up no other, and loses nothing`() async throws {
    let bytes = pattern(atLeast: 12_000_000)
    try nginx.folder.write("large", bytes)
    let held = try await client.send(HTTPRequest(.get, secure(), "/large"))
    #expect(held.status == 200)
    for _ in 0..<20 { #expect(try await echo(secure())[0] == "HTTP/2.0") }
    #expect(try await held.body.collect() == bytes)
  }
}

/// Bytes of which no two stretches of a buffer's size are alike.
func pattern(atLeast count: Int) -> [UInt8] {
  let block = (0..<65_521).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ ($0 >> 8)) }
  var bytes: [UInt8] = []
  while bytes.count < count { bytes += block }
  return bytes
}
