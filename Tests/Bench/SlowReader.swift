import CurlTransport
import Glibc
import Peers
import Transport

/// A large body to a reader that is slower than the server, and how much memory that takes meanwhile.
struct SlowReader: BenchCase {
  let name = "slow reader"
  let size = 200 << 20

  func run() async throws -> [Figure] {
    let certificates = try Certificates()
    let nginx = try Nginx(certificates)
    try nginx.folder.write("large", [])
    guard truncate("\(nginx.folder.path)/large", off_t(size)) == 0 else { throw PeerFailure("no large file") }
    let tls = TLSSettings(trust: .authorities(certificates.authority), serverName: "mesh.test")
    return [
      try await read(Endpoint(host: "127.0.0.1", port: nginx.port), "HTTP/1.1"),
      try await read(Endpoint(scheme: .https, host: "127.0.0.1", port: nginx.tlsPort, tls: tls), "HTTP/2"),
    ]
  }

  private func read(_ endpoint: Endpoint, _ version: String) async throws -> Figure {
    let client = CurlClient()
    _ = try await client.send(HTTPRequest(.get, endpoint, "/echo")).body.collect()
    let idle = try residentBytes()
    var peak = idle
    var received = 0
    for try await chunk in try await client.send(HTTPRequest(.get, endpoint, "/large", deadline: nil)).body {
      received += chunk.count
      peak = max(peak, try residentBytes())
      // About 100 MB a second: nginx gives several times that.
      try await Task.sleep(for: .microseconds(chunk.count / 100))
    }
    client.close()
    guard received == size else { throw PeerFailure("\(received) bytes came") }
    return Figure(
      what: "200 MB to a slow reader, \(version): MB above idle", value: Double(peak - idle) / 1e6, bar: .atMost(20),
      detail: "idle \(idle / 1_000_000)")
  }
}

/// A process's resident memory; this one's where none is named.
func residentBytes(of process: pid_t? = nil) throws -> Int {
  let words = try contents(of: "/proc/\(process.map(String.init) ?? "self")/statm").split(separator: " ")
  guard words.count > 1, let pages = Int(words[1]) else { throw PeerFailure("no memory of a process is known") }
  return pages * sysconf(Int32(_SC_PAGESIZE))
}

/// A file of any size, as text.
func contents(of path: String) throws -> String {
  let file = open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { throw PeerFailure("\(path) cannot be read") }
  defer { close(file) }
  var text: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 64 << 10)
  while true {
    let count = Glibc.read(file, &block, block.count)
    guard count > 0 else { return String(decoding: text, as: UTF8.self) }
    text += block[..<count]
  }
}
