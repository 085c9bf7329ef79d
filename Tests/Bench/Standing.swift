import Glibc
import Peers
import Pseudoterminal

/// What a console costs that nobody touches, with seven proxies watched once a second.
struct Standing: BenchCase {
  let name = "idle"
  /// For ten minutes rather than one.
  let isLong: Bool

  func run() async throws -> [Figure] {
    let console = try BenchMesh.shared().runningConsole()
    console.read(for: .seconds(5))
    let minutes = isLong ? 10 : 1
    let perMinute = 12
    var resident: [Double] = [try megabytes(console)]
    let (began, processorBefore) = (ContinuousClock.now, try processorSeconds(of: console.process))
    for tick in 1...minutes * perMinute {
      console.read(for: began + .seconds(tick * 60 / perMinute) - .now)
      resident.append(try megabytes(console))
    }
    let processor =
      (try processorSeconds(of: console.process) - processorBefore) / (ContinuousClock.now - began).seconds
    try console.quit()

    var figures = [
      Figure(what: "idle with seven proxies, % of a core", value: processor * 100, bar: .atMost(2)),
      Figure(
        what: "resident over \(minutes) min, MB at most", value: resident.max() ?? .nan, bar: .atMost(60),
        detail: "\(rounded(resident[0])) at first"),
    ]
    if isLong {
      // From the mean of the half minute around the third minute to that of the last half minute.
      let settled = resident[(3 * perMinute - 3)...(3 * perMinute + 3)], last = resident.suffix(7)
      func mean(_ values: ArraySlice<Double>) -> Double { values.reduce(0, +) / Double(values.count) }
      let span = Double(minutes) - 3 - 0.25
      figures.append(
        Figure(
          what: "growth after the third minute, MB a minute", value: (mean(last) - mean(settled)) / span,
          bar: .atMost(0.2)))
    }
    return figures
  }

  private func megabytes(_ console: Pseudoterminal) throws -> Double {
    Double(try residentBytes(of: console.process)) / 1e6
  }
}

/// User's and system's time of a process together (proc_pid_stat(5), fields 14 and 15).
func processorSeconds(of process: pid_t) throws -> Double {
  let text = try contents(of: "/proc/\(process)/stat")
  // The name in parentheses may hold anything.
  let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
  guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else {
    throw PeerFailure("no times of process \(process)")
  }
  return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
}
