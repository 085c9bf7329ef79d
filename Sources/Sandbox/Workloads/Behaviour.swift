internal import Glibc
internal import Synchronization

/// How an application answers, as a scenario sets it.
struct Behaviour: Equatable, Sendable {
  /// Half of the answers take less.
  var median: Duration
  /// How far the slow ones lie from the median: the standard deviation of the logarithm.
  var spread: Double
  /// The share of calls to `ratings` that go to the port on which nothing listens any more.
  var retiredPortShare: Double = 0
  /// The status of all its answers; `nil` where it does its work.
  var status: Int?

  init(median: Duration, spread: Double = 0.45) {
    self.median = median
    self.spread = spread
  }

  /// A latency for one answer: logarithmically normal, as measured latencies roughly are.
  func latency(using generator: inout some RandomNumberGenerator) -> Duration {
    // Box-Muller; 1 - u keeps the logarithm finite.
    let radius = (-2 * log(1 - Double.random(in: 0..<1, using: &generator))).squareRoot()
    let normal = radius * cos(2 * .pi * Double.random(in: 0..<1, using: &generator))
    return median * exp(spread * min(normal, 4))
  }
}

/// The behaviour of every application, by Deployment or, where one differs from its fellows, by pod; changed while
/// they run.
final class Behaviours: Sendable {
  private let byName: Mutex<[String: Behaviour]>
  private static let usual = Behaviour(median: .milliseconds(3))

  init() {
    byName = Mutex([
      "productpage-v1": Behaviour(median: .milliseconds(4)), "details-v1": Behaviour(median: .milliseconds(2)),
      "reviews-v1": Behaviour(median: .milliseconds(5)), "reviews-v2": Behaviour(median: .milliseconds(5)),
      "reviews-v3": Behaviour(median: .milliseconds(4)), "ratings-v1": Behaviour(median: .milliseconds(2)),
    ])
  }

  subscript(name: String) -> Behaviour {
    get { byName.withLock { $0[name] ?? Self.usual } }
    set { byName.withLock { $0[name] = newValue } }
  }

  func of(_ pod: MeshPod) -> Behaviour { byName.withLock { $0[pod.name] ?? $0[pod.workload] ?? Self.usual } }
}
