public import JSON
public import Transport

/// A proxy's admin API (Envoy, "Administration interface"), over TCP or a Unix socket as the endpoint says. Every call
/// is one request. The proxy answers on its main thread, one request after another: poll the small answers, and never
/// dump a big configuration every second.
public struct EnvoyAdmin: Sendable {
  public let endpoint: Endpoint
  private let client: any HTTPClient
  /// How long one answer may take: a proxy with thousands of clusters is busy for seconds while it writes a dump.
  private let deadline: Duration
  /// The largest answer that is read, in bytes.
  private let limit: Int

  public init(
    _ endpoint: Endpoint, over client: any HTTPClient, deadline: Duration = .seconds(15), limit: Int = 128 << 20
  ) {
    self.endpoint = endpoint
    self.client = client
    self.deadline = deadline
    self.limit = limit
  }

  /// What the proxy is, from `/server_info`. The answer is 125 KB, nearly all of it the list of the proxy's
  /// extensions: ask once per process, and `/ready` afterwards.
  public func server() async throws(EnvoyAdminError) -> EnvoyServer {
    let target = "/server_info"
    guard let server = EnvoyServer(try await json(target)) else {
      throw .incomplete(target: target, missing: "version and state")
    }
    return server
  }

  /// The state alone, from `/ready`: cheap. A proxy that is not ready answers 503, which is no error here.
  public func state() async throws(EnvoyAdminError) -> EnvoyServer.State {
    let target = "/ready"
    let (status, body) = try await exchange(.get, target)
    guard status == 200 || status == 503 else { throw EnvoyAdminError(status: status, target: target, body: body) }
    let word = EnvoyAdminError.sentence(body)
    guard let state = EnvoyServer.State(rawValue: word) else { throw .notEnvoy(target: target, reason: word) }
    return state
  }

  /// The clusters with the counters and health of their hosts, from `/clusters`, in the proxy's order. A sidecar knows
  /// every host of the mesh, and calls a few: ask for those that are wanted, and the rest costs next to nothing.
  /// Clusters that are left without hosts are left out.
  public func clusters(_ wanted: ClusterStatus.Hosts = .all) async throws(EnvoyAdminError) -> [ClusterStatus] {
    let target = "/clusters?format=json"
    let body = try await text(.get, target)
    if let word = wanted.word, body.first == UInt8(ascii: "{"), !body.contains(word) { return [] }
    let answer = try JSON(answer: body, of: target)
    guard answer.kind == .object else { throw .incomplete(target: target, missing: "cluster_statuses") }
    return answer.list("cluster_statuses").compactMap { ClusterStatus($0, wanted) }
  }

  /// The listeners and where they listen, from `/listeners`.
  public func listeners() async throws(EnvoyAdminError) -> [ListenerStatus] {
    let target = "/listeners?format=json"
    let answer = try await json(target)
    guard answer.kind == .object else { throw .incomplete(target: target, missing: "listener_statuses") }
    return answer.list("listener_statuses").compactMap { ListenerStatus($0) }
  }

  /// The certificates in use, each once, from `/certs`: the proxy lists them once per TLS context.
  public func certificates() async throws(EnvoyAdminError) -> [Certificate] {
    let target = "/certs"
    let answer = try await json(target)
    guard answer.kind == .object else { throw .incomplete(target: target, missing: "certificates") }
    return Certificate.unique(in: answer)
  }

  public func stats(_ query: StatsQuery) async throws(EnvoyAdminError) -> Stats {
    let answer = try await json(query.target)
    guard let list = answer["stats"] else { throw .incomplete(target: query.target, missing: "stats") }
    return Stats(list)
  }

  /// How far each subscription has come, from the stats: what was taken last, and how often something was refused.
  /// Istio's default stats list keeps those of clusters and listeners only. A proxy with many clusters has one
  /// subscription for each of them: ask for these only where they are wanted.
  public func subscriptions(withEndpoints: Bool = false) async throws(EnvoyAdminError) -> [XDSSubscription] {
    XDSSubscription.all(in: try await stats(XDSSubscription.query(withEndpoints: withEndpoints)))
  }

  /// The route configurations that a control plane sent (RDS), in the proxy's order. `nameRegex` (RE2, the whole name)
  /// keeps those whose name it matches.
  public func routes(nameRegex: String? = nil) async throws(EnvoyAdminError) -> [RouteConfiguration] {
    try await configuration(.dynamicRoutes, nameRegex: nameRegex).compactMap { RouteConfiguration($0) }
  }

