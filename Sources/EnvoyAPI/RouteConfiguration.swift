public import ProxyLogs
internal import JSON

/// A route configuration as the proxy has it, from `/config_dump`.
public struct RouteConfiguration: Equatable, Sendable {
  public var name: String
  /// The version under which the control plane sent it; absent with delta xDS, Istio's default.
  public var version: String?
  /// When this content came, RFC 3339. A push that changes nothing does not move it.
  public var lastUpdated: String?
  /// What was refused last and why. Envoy 1.40 fills it for listeners only.
  public var failure: UpdateFailure?
  /// In the order in which the proxy has them; which one takes a request is decided by domain, not by order.
  public var virtualHosts: [VirtualHost]

  public init(
    name: String, version: String? = nil, lastUpdated: String? = nil, failure: UpdateFailure? = nil,
    virtualHosts: [VirtualHost]
  ) {
    self.name = name
    self.version = version
    self.lastUpdated = lastUpdated
    self.failure = failure
    self.virtualHosts = virtualHosts
  }

  public struct VirtualHost: Equatable, Sendable {
    public var name: String
    public var domains: [String]
    /// In the order in which they are tried.
    public var routes: [Route]

    public init(name: String, domains: [String], routes: [Route]) {
      self.name = name
      self.domains = domains
      self.routes = routes
    }
  }

  public struct Route: Hashable, Sendable {
    /// The name in access logs; under Istio the rule's name in the VirtualService, or `default`.
    public var name: String?
    public var match: RouteMatch
    public var action: RouteAction
    /// The resource that the control plane made the route from.
    public var origin: ResourceOrigin?
    /// `0s` means no limit; `nil` means Envoy's default of 15 s.
    public var timeout: Duration?
    /// Set where the proxy counts the route on its own: `vhost.<virtual host>.route.<this>.upstream_rq_…`.
    public var statPrefix: String?
    /// Where copies of requests go besides.
    public var mirrors: [Mirror]

    /// An entry of `request_mirror_policies`.
    public struct Mirror: Hashable, Sendable {
      /// Empty where a header says it.
      public var cluster: String
      /// The part of the requests that is copied, of 100.
      public var percent: Double

      public init(cluster: String, percent: Double) {
        self.cluster = cluster
        self.percent = percent
      }
    }

    public init(
      name: String? = nil, match: RouteMatch, action: RouteAction, origin: ResourceOrigin? = nil,
      timeout: Duration? = nil, statPrefix: String? = nil, mirrors: [Mirror] = []
    ) {
      self.mirrors = mirrors
      self.name = name
      self.match = match
      self.action = action
      self.origin = origin
      self.timeout = timeout
      self.statPrefix = statPrefix
    }
  }
}

/// What a route does with a request.
public enum RouteAction: Hashable, Sendable {
  case cluster(String)
  /// Weights are relative to their sum. A destination of weight 0 is not sent by Istio at all.
  case weightedClusters([WeightedCluster])
  /// The request's header of this name says the cluster.
  case clusterHeader(String)
  case redirect(status: Int?)
  case directResponse(status: Int)
  /// Something else, by the name of its field where it has one.
  case other(String)

  /// The clusters that requests can go to, with their weights; a single cluster takes all, as weight 1.
  public var weightedClusters: [WeightedCluster] {
    switch self {
    case .cluster(let name): [WeightedCluster(name: name, weight: 1)]
    case .weightedClusters(let clusters): clusters
    default: []
    }
  }
}

public struct WeightedCluster: Hashable, Sendable {
  public var name: String
  public var weight: UInt64

  public init(name: String, weight: UInt64) {
    self.name = name
    self.weight = weight
  }

  /// The parts of the name, where it is one of Istio's.
  public var istioName: ClusterName? { ClusterName(name) }
}

/// Where Istio says that a piece of configuration comes from: metadata `istio`, key `config`,
/// `/apis/networking.istio.io/v1/namespaces/bookinfo/virtual-service/reviews`.
public struct ResourceOrigin: Hashable, Sendable, CustomStringConvertible {
  public var group: String
  public var version: String
  public var namespace: String
  /// In kebab case: `virtual-service`, `destination-rule`.
  public var kind: String
  public var name: String

  public init(group: String, version: String, namespace: String, kind: String, name: String) {
    self.group = group
    self.version = version
    self.namespace = namespace
    self.kind = kind
    self.name = name
  }

