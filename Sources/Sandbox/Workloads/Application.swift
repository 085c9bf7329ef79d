internal import JSON
internal import Transport

/// One of Bookinfo's applications. What it calls it calls through its own sidecar.
struct Application: Sendable {
  let pod: MeshPod
  let behaviours: Behaviours
  let client: any HTTPClient
  /// The file of its own log.
  let log: String

  func serve(at address: String) async throws(HTTPServerError) -> HTTPServer {
    note("\(pod.app) \(pod.version) listens on port \(Bookinfo.port)")
    return try await HTTPServer.start(on: .tcp(host: address, port: Bookinfo.port)) { request in await answer(request) }
  }

  private func answer(_ request: HTTPServer.Request) async -> HTTPServer.Response {
    let behaviour = behaviours.of(pod)
    var generator = SystemRandomNumberGenerator()
    do {
      try await Task.sleep(for: behaviour.latency(using: &generator))
    } catch {
      return .text("cancelled", status: 499)  // the caller is gone
    }
    if let status = behaviour.status { return .text("out of order\n", status: status) }
    switch (pod.app, pod.version) {
    case ("productpage", _):
      async let details = call("details", Bookinfo.port, "/details/0", for: request)
      async let reviews = call("reviews", Bookinfo.port, "/reviews/0", for: request)
      let statuses = await (details, reviews)
      // The page stands and falls with its parts, so that a failure shows at the edge.
      let status = [statuses.0, statuses.1].first { $0 != 200 } ?? 200
      return .json(
        ["id": 0, "title": "The Comedy of Errors", "details": .int(statuses.0), "reviews": .int(statuses.1)],
        status: status)
    case ("reviews", "v1"): return review(ratings: nil)
    case ("reviews", _):
      let isRetired = Double.random(in: 0..<1, using: &generator) < behaviour.retiredPortShare
      let port = isRetired ? Bookinfo.retiredPort : Bookinfo.port
      return review(ratings: await call("ratings", port, "/ratings/0", for: request))
    case ("ratings", _): return .json(["id": 0, "ratings": ["Reviewer1": 5, "Reviewer2": 4]])
    default:
      return .json([
        "id": 0, "author": "William Shakespeare", "year": 1595, "type": "paperback", "pages": 200,
        "publisher": "PublisherA", "language": "English", "ISBN-10": "1234567890",
      ])
    }
  }

  private func review(ratings status: Int?) -> HTTPServer.Response {
    if let status, status != 200 { note("error: ratings answered \(status)") }
    return .json(
      [
        "id": "0", "podname": .string(pod.name), "clustername": "null",
        "reviews": [["reviewer": "Reviewer1", "text": "An extremely entertaining play by Shakespeare."]],
      ], status: status ?? 200)
  }

  private func note(_ words: String) {
    FileText.append(Array("[\(WallTime.now.milliText)] \(words)\n".utf8), to: log)
  }

  /// The status of the answer; 504 where none came in time and 502 where there is none.
  private func call(
    _ service: String, _ port: Int, _ target: String, for request: HTTPServer.Request
  ) async -> Int {
    let sidecar = Endpoint(host: pod.address, port: IstioPort.outbound(for: port))
    var call = HTTPRequest(.get, sidecar, target, headers: ["Host": "\(service):\(port)"], deadline: .seconds(20))
    for name in Self.propagated {
      if let value = request.headers[name] { call.headers[name] = value }
    }
    do throws(TransportError) {
      let response = try await client.send(call)
      _ = try await response.body.collect(upTo: 1 << 20)
      return response.status
    } catch .deadlineExceeded {
      return 504
    } catch {
      return 502
    }
  }

  /// What ties one request's steps together, and what routes may ask for.
  private static let propagated = [
    "x-request-id", "x-b3-traceid", "x-b3-spanid", "x-b3-sampled", "traceparent", "tracestate", "user-agent",
    "end-user",
    "x-canary",
  ]
}
