import Glibc
import Peers
import Pseudoterminal

/// A change on its way to a thousand proxies, read back from each of them.
struct PropagationToMany: BenchCase {
  let name = "propagation"

  func run() async throws -> [Figure] {
    let mesh = try BenchMesh(options: ["--simulated", "--services", "500", "--no-prometheus"])
    defer { mesh.stop() }
    let console = try mesh.console()
    try console.openRoutes()
    try console.wait("all proxies", within: .seconds(90)) { $0.text.contains("1001/1001 in sync") }
    // Each proxy is read for the first time before it is as it will be for hours.
    console.read(for: .seconds(30))
    console.type("/service-499\r")
    try console.wait("the route alone") { $0.text.contains("service-499") && !$0.text.contains("service-498") }
    var seconds: [Double] = []
    var share = 0.0
    var sockets = 0
    for (number, percent) in [60, 70, 80].enumerated() {
      try console.askAbout(percent, weights: "\(percent) + \(100 - percent)")
      let (began, used) = (ContinuousClock.now, try processorSeconds(of: console.process))
      console.type("\r")
      try console.wait("all have it", within: .seconds(60)) {
        sockets = max(sockets, (try? tcpConnections(of: console.process)) ?? 0)
        return $0.row(containing: "#\(number + 1) service-499")?.contains("1000/1000 in ") == true
      }
      let took = (console.lastWritten - began).seconds
      seconds.append(took)
      share = max(share, (try processorSeconds(of: console.process) - used) / took)
      console.type("\u{1b}")
      try console.wait("the editor's end") { !$0.text.contains("weights \(percent)") }
    }
    try console.quit()
    return [
      Figure(
        what: "confirmed to read back from 1,000 proxies, s", value: median(seconds), bar: .atMost(5),
        detail: "worst \(rounded(seconds.max() ?? .nan))"),
      Figure(what: "the same, most of a core, %", value: share * 100, bar: .atMost(100)),
      Figure(what: "the same, most connections at once", value: Double(sockets), bar: .atMost(32)),
    ]
  }
}

/// How many TCP connections a process has open to others.
private func tcpConnections(of process: Int32) throws -> Int {
  var connections: Set<Substring> = []
  for line in try contents(of: "/proc/\(process)/net/tcp").split(separator: "\n").dropFirst() {
    let fields = line.split(separator: " ")
    // Established ones, by their inode.
    if fields.count > 9, fields[3] == "01" { connections.insert(fields[9]) }
  }
  return try openSockets(of: process).intersection(connections).count
}

/// The inodes of a process's sockets.
private func openSockets(of process: Int32) throws -> Set<Substring> {
  let path = "/proc/\(process)/fd"
  guard let folder = opendir(path) else { throw PeerFailure("\(path) cannot be read") }
  defer { closedir(folder) }
  var inodes: Set<Substring> = []
  while let entry = readdir(folder) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    var target = [UInt8](repeating: 0, count: 64)
    let count = target.withUnsafeMutableBytes { bytes in
      bytes.baseAddress.map { readlink("\(path)/\(name)", $0.assumingMemoryBound(to: CChar.self), bytes.count) } ?? -1
    }
    guard count > 0 else { continue }
    let text = String(decoding: target.prefix(count), as: UTF8.self)
    if text.hasPrefix("socket:[") { inodes.insert(text.dropFirst(8).dropLast()) }
  }
  return inodes
}
