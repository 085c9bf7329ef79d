import Glibc
import Peers
import Pseudoterminal

/// Twenty pods' logs as fast as they are written, beside kubectl on the same server, behind TLS and HTTP/2 as an API
/// server is.
struct LogStreams: BenchCase {
  let name = "log streams"
  let pods = 20
  let span: Duration = .seconds(8)

  func run() async throws -> [Figure] {
    let folder = try TemporaryFolder()
    guard let kubectl = getenv("MESHDECK_KUBECTL").map({ String(cString: $0) }) else {
      throw PeerFailure("there is no kubectl: set MESHDECK_KUBECTL")
    }
    let own = try measure(builtProgram("meshdeck"), folder) { kubeconfig in
      ["logs", "ns/\(LogServer.namespace)", "--kubeconfig", kubeconfig]
    }
    let theirs = try measure(kubectl, folder) { kubeconfig in
      [
        "logs", "-f", "-l", "app=flood", "-c", LogServer.container, "--max-log-requests", "\(pods)", "--prefix",
        "--kubeconfig", kubeconfig,
      ]
    }
    return [
      Figure(
        what: "\(pods) pods: lines per CPU second, × kubectl", value: own.perSecond / theirs.perSecond,
        bar: .atLeast(2), detail: "\(Int(own.perSecond / 1000)) k, kubectl \(Int(theirs.perSecond / 1000)) k"),
      Figure(
        what: "the same, most memory, MB", value: own.megabytes, bar: .atMost(100),
        detail: "kubectl \(Int(theirs.megabytes))"),
    ]
  }

  private func measure(
    _ program: String, _ folder: TemporaryFolder, _ arguments: (String) -> [String]
  ) throws -> (perSecond: Double, megabytes: Double) {
    let server = try LogServer(pods: pods, pace: .unbounded)
    defer { server.stop() }
    let certificates = try Certificates()
    let front = try Nginx(certificates, api: server.port)
    defer { withExtendedLifetime(front) {} }
    let kubeconfig = try folder.write(
      "kubeconfig", server.kubeconfig((front.tlsPort, "\(front.folder.path)/authority.pem")))
    let tail = try PipedProgram(program, arguments(kubeconfig), errors: folder.path + "/errors")
    defer { tail.stop() }
    var lines = 0
    var peak = 0
    let end = ContinuousClock.now + span
    try tail.read(until: { ContinuousClock.now >= end }, within: span * 2) { chunk in
      lines += chunk.count { $0 == UInt8(ascii: "\n") }
      peak = max(peak, (try? residentBytes(of: tail.process)) ?? 0)
    }
    guard lines > 1_000 else { throw PeerFailure("\(program) gave \(lines) lines: \(try contents(of: tail.errors))") }
    return (Double(lines) / (try processorSeconds(of: tail.process)), Double(peak) / 1e6)
  }
}
