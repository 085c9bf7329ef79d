import IstioAPI
import MeshModel

/// Puts together what the resources ask for and what proxies and control planes say. Keeps the joins that need not be
/// made again: a mesh of hundreds of proxies changes a few at a time.
struct ReportBuilder {
  private struct Key: Hashable {
    let proxy: ProxyID
    let resource: ResourceID
  }
  private struct Joined {
    let generation: Int
    let rules: [AskedRule]
    let carried: [RouteID: RuleJoin.Carried]
  }

  private var joins: [Key: Joined] = [:]

  mutating func report(
    _ asked: Asked, _ board: ProxyBoard.State, _ refusals: [ProxyID: LoggedRefusal] = [:], in scope: Scope
  ) -> ProxyReport {
    let readings = Dictionary(
      board.readings.sorted { $0.key < $1.key }.compactMap { _, reading in reading.id.map { ($0, reading) } },
      uniquingKeysWith: { first, _ in first })
    var statuses = statuses(asked, board, readings)
    let byResource = asked.byResource
    var carriers = Set<ProxyID>()
    var applied: [RouteID: Applied] = [:]
    var used = Set<Key>()
    for (id, reading) in readings.sorted(by: { $0.key < $1.key }) {
      for resource in reading.resources {
        guard let rules = byResource[resource] else { continue }
        carriers.insert(id)
        used.insert(Key(proxy: id, resource: resource))
        let carriedRules = join(id, reading, resource, rules)
        // A log tells only what was refused once; that it still is, the routes tell.
        if let logged = refusals[id],
          rules.contains(where: { carriedRules[$0.route.id] == .differs && logged.isSince($0) })
        {
          statuses[id]?.takeRefusalOfRoutes(from: logged)
        }
        let refusal = statuses[id]?.refusalOfRoutes
        for (route, carried) in carriedRules {
          applied[route, default: Applied()].add(id, carried, refusal: refusal)
        }
      }
    }
    for (resource, rules) in asked.byteRules {
      for (id, reading) in readings.sorted(by: { $0.key < $1.key }) where !reading.byteRoutes.isEmpty {
        for (route, carried) in ByteRuleJoin.join(rules, of: resource, reading.byteRoutes) {
          carriers.insert(id)
          applied[route, default: Applied()].add(id, carried, refusal: statuses[id]?.refusalOfListeners)
        }
      }
    }
    joins = joins.filter { used.contains($0.key) }
    let shown = statuses.values.filter { scope.holds($0.id) || carriers.contains($0.id) }
    return ProxyReport(
      proxies: shown.sorted { $0.id < $1.id }, applied: applied,
      controlPlane: board.controlPlanes.sorted { $0.key < $1.key }.compactMap(\.value.version).first.map(short),
      troubles: board.controlPlanes.sorted { $0.key < $1.key }.compactMap(\.value.trouble))
  }

  private mutating func join(
    _ id: ProxyID, _ reading: ProxyReading, _ resource: ResourceID, _ rules: [AskedRule]
  ) -> [RouteID: RuleJoin.Carried] {
    let key = Key(proxy: id, resource: resource)
    if let known = joins[key], known.generation == reading.generation, known.rules == rules { return known.carried }
    let carried = RuleJoin.join(rules, reading.made(of: resource))
    joins[key] = Joined(generation: reading.generation, rules: rules, carried: carried)
    return carried
  }

