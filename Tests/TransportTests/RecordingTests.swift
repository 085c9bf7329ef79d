import Testing
import Transport

@Suite(.timeLimit(.minutes(1))) struct RecordingTests {
  let endpoint = Endpoint(
    scheme: .https, host: "api.test", tls: TLSSettings(clientCertificate: [1, 2, 3], clientKey: Array("key".utf8)))

  func request(_ target: String = "/a", body: [UInt8]? = nil) -> HTTPRequest {
    HTTPRequest(
      body == nil ? .get : .post, endpoint, target, headers: ["authorization": "Bearer hush", "Accept": "a/b"],
      body: body)
  }

  /// What a recorder keeps of one exchange that `play` answers.
  func record(
    _ request: HTTPRequest, limit: Int = 1 << 20, _ play: (StagedExchange) -> Void
  ) async throws -> (recording: Recording, outcome: Result<[UInt8], TransportError>) {
    let staged = StagedClient()
    let recorder = Recorder(staged, keepingUpTo: limit)
    async let outcome = outcome(of: request, from: recorder)
    play(try await staged.next())
    let result = await outcome
    return (try #require(recorder.recordings.first), result)
  }

  func outcome(of request: HTTPRequest, from client: any HTTPClient) async -> Result<[UInt8], TransportError> {
    do throws(TransportError) {
      return .success(try await client.send(request).body.collect())
    } catch {
      return .failure(error)
    }
  }

  @Test func `what was recorded is replayed, bytes and all`() async throws {
    let (recording, outcome) = try await record(request(body: [7])) {
      $0.answer(201, headers: ["Set-Cookie": "hush", "X": "y"])
      $0.send("ab")
      $0.send([0, 255])
      $0.finish()
    }
    #expect(outcome == .success([97, 98, 0, 255]))
    #expect(recording.ending == .whole)
    let replayed = try await Replayer([recording]).send(request(body: [7]))
    #expect(replayed.status == 201)
    #expect(replayed.headers["x"] == "y")
    #expect(try await replayed.body.collect() == [97, 98, 0, 255])
  }

  @Test func `no credentials are kept`() async throws {
    let (recording, _) = try await record(request()) { $0.answer(200, headers: ["Set-Cookie": "hush"], body: "") }
    var text = ""
    dump(recording, to: &text)
    #expect(!text.contains("hush") && !text.contains("key"))
    #expect(recording.requestHeaders["Authorization"] == "<redacted>")
    #expect(recording.requestHeaders["Accept"] == "a/b")
  }

  @Test(arguments: [false, true])
  func `a failure is replayed where it stood`(afterHead: Bool) async throws {
    let failure = TransportError.brokenOff(reason: "gone")
    let (recording, outcome) = try await record(request()) {
      if afterHead {
        $0.answer(200)
        $0.send("half")
      }
      $0.breakOff(failure)
    }
    #expect(outcome == .failure(failure))
    #expect(await self.outcome(of: request(), from: Replayer([recording])) == .failure(failure))
    #expect(recording.body == Array((afterHead ? "half" : "").utf8))
  }

  @Test func `a body is kept up to a limit, and read whole`() async throws {
    let (recording, outcome) = try await record(request(), limit: 3) { $0.answer(200, body: "abcdef") }
    #expect(outcome == .success(Array("abcdef".utf8)))
    #expect(recording.body == Array("abc".utf8))
    #expect(recording.ending == .cut)
  }

  @Test func `answers come in the order of the recordings, the last again, and others not at all`() async throws {
    let recordings = try ["1", "2"].map { body in
      try #require(Recording(head: "> GET /a\n\n< HTTP 200 OK\n", body: Array(body.utf8)))
    }
    let client = Replayer(recordings)
    for expected in ["1", "2", "2"] {
      #expect(await outcome(of: request(), from: client) == .success(Array(expected.utf8)))
    }
    await #expect(throws: TransportError.unreachable(endpoint, reason: "no recording of GET /b")) {
      try await client.send(request("/b"))
    }
  }

  @Test func `a kept head is read`() throws {
    let head = """
      > PATCH /apis/x?dryRun=All
      > Content-Type: a/b
      > Authorization: Bearer hush
      >
      > {"a":
      > 1}

      < HTTP 409 Conflict
      < Content-Type: application/json
      < Date: Mon, 23 Nov 2026 01:08:58 GMT
      """
    let recording = try #require(Recording(head: head, body: [1]))
    #expect(recording.method == .patch)
    #expect(recording.target == "/apis/x?dryRun=All")
    #expect(recording.requestHeaders == ["Content-Type": "a/b", "Authorization": "<redacted>"])
    #expect(recording.requestBody == Array("{\"a\":\n1}".utf8))
    #expect(recording.status == 409)
    #expect(recording.headers["date"] == "Mon, 23 Nov 2026 01:08:58 GMT")
    for other in ["", "GET /", "> GET /", "> GET /\n< HTTP", "> BREW /\n\n< HTTP 200 OK"] {
      #expect(Recording(head: other, body: []) == nil)
    }
  }

  @Test func `a staged exchange tells when it is abandoned`() async throws {
    let client = StagedClient()
    let task = Task { try await client.send(request()) }
    let asked = try await client.next()
    task.cancel()
    await #expect(throws: TransportError.cancelled) { try await task.value }
    try await asked.untilAbandoned()
  }
}
