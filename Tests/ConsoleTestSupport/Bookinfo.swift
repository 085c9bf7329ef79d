public import MeshModel
internal import ProxyLogs

/// A small mesh in trouble, as values: `reviews` v3 fails, one proxy refuses the routes of `ratings`.
public enum Bookinfo {
  public static let start = Timestamp("2026-11-23T02:17:00Z")!
  public static let identity = MeshIdentity(context: "prod-eu1", scope: .namespace("bookinfo"))

  public static func destination(_ service: String, _ subset: String? = nil) -> Destination {
    Destination(host: "\(service).bookinfo.svc.cluster.local", subset: subset, port: 9080)
  }

  public static let v1 = destination("reviews", "v1")
  public static let v3 = destination("reviews", "v3")

  public static func resource(_ name: String, _ kind: ResourceKind = .virtualService) -> ResourceID {
    ResourceID(kind: kind, namespace: "bookinfo", name: name)
  }

  public static let canaryRule = RouteID(resource: resource("reviews"), rule: 0)
  public static let reviewsRule = RouteID(resource: resource("reviews"), rule: 1)
  public static let ratingsRule = RouteID(resource: resource("ratings"), rule: 0)
  public static let productpageRule = RouteID(resource: resource("productpage"), rule: 0)
  public static let detailsRule = RouteID(resource: resource("details", .service), rule: 0)

  public static func split(_ shares: (Destination, Int)...) -> TrafficSplit {
    TrafficSplit(shares.map { .init(destination: $0.0, weight: Weight($0.1)) })
  }

  public static func route(
    _ id: RouteID, _ service: String, version: String = "100", match: String = "any", gateways: [String] = [],
    by: Route.LastWrite? = nil, _ split: TrafficSplit
  ) -> Route {
    var readiness: [Destination: Route.Readiness] = [:]
    for destination in split.destinations { readiness[destination] = .init(ready: 3, total: 3) }
    return Route(
      id: id, resourceVersion: version, mesh: "istio", hosts: ["\(service).bookinfo.svc.cluster.local"],
      gateways: gateways, match: match, split: split, readiness: readiness, lastWrite: by)
  }

  /// All routes, with these weights of the rule of `reviews`.
  public static func routes(v1 first: Int = 75, v3 third: Int = 25, version: String = "100") -> [Route] {
    let write = Route.LastWrite(manager: "kubectl-edit", time: start - .seconds(40))
    return [
      route(detailsRule, "details", split((destination("details"), 1))),
      route(productpageRule, "productpage", gateways: ["bookinfo-gateway"], split((destination("productpage"), 100))),
      route(
        ratingsRule, "ratings", match: "prefix /",
        split((destination("ratings", "v1"), 90), (destination("ratings", "v2"), 10))),
      route(canaryRule, "reviews", version: version, match: "x-canary: 1", by: write, split((v3, 100))),
      route(reviewsRule, "reviews", version: version, by: write, split((v1, first), (v3, third))),
    ]
  }

  public static let names = [
    "details-v1-5f4d584748-zl9qx", "istio-ingressgateway-6d8b8f5b9c-k8w2t", "productpage-v1-7c9f6b7d4d-x2lqp",
    "ratings-v1-6484c4d9bb-m4c2d", "reviews-v1-5b5d6494f4-h7r2s", "reviews-v3-86bb9ff5c6-x1n8v",
  ]

  public static let proxyIDs = names.map { ProxyID("\($0).bookinfo") }
  public static let rejection =
    "Proto constraint validation failed (RouteConfiguration: Sum of weights in the weighted_cluster must be greater than 0.)"

  public static func applied(taken: Int) -> Applied {
    Applied(taken: Array(proxyIDs.prefix(taken)), behind: Array(proxyIDs.dropFirst(taken)))
  }

  public static func report(reviewsTaken: Int = 6, isRejected: Bool = true) -> ProxyReport {
    let proxies = proxyIDs.enumerated().map { place, id in
      let isRefusing = isRejected && place == 2
      let routes: SyncState =
        isRefusing
        ? .rejected(reason: rejection, since: start - .seconds(48)) : .synced(since: start - .seconds(190))
      return ProxyStatus(
        id: id, kind: place == 1 ? .gateway : .sidecar, version: "1.40.0", reach: .answering(state: "LIVE"),
        sync: [
          .clusters: .synced(since: start - .seconds(190)), .listeners: .synced(since: start - .seconds(190)),
          .endpoints: .synced(since: start - .seconds(20)), .routes: routes,
        ], read: start)
    }
    var ratings = Applied(taken: proxyIDs.filter { $0 != proxyIDs[2] })
    if isRejected {
      ratings.rejected = [.init(proxy: proxyIDs[2], reason: rejection)]
    } else {
      ratings.taken = proxyIDs
    }
    return ProxyReport(
      proxies: proxies,
      applied: [
        canaryRule: applied(taken: 6), reviewsRule: applied(taken: reviewsTaken), ratingsRule: ratings,
        productpageRule: Applied(taken: [proxyIDs[1], proxyIDs[2]]),
      ], controlPlane: "1.30.3")
  }

