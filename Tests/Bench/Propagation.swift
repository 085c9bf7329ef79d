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
      console.type("w")
      try console.wait(for: "weights ")
      console.type("\(percent)")
      try console.wait(for: "weights \(percent) + \(100 - percent) = 100")
      try console.wait(for: "dry run accepted")
      console.type("\r")
      try console.wait(for: "⏎ yes")
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
  for line in try wholeContents(of: "/proc/\(process)/net/tcp").split(separator: "\n").dropFirst() {
    let fields = line.split(separator: " ")
    // Established ones, by their inode.
    if fields.count > 9, fields[3] == "01" { connections.insert(fields[9]) }
  }
  return try openSockets(of: process).intersection(connections).count
}
