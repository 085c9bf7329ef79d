import CurlTransport
import Peers
import Transport

/// Many small requests at once, beside the curl program doing the same: both start cold, make their connections and
/// write nothing to disk. The curl program's own start is measured and taken off.
struct ManyRequests: BenchCase {
  let name = "requests"
  let requests = 1_000
  let connections = 300

  func run() async throws -> [Figure] {
    let nginx = try Nginx()
    try nginx.folder.write("page", [UInt8](repeating: 0x61, count: 1_024))
    let url = "http://127.0.0.1:\(nginx.port)/page"
    // The numbers make curl fetch the one file as often as wanted; nginx does not look at a query.
    let many = ["-q", "-sS", "--no-progress-meter", "--parallel", "--parallel-immediate", "--parallel-max"]
    let arguments = many + ["\(connections)", "-o", "/dev/null", "\(url)?[1-\(requests)]"]

    var ours: [Double] = []
    var theirs: [Double] = []
    for round in 0..<6 {
      let start = try time { try ChildProcess.run("curl", ["-q", "-V"]) }
      let curl = try time { try ChildProcess.run("curl", arguments) } - start
      let own = try await own(Endpoint(host: "127.0.0.1", port: nginx.port))
      // The first round warms both up.
      if round > 0 {
        theirs.append(Double(requests) / curl)
        ours.append(Double(requests) / own)
      }
    }
    let (mine, curls) = (median(ours), median(theirs))
    return [
      Figure(
        what: "\(requests) requests over \(connections) connections, × curl", value: mine / curls, bar: .atLeast(0.75),
        detail: "\(Int(mine)) and \(Int(curls)) a second")
    ]
  }

  private func own(_ endpoint: Endpoint) async throws -> Double {
    let began = ContinuousClock.now
    let client = CurlClient(limits: .init(connectionsPerHost: connections))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 1...requests {
        group.addTask {
          let answer = try await client.send(HTTPRequest(.get, endpoint, "/page?\(number)"))
          guard try await answer.body.collect().count == 1_024 else { throw PeerFailure("a body is not whole") }
        }
      }
      try await group.waitForAll()
    }
    client.close()
    return (ContinuousClock.now - began).seconds
  }

  private func time(_ body: () throws -> Void) rethrows -> Double {
    try ContinuousClock().measure(body).seconds
  }
}
