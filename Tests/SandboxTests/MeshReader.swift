import CurlTransport
import JSON
import SandboxClient
import Testing
import Transport

/// Asks a running sandbox, and waits for it.
struct MeshReader {
  let client = CurlClient()

  func json(_ url: String, _ target: String) async throws -> JSON {
    let endpoint = try #require(Endpoint(url))
    let answer = try await client.send(HTTPRequest(.get, endpoint, endpoint.basePath + target))
    return try JSON(parsing: try await answer.body.collect())
  }

  func text(_ url: String, _ target: String) async throws -> String {
    let answer = try await client.send(HTTPRequest(.get, try #require(Endpoint(url)), target))
    return String(decoding: try await answer.body.collect(upTo: 8 << 20), as: UTF8.self)
  }

  /// A proxy's admin API, by the beginning of its pod's name.
  func admin(of pod: String, in sandbox: SandboxProcess) throws -> String {
    try #require(sandbox.ready.proxies.first { $0.name.hasPrefix(pod) }).admin
  }

  /// The status of a request that a pod's application would make to a service.
  func call(_ service: String, from pod: String, in sandbox: SandboxProcess) async throws -> Int {
    var outbound = try #require(Endpoint(try admin(of: pod, in: sandbox)))
    outbound.port = 15001
    return try await client.send(
      HTTPRequest(.get, outbound, "/\(service)/0", headers: ["Host": "\(service):9080"])
    ).status
  }

  /// Istio's metrics of the sandbox: the lines of one family that hold all of some labels.
  func metrics(_ name: String, _ labels: [String], in sandbox: SandboxProcess) async throws -> [Substring] {
    var server = try #require(Endpoint(sandbox.ready.istiod))
    server.port = 15020
    return try await text("\(server)", "/stats/prometheus").split(separator: "\n").filter { line in
      line.hasPrefix(name + "{") && labels.allSatisfy { line.contains($0) }
    }
  }

  /// Waits until a condition holds, at most fifteen seconds.
  func until(_ what: String, _ holds: () async throws -> Bool) async throws {
    let limit = ContinuousClock.now + .seconds(15)
    while try await !holds() {
      guard ContinuousClock.now < limit else {
        Issue.record("not so after fifteen seconds: \(what)")
        return
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}