  public static func traffic(
    _ requests: Int, errors: Int, p50: Int, p99: Int, flag: String? = nil
  ) -> DestinationTraffic {
    let history = (0..<12).map { slice in
      DestinationTraffic.Slice(requests: requests / 12, errors: slice < 4 ? 0 : errors * (slice - 3) / 36)
    }
    return DestinationTraffic(
      requests: requests, errors: errors, p50: .milliseconds(p50), p99: .milliseconds(p99),
      topFlag: flag.map { ResponseFlag($0) },
      history: history)
  }

  public static func sample(at end: Timestamp = start) -> TrafficSample {
    func byRule(_ destinations: [Destination: DestinationTraffic]) -> TrafficSample.RouteTraffic {
      .init(source: .accessLogs, isByRule: true, destinations: destinations)
    }
    return TrafficSample(
      end: end, window: .seconds(60),
      routes: [
        canaryRule: byRule([v3: traffic(120, errors: 0, p50: 4, p99: 12)]),
        reviewsRule: byRule([
          v1: traffic(10_860, errors: 11, p50: 4, p99: 11),
          v3: traffic(3540, errors: 1097, p50: 9, p99: 840, flag: "UF"),
        ]),
        ratingsRule: byRule([
          destination("ratings", "v1"): traffic(12_120, errors: 210, p50: 3, p99: 66),
          destination("ratings", "v2"): traffic(1380, errors: 0, p50: 3, p99: 7),
        ]),
        productpageRule: byRule([destination("productpage"): traffic(14_400, errors: 1137, p50: 31, p99: 1210)]),
        detailsRule: .init(
          source: .hostCounters, isByRule: false,
          destinations: [destination("details"): DestinationTraffic(requests: 14_400, errors: 0)]),
      ])
  }

  public static let production = MeshIdentity(
    context: "prod-eu1", scope: .namespace("bookinfo"), protection: Protection(isProduction: true))

  /// What the server would do with v3 at 50 %, and what was looked at.
  public static let preview = ChangePreview(
    lines: [
      .init(path: "spec.http[1].route[0].weight", before: "75", after: "50"),
      .init(path: "spec.http[1].route[1].weight", before: "25", after: "50"),
    ],
    warnings: ["virtual service reviews: subset v3 has no traffic policy"],
    checks: [
      ChangeCheck(.permission, .ok, "you may patch VirtualService bookinfo/reviews"),
      ChangeCheck(.weights, .ok, "the weights of 2 destinations add up to 100"),
      ChangeCheck(.destination, .ok, "there is a Service bookinfo/reviews"),
      ChangeCheck(.subset, .ok, "reviews/v1, a subset of DestinationRule reviews, has 3 of 3 pods ready"),
      ChangeCheck(.subset, .ok, "reviews/v3, a subset of DestinationRule reviews, has 3 of 3 pods ready"),
      ChangeCheck(.callers, .warning, "curl of bookinfo has no sidecar: what it sends follows no route"),
      ChangeCheck(
        .override, .unknown,
        "whether a ServiceProfile overrides the route is not known: not allowed to list ServiceProfiles"),
      ChangeCheck(
        .capacity, .warning,
        "reviews/v3 would get 40 requests/s on each of 3 ready pods; no pod of the rule gets more than 20 now"),
    ],
    radius: BlastRadius(
      callers: [MeshNode(namespace: "bookinfo", name: "productpage", version: "v1")], requestsPerSecond: 240,
      share: 0.25),
    reconcilers: [
      Reconciler(
        .flux, object: .init(kind: "Kustomization", namespace: "flux-system", name: "apps"),
        evidence: "its label kustomize.toolkit.fluxcd.io/name is apps", putsBack: .within(.seconds(600)),
        offers: [
          ControllerAction(.suspend, .init(kind: "Kustomization", namespace: "flux-system", name: "apps"))
        ])
    ])

  public static let refusedPreview = ChangePreview(
    lines: [], warnings: [],
    checks: [
      ChangeCheck(.permission, .ok, "you may patch VirtualService bookinfo/reviews"),
      ChangeCheck(
        .subset, .refusal,
        "reviews/v3, a subset of DestinationRule reviews, has none of its 3 pods ready: its requests are answered with 503"
      ),
    ],
    radius: BlastRadius(callers: [], requestsPerSecond: 0, share: 0.25))

  /// One that is known, and others that are not.
  public static func access(
    _ place: Int, code: Int = 503, flags: String = "UF", path: String = "/reviews/7"
  ) -> LogLine {
    let isOutbound = place.isMultiple(of: 2)
    let details =
      flags == "-" ? "via_upstream" : "upstream_reset_before_response_started{connection_failure}"
    let cluster = isOutbound ? "outbound|9080||ratings.bookinfo.svc.cluster.local" : "inbound|9080||"
    let text =
      "[\((start + .milliseconds(3100 + 97 * place)).rfc3339)] \"GET \(path) HTTP/1.1\" \(code) \(flags) \(details) - \"-\" 0 91 \(12 + place) - "
      + "\"-\" \"curl/8\" \"9f3a0c41-5be2-4f1e-8d0e-c17be2\(place)\" \"ratings:9080\" \"10.1.0.7:9080\" \(cluster) "
      + "10.1.0.2:40112 10.1.0.7:9080 10.1.0.2:33112 - default"
    return LogLine(ProxyLogLine(text), proxy: proxyIDs[place % 6], arrival: start)
  }
}