  /// `nil` for a text of another shape.
  public init?(_ path: String) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 8, parts[0].isEmpty, parts[1] == "apis", parts[4] == "namespaces" else { return nil }
    self.init(group: parts[2], version: parts[3], namespace: parts[5], kind: parts[6], name: parts[7])
  }

  public var description: String { "/apis/\(group)/\(version)/namespaces/\(namespace)/\(kind)/\(name)" }
}

/// A configuration that the proxy refused (`admin.v3.UpdateFailureState`). It keeps what it had before.
public struct UpdateFailure: Equatable, Sendable {
  /// Envoy's own text.
  public var reason: String
  /// RFC 3339.
  public var time: String?
  public var version: String?

  public init(reason: String, time: String? = nil, version: String? = nil) {
    self.reason = reason
    self.time = time
    self.version = version
  }
}

extension RouteConfiguration {
  /// An entry of `dynamic_route_configs` or `static_route_configs`.
  init?(_ json: JSON) {
    guard let configuration = json["route_config"] else { return nil }
    self.init(
      name: configuration["name"]?.string ?? "", version: json["version_info"]?.string,
      lastUpdated: json["last_updated"]?.string, failure: json["error_state"].map { UpdateFailure($0) },
      virtualHosts: configuration.list("virtual_hosts").map { VirtualHost($0) })
  }
}

extension RouteConfiguration.VirtualHost {
  init(_ json: JSON) {
    self.init(
      name: json["name"]?.string ?? "", domains: json.list("domains").compactMap(\.string),
      routes: json.list("routes").map { RouteConfiguration.Route($0) })
  }
}

extension RouteConfiguration.Route {
  init(_ json: JSON) {
    self.init(
      name: json["name"]?.string, match: RouteMatch(json["match"]), action: RouteAction(json),
      origin: (json["metadata"]?["filter_metadata"]?["istio"]?["config"]?.string).flatMap { ResourceOrigin($0) },
      timeout: (json["route"]?["timeout"]?.string).flatMap { Duration(protobuf: $0) },
      statPrefix: json["stat_prefix"]?.string,
      mirrors: json["route"].map { $0.list("request_mirror_policies").map { Mirror($0) } } ?? [])
  }
}

extension RouteConfiguration.Route.Mirror {
  init(_ json: JSON) {
    let part = json["runtime_fraction"]?["default_value"]
    let whole: Double =
      switch part?["denominator"]?.string {
      case "TEN_THOUSAND": 10_000
      case "MILLION": 1_000_000
      default: 100
      }
    // Without a fraction all are copied; a numerator of 0 is left out.
    self.init(
      cluster: json["cluster"]?.string ?? "",
      percent: part.map { ($0["numerator"]?.double ?? 0) * 100 / whole } ?? 100)
  }
}

extension RouteAction {
  init(_ route: JSON) {
    if let action = route["route"] {
      if let name = action["cluster"]?.string {
        self = .cluster(name)
      } else if let weighted = action["weighted_clusters"] {
        // `total_weight` may be absent and is ignored by Envoy where it stands: the sum counts.
        self = .weightedClusters(weighted.list("clusters").map { WeightedCluster($0) })
      } else if let header = action["cluster_header"]?.string {
        self = .clusterHeader(header)
      } else {
        self = .other("route")
      }
    } else if let redirect = route["redirect"] {
      self = .redirect(status: Self.status(ofRedirect: redirect))
    } else if let direct = route["direct_response"] {
      self = .directResponse(status: direct["status"]?.int ?? 0)
    } else {
      self = .other(["filter_action", "non_forwarding_action"].first { route[$0] != nil } ?? "none")
    }
  }

  private static func status(ofRedirect redirect: JSON) -> Int? {
    switch redirect["response_code"]?.string {
    case nil, "MOVED_PERMANENTLY": 301
    case "FOUND": 302
    case "SEE_OTHER": 303
    case "TEMPORARY_REDIRECT": 307
    case "PERMANENT_REDIRECT": 308
    default: nil
    }
  }
}

extension WeightedCluster {
  init(_ json: JSON) {
    self.init(
      name: json["name"]?.string ?? json["cluster_header"]?.string ?? "", weight: json["weight"]?.unsigned ?? 0)
  }
}

extension UpdateFailure {
  init(_ json: JSON) {
    self.init(
      reason: json["details"]?.string ?? "", time: json["last_update_attempt"]?.string,
      version: json["version_info"]?.string)
  }
}
