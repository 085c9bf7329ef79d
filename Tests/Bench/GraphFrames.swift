import Console
import Glibc
import MeshModel
import Peers
import TerminalUI

/// Pictures of the Graph screen of a mesh with 1,000 nodes at 200×60: as groups, and as worst it can be, where
/// everything fails and so nothing is in a group. And what a second's news costs.
struct GraphFrames: BenchCase {
  let name = "graph frame"

  func run() async throws -> [Figure] {
    let start = Timestamp(seconds: 1_800_000_000)
    var figures: [Figure] = []
    for (what, rate) in [("as groups", 0.001), ("all failing", 0.4)] {
      var state = State(
        identity: MeshIdentity(context: "bench", scope: .namespace("shop")), size: Size(columns: 200, rows: 60),
        now: start)
      guard state.open(screen: "graph") else { continue }
      _ = state.update(.edges(.value(sample(errors: rate, end: start))))
      var pictures: [Double] = []
      for _ in 0..<50 {
        pictures.append(
          processorTime {
            var frame = Frame(size: Size(columns: 200, rows: 60))
            state.draw(on: &frame)
          })
      }
      figures.append(
        Figure(what: "frame of 1000 nodes at 200x60, \(what), ms of CPU", value: median(pictures), bar: .atMost(4)))
      let news = (1...10).map { second in
        let sample = sample(errors: rate, end: start + .seconds(second))
        return processorTime { _ = state.update(.edges(.value(sample))) }
      }
      figures.append(
        Figure(what: "a second's news of 1000 nodes, \(what), ms of CPU", value: median(news), bar: .atMost(100)))
    }
    return figures
  }

  private func sample(errors: Double, end: Timestamp) -> EdgeSample {
    var generator = SeededGenerator(seed: 1_000)
    func service(_ number: Int) -> MeshNode { MeshNode(namespace: "shop", name: "service-\(number)", version: "v1") }
    let ingress = MeshNode(.ingress, namespace: "istio-system", name: "gateway")
    var edges: [EdgeID: EdgeTraffic] = [:]
    for number in 0..<1_000 {
      for _ in 0..<2 {
        let caller = number < 8 ? ingress : service(Int.random(in: number / 8...number / 2, using: &generator))
        let requests = Double(Int.random(in: 60...60_000, using: &generator))
        edges[EdgeID(from: caller, to: service(number))] = EdgeTraffic(
          requests: requests, errors: requests * errors, p50: .milliseconds(4), p99: .milliseconds(11),
          codes: ["200": requests], security: .mutualTLS)
      }
    }
    return EdgeSample(end: end, window: .seconds(60), source: .accessLogs, edges: edges)
  }

  /// Milliseconds that this process spent on something.
  private func processorTime(_ work: () -> Void) -> Double {
    func now() -> Double {
      var time = timespec()
      clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
      return Double(time.tv_sec) * 1_000 + Double(time.tv_nsec) / 1_000_000
    }
    let start = now()
    work()
    return now() - start
  }
}
