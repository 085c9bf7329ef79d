public import ProxyLogs
internal import JSON

/// A cluster as `/clusters` shows it: its hosts, with counters and health.
public struct ClusterStatus: Equatable, Sendable {
  public var name: String
  /// Whether a control plane sent it.
  public var isDynamic: Bool
  public var hosts: [Host]

  public init(name: String, isDynamic: Bool, hosts: [Host]) {
    self.name = name
    self.isDynamic = isDynamic
    self.hosts = hosts
  }

  /// The parts of the name, where it is one of Istio's.
  public var istioName: ClusterName? { ClusterName(name) }

  public struct Host: Equatable, Sendable {
    /// `10.244.0.5:9080`, `[::1]:9080`, or the path of a pipe.
    public var address: String
    public var hostname: String?
    public var weight: UInt64?
    public var health: Health
    /// Counters and gauges by their names (`rq_total`, `cx_active`): a stat that the proxy names without a value is
    /// zero, one that it does not name is absent.
    public var stats: [String: UInt64]
    /// In percent, by the outlier detector; `nil` until it has enough requests to tell.
    public var successRate: Double?
    public var zone: String?

    public init(
      address: String, hostname: String? = nil, weight: UInt64? = nil, health: Health = Health(),
      stats: [String: UInt64] = [:], successRate: Double? = nil, zone: String? = nil
    ) {
      self.address = address
      self.hostname = hostname
      self.weight = weight
      self.health = health
      self.stats = stats
      self.successRate = successRate
      self.zone = zone
    }

    /// Requests that got a connection to the host, retries and mirrored ones included. Those that could not connect
    /// are not among them: to a host that is gone all requests fail and this stands still. Count `successes` and
    /// `errors` for shares and rates. Counters: see `CounterWindow`.
    public var requests: UInt64? { stats["rq_total"] }
    /// Requests that ended with an answer below 500.
    public var successes: UInt64? { stats["rq_success"] }
    /// Requests that ended with a 5xx, or without an answer: no connection, a reset, a timeout.
    public var errors: UInt64? { stats["rq_error"] }
    public var timeouts: UInt64? { stats["rq_timeout"] }
    public var connectFailures: UInt64? { stats["cx_connect_fail"] }
    /// Gauges: how many there are now.
    public var activeRequests: UInt64? { stats["rq_active"] }
    public var activeConnections: UInt64? { stats["cx_active"] }
  }

  /// What keeps requests from a host.
  public struct Health: Hashable, Sendable {
    /// What the control plane says: `HEALTHY`, `UNHEALTHY`, `DRAINING`, `TIMEOUT`, `DEGRADED`, `UNKNOWN`.
    public var eds: String?
    public var failures: Set<Failure>

    /// The checks of the proxy itself that the host fails, by the names of their fields in `HostHealthStatus`.
    public enum Failure: String, Sendable, CaseIterable {
      /// Ejected by outlier detection.
      case outlier = "failed_outlier_check"
      case activeCheck = "failed_active_health_check"
      case degradedCheck = "failed_active_degraded_check"
      case removedFromDiscovery = "pending_dynamic_removal"
      case pendingActiveCheck = "pending_active_hc"
      case excludedByImmediateFailure = "excluded_via_immediate_hc_fail"
      case activeCheckTimeout = "active_hc_timeout"
    }

    public init(eds: String? = nil, failures: Set<Failure> = []) {
      self.eds = eds
      self.failures = failures
    }

    /// Whether outlier detection has taken the host out.
    public var isEjected: Bool { failures.contains(.outlier) }
    /// Whether the proxy counts the host as able to take requests.
    public var isHealthy: Bool {
      failures.isDisjoint(with: [.outlier, .activeCheck, .excludedByImmediateFailure])
        && !["UNHEALTHY", "DRAINING", "TIMEOUT"].contains(eds)
    }
  }
}

extension ClusterStatus {
  /// Which hosts are asked for.
  public enum Hosts: Sendable {
    case all
    /// Those that have got requests since they are known.
    case called
    /// Those that outlier detection has taken out.
    case ejected

    /// What an answer holds that has any of them: the proxy writes no field that is false.
    var word: StaticString? { if case .ejected = self { "failed_outlier_check" } else { nil } }

    fileprivate func hold(_ host: JSON) -> Bool {
      switch self {
      case .all: true
      case .called:
        host.list("stats").prefix(Host.mostStats).contains { stat in
          // A stat without a value is zero.
          guard let value = stat["value"], let name = stat["name"]?.string else { return false }
          return (name == "rq_success" || name == "rq_error") && value.unsigned ?? 0 > 0
        }
      case .ejected: host["health_status"]?["failed_outlier_check"]?.bool ?? false
      }
    }
  }

  init?(_ json: JSON, _ wanted: Hosts) {
    let hosts = json.list("host_statuses").filter(wanted.hold)
    guard wanted == .all || !hosts.isEmpty, let name = json["name"]?.string else { return nil }
    self.init(
      name: name, isDynamic: json["added_via_api"]?.bool ?? false, hosts: hosts.map { Host($0) })
  }
}

extension ClusterStatus.Host {
  fileprivate static let mostStats = 64

  init(_ json: JSON) {
    var stats: [String: UInt64] = [:]
    for stat in json.list("stats").prefix(Self.mostStats) {
      guard let name = stat["name"]?.string else { continue }
      if let value = stat["value"] {
        stats[name] = value.unsigned
      } else {
        stats[name] = 0
      }
    }
    self.init(
      address: json["address"].map { socketAddress($0) } ?? "", hostname: json["hostname"]?.string,
      weight: json["weight"]?.unsigned, health: ClusterStatus.Health(json["health_status"]), stats: stats,
      successRate: json["success_rate"]?["value"]?.double, zone: json["locality"]?["zone"]?.string)
  }
}

extension ClusterStatus.Health {
  init(_ json: JSON?) {
    self.init(
      eds: json?["eds_health_status"]?.string,
      failures: Set(Failure.allCases.filter { json?[$0.rawValue]?.bool == true }))
  }
}

/// A socket address with its port, or the path of a pipe (`config.core.v3.Address`).
func socketAddress(_ json: JSON) -> String {
  if let socket = json["socket_address"] {
    let host = socket["address"]?.string ?? ""
    let port = socket["port_value"]?.int.map { ":\($0)" } ?? ""
    return (host.contains(":") ? "[\(host)]" : host) + port
  }
  if let pipe = json["pipe"]?["path"]?.string { return pipe }
  if let endpoint = json["envoy_internal_address"]?["server_listener_name"]?.string { return endpoint }
  return ""
}
