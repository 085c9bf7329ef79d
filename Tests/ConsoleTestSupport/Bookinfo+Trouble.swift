public import MeshModel

extension Bookinfo {
  /// A change of the last minutes, so long before the start.
  public static func change(
    _ kind: String, _ name: String, before: Duration, by: String?, _ fields: [ObservedChange.Field],
    services: [String] = ["reviews"], version: String? = nil, weights: [RuleEdit] = []
  ) -> ObservedChange {
    ObservedChange(
      id: .init(object: .init(kind: kind, namespace: "bookinfo", name: name), version: "\(before.components.seconds)"),
      action: .changed, time: start - before, by: by, fields: fields,
      services: services.map { ServiceID(namespace: "bookinfo", name: $0) }, version: version,
      weights: weights)
  }

  /// What went before the trouble, newest first.
  public static let changes = [
    change(
      "VirtualService", "reviews", before: .seconds(73), by: "kubectl-edit",
      [.init(name: "#1 v1", before: "90", after: "75"), .init(name: "#1 v3", before: "10", after: "25")],
      weights: [
        RuleEdit(
          route: reviewsRule, match: "any", before: split((v1, 90), (v3, 10)), after: split((v1, 75), (v3, 25)))
      ]),
    change(
      "Deployment", "reviews-v3", before: .seconds(229), by: "argocd-controller",
      [.init(name: "image", before: "1.18", after: "1.19")], version: "v3"),
    change(
      "DestinationRule", "ratings", before: .seconds(685), by: "flux",
      [.init(name: "maxConnections", before: "100", after: "20")], services: ["ratings"]),
  ]

  /// Traffic of one edge whose errors began so many slices ago.
  public static func flow(
    _ rate: Double, errors share: Double = 0, failing slices: Int = 8, p99: Int = 12, slowFrom: Int? = nil,
    flag: String? = nil
  ) -> EdgeTraffic {
    let history = (0..<24).map { slice in
      let isFailing = slice >= 24 - slices
      let isSlow = slowFrom.map { slice >= $0 } ?? false
      return EdgeTraffic.Slice(
        requests: rate * 5, errors: isFailing ? rate * 5 * share : 0, p99: .milliseconds(isSlow ? p99 : min(p99, 210)))
    }
    let window = history.suffix(12)
    let (requests, errors) = window.reduce((0.0, 0.0)) { ($0.0 + $1.requests, $0.1 + $1.errors) }
    var flags: [ResponseFlag: Double] = [:]
    if let flag { flags[ResponseFlag(flag)] = errors }
    return EdgeTraffic(
      requests: requests, errors: errors, p50: .milliseconds(p99 / 4), p95: .milliseconds(p99 / 2),
      p99: .milliseconds(p99), codes: errors > 0 ? ["200": requests - errors, "503": errors] : ["200": requests],
      flags: flags, security: .mutualTLS, history: history,
      before: .init(requests: requests, errors: 0, p99: .milliseconds(slowFrom == nil ? p99 : 210)))
  }

  /// `reviews` v3 cannot connect to `ratings`, and the page waits for it.
  public static func troubledEdges(at end: Timestamp = start) -> EdgeSample {
    EdgeSample(
      end: end, observedSince: start - .seconds(600), window: .seconds(60), source: .accessLogs,
      edges: [
        EdgeID(from: ingress, to: productpage): flow(240, p99: 1210, slowFrom: 12),
        EdgeID(from: productpage, to: details): flow(240, p99: 4),
        EdgeID(from: productpage, to: reviews1): flow(181, p99: 11),
        EdgeID(from: productpage, to: reviews3): flow(59, errors: 0.31, p99: 840, flag: "UF"),
        EdgeID(from: reviews3, to: ratings): flow(59, errors: 0.182, p99: 66, flag: "UF"),
      ])
  }
}