  /// The same, not read yet, and nothing but the routes: when they came is left out, so that proxies with the same
  /// routes write the same bytes.
  public func routeDump(nameRegex: String? = nil) async throws(EnvoyAdminError) -> RouteDump {
    // A message of another type is masked field by field: `route_config` alone is refused.
    RouteDump(
      try await dump(.dynamicRoutes, nameRegex: nameRegex, mask: "route_config.name,route_config.virtual_hosts"))
  }

  /// The route configurations that stand inside listeners.
  public func staticRoutes() async throws(EnvoyAdminError) -> [RouteConfiguration] {
    try await configuration(.staticRoutes).compactMap { RouteConfiguration($0) }
  }

  /// The listeners that a control plane sent (LDS), with what was refused: only listeners say this in the dump.
  public func dynamicListeners() async throws(EnvoyAdminError) -> [DynamicListener] {
    try await configuration(.dynamicListeners, mask: DynamicListener.mask).compactMap { DynamicListener($0) }
  }

  /// One section of `/config_dump`, entry by entry, as the proxy wrote it. `mask` is a list of field paths joined by
  /// commas (`google.protobuf.FieldMask`) and keeps the answer small. A section without entries is empty.
  public func configuration(
    _ section: ConfigurationSection, nameRegex: String? = nil, mask: String? = nil
  ) async throws(EnvoyAdminError) -> [JSON] {
    try await dump(section, nameRegex: nameRegex, mask: mask).entries()
  }

  private func dump(
    _ section: ConfigurationSection, nameRegex: String?, mask: String?
  ) async throws(EnvoyAdminError) -> SectionDump {
    var items: [(String, String?)] = [("resource", section.rawValue)]
    if let mask { items.append(("mask", mask)) }
    if let nameRegex { items.append(("name_regex", nameRegex)) }
    let target = "/config_dump" + queryString(items)
    do throws(EnvoyAdminError) {
      return SectionDump(bytes: try await text(.get, target), target: target)
    } catch {
      // Envoy says the same of a section that has no entries as of one that it does not know.
      if case .notFound(_, let reason) = error, reason.hasPrefix(section.rawValue + " not found") {
        return SectionDump(bytes: Array(#"{"configs": []}"#.utf8), target: target)
      }
      throw error
    }
  }

  /// The level of every logger, in the proxy's order.
  public func logLevels() async throws(EnvoyAdminError) -> [LoggerLevel] {
    LoggerLevel.all(in: try await text(.post, "/logging"))
  }

  /// Sets the level of one logger, or of all of them where `logger` is `nil`; gives all levels after it.
  public func setLogLevel(
    _ level: LoggerLevel.Level, of logger: String? = nil
  ) async throws(EnvoyAdminError) -> [LoggerLevel] {
    let target = "/logging" + queryString([(logger ?? "level", level.rawValue)])
    return LoggerLevel.all(in: try await text(.post, target))
  }

  /// Sets the levels of several loggers at once; gives all levels after it.
  public func setLogLevels(_ levels: [LoggerLevel]) async throws(EnvoyAdminError) -> [LoggerLevel] {
    let paths = levels.map { "\($0.logger):\($0.level.rawValue)" }.joined(separator: ",")
    return LoggerLevel.all(in: try await text(.post, "/logging" + queryString([("paths", paths)])))
  }

  private func json(_ target: String) async throws(EnvoyAdminError) -> JSON {
    try JSON(answer: try await text(.get, target), of: target)
  }

  private func text(_ method: HTTPRequest.Method, _ target: String) async throws(EnvoyAdminError) -> [UInt8] {
    let (status, body) = try await exchange(method, target)
    guard (200..<300).contains(status) else { throw EnvoyAdminError(status: status, target: target, body: body) }
    return body
  }

  private func exchange(
    _ method: HTTPRequest.Method, _ target: String
  ) async throws(EnvoyAdminError) -> (status: Int, body: [UInt8]) {
    do throws(TransportError) {
      let request = HTTPRequest(method, endpoint, target, headDeadline: deadline, deadline: deadline)
      let response = try await client.send(request)
      return (response.status, try await response.body.collect(upTo: limit))
    } catch {
      throw .transport(error)
    }
  }
}

/// The sections of a configuration dump, by the names of their fields (Envoy, `admin/v3/config_dump.proto`).
public enum ConfigurationSection: String, Sendable, CaseIterable {
  case dynamicRoutes = "dynamic_route_configs"
  case staticRoutes = "static_route_configs"
  case dynamicListeners = "dynamic_listeners"
  case staticListeners = "static_listeners"
  case activeClusters = "dynamic_active_clusters"
  case warmingClusters = "dynamic_warming_clusters"
  case staticClusters = "static_clusters"
  case dynamicEndpoints = "dynamic_endpoint_configs"
  case activeSecrets = "dynamic_active_secrets"
}
