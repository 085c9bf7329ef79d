import CurlTransport
import Glibc
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
    var work: (ours: Double, theirs: Double) = (0, 0)
    for round in 0..<6 {
      let unstarted = processorSeconds(RUSAGE_CHILDREN.rawValue)
      let start = try time { try ChildProcess.run("curl", ["-q", "-V"]) }
      let before = (ours: processorSeconds(RUSAGE_SELF.rawValue), theirs: processorSeconds(RUSAGE_CHILDREN.rawValue))
      let curl = try time { try ChildProcess.run("curl", arguments) } - start
      let own = try await own(Endpoint(host: "127.0.0.1", port: nginx.port))
      work.ours += processorSeconds(RUSAGE_SELF.rawValue) - before.ours
      // Less its start, once more.
      work.theirs += processorSeconds(RUSAGE_CHILDREN.rawValue) - 2 * before.theirs + unstarted
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
        detail: "\(Int(mine)) and \(Int(curls)) a second, CPU × \(rounded(work.ours / work.theirs))")
    ]
  }

  /// User and system time; a child counts once it has ended, which nginx has not.
  private func processorSeconds(_ whose: Int32) -> Double {
    var usage = rusage()
    getrusage(whose, &usage)
    return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
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
