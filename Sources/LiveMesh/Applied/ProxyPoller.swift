import EnvoyAPI
import JSON
import MeshModel

/// Reads one proxy again and again: something small each time, and its routes only when they are other ones, since a
/// big proxy is busy for a third of a second with writing them all.
struct ProxyPoller: Sendable {
  /// What the small question gives: when each RouteConfiguration came. A push that changes nothing does not move it.
  private typealias Fingerprint = [String: String]
  private static let mask = "route_config.name,last_updated"
  /// Readings between two looks at the counters of subscriptions, which cost the proxy more.
  private static let subscriptionsEvery = 5

  let admin: EnvoyAdmin
  let pace: PollPace
  let clock: MeshClock
  let pool: RoutePool
  /// The name that was given for it, if any.
  let name: ProxyID?
  let publish: @Sendable (ProxyReading) -> Void

  func run() async {
    var reading = ProxyReading(id: name, address: "\(admin.endpoint)", reach: .unreached)
    var fingerprint: Fingerprint?
    var listeners: [DynamicListener]?
    var subscriptions = SubscriptionWatch()
    var isIntroduced = false
    var round = 0
    await pace.begin(jitter: .random(in: 0...1))
    while !Task.isCancelled {
      let began = clock.now()
      var hasAnswered = true
      do throws(EnvoyAdminError) {
        if !isIntroduced {
          try await introduce(&reading)
          isIntroduced = true
        }
        try await readRoutes(&reading, &fingerprint)
        if pace.readsListeners {
          let now = try await admin.dynamicListeners()
          if now != listeners { reading.byteRoutes = try await admin.byteRoutes() }
          listeners = now
        }
        if round.isMultiple(of: Self.subscriptionsEvery), pace.urgent.isEmpty || round == 0 {
          reading.reach = .answering(state: try await admin.state().rawValue)
          reading.subscriptions = subscriptions.advance(to: try await admin.subscriptions(), now: clock.now())
        }
        reading.read = clock.now()
        round += 1
      } catch {
        if Task.isCancelled { return }
        reading.reach = .silent(Trouble(error, of: admin.endpoint))
        hasAnswered = false
        // It may come back as another process, with other routes.
        isIntroduced = false
        fingerprint = nil
        listeners = nil
        round = 0
      }
      publish(reading)
      // Silence is no work for a proxy: it is asked again as soon as any other.
      let elapsed = hasAnswered ? clock.now() - began : .zero
      await pace.wait(afterAnswerThatTook: elapsed, jitter: .random(in: 0...1)) { urgent in
        // Until its routes are known it may carry anything.
        guard let routes = reading.routes else { return true }
        return !routes.names(holding: urgent).isEmpty || reading.byteRoutes.contains { $0.isMade(of: urgent) }
      }
    }
  }

  private func introduce(_ reading: inout ProxyReading) async throws(EnvoyAdminError) {
    let server = try await admin.server()
    let node = server.istioNode
    reading.id = name ?? ProxyID(node?.proxyID ?? (server.nodeID.isEmpty ? "\(admin.endpoint)" : server.nodeID))
    reading.kind = node.map { ProxyStatus.Kind(istio: $0.type) } ?? .unknown
    reading.version = server.version
    reading.reach = .answering(state: server.state?.rawValue ?? "unknown")
  }

  private func readRoutes(
    _ reading: inout ProxyReading, _ fingerprint: inout Fingerprint?
  ) async throws(EnvoyAdminError) {
    let urgent = pace.urgent
    let concerned = urgent.isEmpty ? [] : reading.routes?.names(holding: urgent) ?? []
    if fingerprint != nil, !concerned.isEmpty {
      // A change is on its way: ask at once for what it will arrive in.
      let names = concerned.map(escaped).joined(separator: "|")
      let changed = try pool.routes(of: try await admin.routeDump(nameRegex: "^(\(names))$"))
      reading.routes?.configurations.merge(changed) { _, new in new }
      return
    }
    let now = try await readFingerprint()
    guard now != fingerprint else { return }
    reading.routes = ProxyRoutes(configurations: try pool.routes(of: try await admin.routeDump()))
    fingerprint = now
  }

  private func readFingerprint() async throws(EnvoyAdminError) -> Fingerprint {
    var found: Fingerprint = [:]
    for entry in try await admin.configuration(.dynamicRoutes, mask: Self.mask) {
      guard let name = entry["route_config"]?["name"]?.string else { continue }
      found[name] = entry["last_updated"]?.string ?? ""
    }
    return found
  }

  /// A name as a regular expression (RE2) that takes it alone.
  private func escaped(_ name: String) -> String {
    name.reduce(into: "") { $0 += "\\.+*?()|[]{}^$".contains($1) ? "\\\($1)" : "\($1)" }
  }
}
