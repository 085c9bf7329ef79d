/// A scripted time line: what happens to the mesh, and when.
public enum Scenario: String, Sendable, CaseIterable {
  case calm
  /// reviews v3 gets a new image and more of the requests, and then begins to fail.
  case badCanary = "bad-canary"
  /// `ratings` becomes slow, and everything that waits for it.
  case slowDependency = "slow-dependency"
  /// A new split reaches every proxy but one, which refuses it.
  case staleProxy = "stale-proxy"

  struct Step: Equatable, Sendable {
    let at: Duration
    let event: Event
  }

  enum Event: Equatable, Sendable {
    /// Somebody sets a Deployment's image, with `kubectl set image`.
    case image(workload: String, tag: String)
    /// Somebody edits the weights of `reviews`, with `kubectl edit`.
    case split([Share])
    /// The Deployment begins to send a share of its calls to `ratings` to a port on which nothing listens, for as
    /// long as it has the faulty image.
    case callsRetiredPort(workload: String, share: Double)
    case latency(workload: String, median: Duration)
    /// The proxies of the Deployment get route configurations that they refuse.
    case routesRefused(workload: String)
  }

  struct Share: Equatable, Sendable {
    let subset: String
    let weight: Int
  }

  /// The weights of `reviews` at the beginning.
  var split: [Share] {
    switch self {
    case .slowDependency: [Share(subset: "v1", weight: 50), Share(subset: "v3", weight: 50)]
    default: [Share(subset: "v1", weight: 90), Share(subset: "v3", weight: 10)]
    }
  }

  /// In the order of their times.
  var steps: [Step] {
    let more = [Share(subset: "v1", weight: 75), Share(subset: "v3", weight: 25)]
    return switch self {
    case .calm: []
    case .badCanary:
      [
        Step(at: .seconds(8), event: .image(workload: "reviews-v3", tag: Bookinfo.faultyImage)),
        Step(at: .seconds(10), event: .split(more)),
        Step(at: .seconds(25), event: .callsRetiredPort(workload: "reviews-v3", share: 1.0 / 3)),
      ]
    case .slowDependency:
      [Step(at: .seconds(10), event: .latency(workload: "ratings-v1", median: .milliseconds(600)))]
    case .staleProxy:
      [
        Step(at: .seconds(10), event: .routesRefused(workload: "details-v1")),
        Step(at: .seconds(10), event: .split(more)),
      ]
    }
  }
}
