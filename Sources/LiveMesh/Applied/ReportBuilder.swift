import IstioAPI
import MeshModel

/// Puts together what the resources ask for and what proxies and control planes say. Most proxies of a mesh have the
/// same routes: those are looked at once, together, and what was found out is kept for the next report.
struct ReportBuilder {
  /// What proxies with the same routes have of the rules of one resource.
  private struct Joined {
    let rules: [AskedRule]
    let carried: [(route: RouteID, carried: RuleJoin.Carried)]
  }

  /// Proxies with the same routes, and what they have of each rule.
  private struct Group {
    var members: [ProxyID]
    var joins: [ResourceID: Joined] = [:]

    /// Whether they have something else than a rule that was written before a refusal.
    func differs(sinceBefore refusal: LoggedRefusal) -> Bool {
      joins.values.contains { join in
        let differing = Set(join.carried.lazy.filter { $0.carried == .differs }.map(\.route))
        return join.rules.contains { differing.contains($0.route.id) && refusal.isSince($0) }
      }
    }
  }

  /// What the groups have of one rule: rules of which the same groups have the same are in the same proxies.
  private struct Finding: Hashable {
    let group: Int
    let carried: RuleJoin.Carried
  }

  private var known: [ProxyRoutes: [ResourceID: Joined]] = [:]

  mutating func report(
    _ asked: Asked, _ board: ProxyBoard.State, _ refusals: [ProxyID: LoggedRefusal] = [:], in scope: Scope
  ) -> ProxyReport {
    let readings = Dictionary(
      board.readings.sorted { $0.key < $1.key }.compactMap { _, reading in reading.id.map { ($0, reading) } },
      uniquingKeysWith: { first, _ in first })
    let ordered = readings.sorted { $0.key < $1.key }
    var statuses = statuses(asked, board, readings)
    let groups = groups(of: ordered, joining: asked.byResource)
    var carriers = Set<ProxyID>()
    for group in groups where !group.joins.isEmpty {
      carriers.formUnion(group.members)
      for id in group.members {
        // A log tells only what was refused once; that it still is, the routes tell.
        if let logged = refusals[id], group.differs(sinceBefore: logged) {
          statuses[id]?.takeRefusalOfRoutes(from: logged)
        }
      }
    }
    var applied = applied(by: groups, statuses)
    for (resource, rules) in asked.byteRules {
      for (id, reading) in ordered where !reading.byteRoutes.isEmpty {
        for (route, carried) in ByteRuleJoin.join(rules, of: resource, reading.byteRoutes) {
          carriers.insert(id)
          applied[route, default: Applied()].add(id, carried, refusal: statuses[id]?.refusalOfListeners)
        }
      }
    }
    let shown = statuses.values.filter { scope.holds($0.id) || carriers.contains($0.id) }
    return ProxyReport(
      proxies: shown.sorted { $0.id < $1.id }, applied: applied,
      controlPlane: board.controlPlanes.sorted { $0.key < $1.key }.compactMap(\.value.version).first.map(short),
      troubles: board.controlPlanes.sorted { $0.key < $1.key }.compactMap(\.value.trouble))
  }

  /// `readings` in the order of the proxies, and so are the members of each group.
  private mutating func groups(
    of readings: [(key: ProxyID, value: ProxyReading)], joining asked: [ResourceID: [AskedRule]]
  ) -> [Group] {
    var places: [ProxyRoutes: Int] = [:]
    var groups: [Group] = []
    for (id, reading) in readings {
      guard let routes = reading.routes else { continue }
      if let place = places[routes] {
        groups[place].members.append(id)
      } else {
        places[routes] = groups.count
        groups.append(Group(members: [id]))
      }
    }
    let before = known
    known = [:]
    for (routes, place) in places {
      var joins: [ResourceID: Joined] = [:]
      for resource in routes.resources {
        guard let rules = asked[resource] else { continue }
        if let join = before[routes]?[resource], join.rules == rules {
          joins[resource] = join
        } else {
          let carried = RuleJoin.join(rules, routes.made(of: resource))
          joins[resource] = Joined(rules: rules, carried: carried.map { ($0, $1) })
        }
      }
      groups[place].joins = joins
      known[routes] = joins
    }
    return groups
  }

  private func applied(by groups: [Group], _ statuses: [ProxyID: ProxyStatus]) -> [RouteID: Applied] {
    var findings: [RouteID: [Finding]] = [:]
    for (place, group) in groups.enumerated() {
      for join in group.joins.values {
        for (route, carried) in join.carried {
          findings[route, default: []].append(Finding(group: place, carried: carried))
        }
      }
    }
    var found: [[Finding]: Applied] = [:]
    return findings.mapValues { findings in
      if let applied = found[findings] { return applied }
      let members = findings.flatMap { finding in groups[finding.group].members.map { ($0, finding.carried) } }
      var applied = Applied()
      for (id, carried) in members.sorted(by: { $0.0 < $1.0 }) {
        applied.add(id, carried, refusal: statuses[id]?.refusalOfRoutes)
      }
      found[findings] = applied
      return applied
    }
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
