internal import JSON
internal import SandboxClient

/// What each scenario does, and when.
extension Scenario {
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
    /// One pod's application answers everything with this status.
    case fails(pod: String, status: Int)
    /// The readiness probes of the Deployment's pods fail.
    case unready(workload: String)
    /// The proxies of the Deployment get certificates that end so much later.
    case certificate(workload: String, left: Duration)
    /// Somebody makes objects, with `kubectl apply`.
    case applied([JSONValue])
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

  /// What the cluster has at the beginning.
  func objects(pods: [MeshPod]) -> [JSONValue] {
    let application = Bookinfo.kubernetesObjects(pods: pods) + Bookinfo.gatewayResources(to: "productpage")
    return switch self {
    case .gatewayAPI: application + Bookinfo.versionServices(pods: pods) + [Bookinfo.httpRoute(split: split)]
    case .ejection:
      application + Bookinfo.virtualService(split: split) + [
        Bookinfo.destinationRule(
          "details",
          trafficPolicy: [
            "outlierDetection": [
              "consecutive5xxErrors": 5, "interval": "1s", "baseEjectionTime": "3m", "maxEjectionPercent": 50,
            ]
          ])
      ]
    default: application + Bookinfo.virtualService(split: split)
    }
  }

  /// In the order of their times.
  var steps: [Step] {
    let more = [Share(subset: "v1", weight: 75), Share(subset: "v3", weight: 25)]
    return switch self {
    case .calm, .gatewayAPI: []
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
    case .ejection: [Step(at: .seconds(10), event: .fails(pod: Bookinfo.secondDetails, status: 503))]
    case .unready: [Step(at: .seconds(10), event: .unready(workload: "reviews-v3"))]
    case .expiringCertificate:
      [Step(at: .seconds(10), event: .certificate(workload: "ratings-v1", left: .seconds(30 * 60)))]
    case .mutualTLSMismatch:
      [
        Step(
          at: .seconds(8),
          event: .applied([
            ClusterObject.make(
              "security.istio.io/v1", "PeerAuthentication", "default", in: Bookinfo.namespace,
              ["spec": ["mtls": ["mode": "STRICT"]]])
          ])),
        Step(
          at: .seconds(10),
          event: .applied([Bookinfo.destinationRule("details", trafficPolicy: ["tls": ["mode": "DISABLE"]])])),
      ]
    }
  }
}
