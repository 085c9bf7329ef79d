import Peers
import Pseudoterminal

/// What a console costs on a mesh of 1,000 services with two versions each, looked at once a second.
struct LargeMesh: BenchCase {
  let name = "large"

  func run() async throws -> [Figure] {
    var figures: [Figure] = []
    for (source, option) in [("access logs", ["--no-prometheus"]), ("metrics store", [])] {
      let mesh = try BenchMesh(options: ["--simulated", "--services", "1000"] + option)
      defer { mesh.stop() }
      let console = try mesh.console()
      try console.wait("all proxies", within: .seconds(90)) { $0.text.contains("2001/2001 in sync") }
      try console.wait("traffic", within: .seconds(90)) { $0.text.contains("window ") }
      // The graph is the dearest of the screens.
      console.type("2")
      // Each proxy is read for the first time before it is as it will be for hours.
      console.read(for: .seconds(50))
      let (began, before) = (ContinuousClock.now, try processorSeconds(of: console.process))
      console.read(for: .seconds(40))
      let used = (try processorSeconds(of: console.process) - before) / (ContinuousClock.now - began).seconds
      let resident = Double(try residentBytes(of: console.process)) / 1e6
      try console.quit()
      figures += [
        Figure(what: "1,000 services by \(source), % of a core", value: used * 100, bar: .atMost(10)),
        Figure(what: "1,000 services by \(source), resident MB", value: resident, bar: .atMost(150)),
      ]
    }
    return figures
  }
}