  /// Every proxy that anybody knows of, by its identity.
  private func statuses(
    _ asked: Asked, _ board: ProxyBoard.State, _ readings: [ProxyID: ProxyReading]
  ) -> [ProxyID: ProxyStatus] {
    var statuses: [ProxyID: ProxyStatus] = [:]
    for pod in asked.proxies {
      statuses[pod.id] = ProxyStatus(
        id: pod.id, kind: pod.kind, version: pod.version, reach: .unreached, sync: .unknown)
    }
    for (_, plane) in board.controlPlanes.sorted(by: { $0.key < $1.key }) {
      for sync in plane.proxies {
        let id = ProxyID(sync.id)
        var status = statuses[id] ?? ProxyStatus(id: id, kind: .unknown, reach: .unreached, sync: .unknown)
        if let kind = sync.kind { status.kind = ProxyStatus.Kind(istio: kind) }
        status.version = sync.istioVersion ?? status.version
        for type in MeshModel.XDSType.allCases {
          status.sync[type] = sync.types[type.wire].map(SyncState.init) ?? .notSubscribed
        }
        statuses[id] = status
      }
    }
    for (id, reading) in readings {
      var status = statuses[id] ?? ProxyStatus(id: id, kind: .unknown, reach: .unreached, sync: .unknown)
      if reading.kind != .unknown { status.kind = reading.kind }
      status.version = reading.version ?? status.version
      status.reach = reading.reach
      status.read = reading.read
      for (type, state) in reading.subscriptions where status.sync[type] == .unknown { status.sync[type] = state }
      statuses[id] = status
    }
    for reading in board.readings.values where reading.id == nil {
      // It never answered, so nobody knows its name: its address must do.
      guard case .silent(let trouble) = reading.reach else { continue }
      let id = ProxyID(reading.address)
      statuses[id] = ProxyStatus(id: id, kind: .unknown, reach: .silent(trouble), sync: .unknown)
    }
    return statuses
  }

  private func short(_ version: String) -> String {
    // `1.30.3-56df41f6…-Clean`: what a person calls it stands before the commit.
    String(version.prefix { $0 != "-" })
  }
}

extension ProxyStatus {
  /// Why the proxy refused its routes, if it did.
  fileprivate var refusalOfRoutes: String? {
    if case .rejected(let reason, _) = sync[.routes] { reason } else { nil }
  }

  fileprivate var refusalOfListeners: String? {
    if case .rejected(let reason, _) = sync[.listeners] { reason } else { nil }
  }

  /// Where nobody else says so, or the counters say it without a reason.
  fileprivate mutating func takeRefusalOfRoutes(from logged: LoggedRefusal) {
    switch sync[.routes] {
    case nil, .unknown: sync[.routes] = .rejected(reason: logged.reason, since: logged.time)
    case .rejected(SubscriptionWatch.reason, let since):
      sync[.routes] = .rejected(reason: logged.reason, since: since)
    default: break
    }
  }
}

extension Applied {
  mutating func add(_ proxy: ProxyID, _ carried: RuleJoin.Carried, refusal: String?) {
    switch carried {
    case .asAsked: taken.append(proxy)
    case .differs:
      if let refusal { rejected.append(Rejection(proxy: proxy, reason: refusal)) } else { behind.append(proxy) }
    case .notConcerned: break
    }
  }
}

extension [MeshModel.XDSType: SyncState] {
  fileprivate static var unknown: Self {
    Dictionary(uniqueKeysWithValues: MeshModel.XDSType.allCases.map { ($0, .unknown) })
  }
}

extension MeshModel.XDSType {
  fileprivate var wire: IstioAPI.XDSType {
    switch self {
    case .clusters: .clusters
    case .listeners: .listeners
    case .endpoints: .endpoints
    case .routes: .routes
    }
  }
}

extension SyncState {
  fileprivate init(_ sync: TypeSync) {
    let since = sync.sentTime.flatMap { Timestamp($0) }
    switch sync.state {
    case .notSent: self = .notSent
    case .synced: self = .synced(since: since)
    case .stale: self = .stale(since: since)
    case .rejected(let reason): self = .rejected(reason: reason, since: since)
    }
  }
}

extension Scope {
  func holds(_ proxy: ProxyID) -> Bool {
    switch self {
    case .allNamespaces: true
    // A proxy outside Kubernetes has no namespace and belongs to whoever names it.
    case .namespace(let name): proxy.namespace == name || !proxy.isPod
    }
  }
}
