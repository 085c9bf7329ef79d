import EnvoyAPI
import MeshModel

/// All requests that were seen of late, by rule where the source tells it, else by cluster.
struct TrafficLedger: Sendable {
  /// How finely and how far back the history goes.
  static let slices = 24
  static let sliceSeconds: Int64 = 5
  /// Rings that are kept at most, so that a mesh of any size fits in memory.
  static let mostRings = 2000

  private struct Entry: Hashable {
    let route: RouteID
    let destination: Destination
  }

  private var rules: [AskedRule] = []
  private var versions: [String: String] = [:]
  private var finder = RuleFinder([])
  private var byRule: [Entry: TrafficRing] = [:]
  private var byCluster: [ClusterName: TrafficRing] = [:]
  /// When a request could last not be told to be of this rule alone.
  private var doubtful: [RouteID: Timestamp] = [:]
  private var firstSeen: Timestamp?
  /// From when on requests are of what a rule asks now.
  private var asksSince: [RouteID: Timestamp] = [:]
  /// What proxies take at most to have a change, in the ordinary course: istiod's debounce and its push.
  private static let arrival: Duration = .seconds(1)

  /// The rules as they are asked for now. What was counted for a rule that is another one now is dropped; of one whose
  /// weights have changed only what comes after counts.
  mutating func setRules(_ new: [AskedRule], versions: [String: String] = [:], at moment: Timestamp) {
    guard new != rules || versions != self.versions else { return }
    self.versions = versions
    let old = Dictionary(rules.map { ($0.route.id, $0) }, uniquingKeysWith: { first, _ in first })
    let now = Dictionary(new.map { ($0.route.id, $0) }, uniquingKeysWith: { first, _ in first })
    byRule = byRule.filter { entry, _ in
      guard let before = old[entry.route], let after = now[entry.route] else { return false }
      return before.matches == after.matches && before.route.name == after.route.name
        && after.route.split.destinations.contains(entry.destination)
    }
    asksSince = asksSince.filter { now[$0.key] != nil }
    for rule in new {
      let id = rule.route.id
      if let before = old[id] {
        if !before.route.split.sendsSameShares(as: rule.route.split) { asksSince[id] = moment + Self.arrival }
      } else if let written = rule.route.lastWrite?.time, written <= moment {
        asksSince[id] = written + Self.arrival
      }
    }
    rules = new
    finder = RuleFinder(new, versions: versions)
  }

  mutating func add(_ request: SeenRequest) {
    let finding = finder.find(request)
    firstSeen = min(firstSeen ?? request.time, request.time)
    for (route, destination) in finding.rules {
      let entry = Entry(route: route, destination: destination)
      guard byRule[entry] != nil || byRule.count < Self.mostRings else { continue }
      byRule[entry, default: TrafficRing()].add(request)
      if !finding.isCertain { doubtful[route] = max(doubtful[route] ?? request.time, request.time) }
    }
  }

  mutating func add(_ deltas: [HostCounts.Delta], at time: Timestamp) {
    firstSeen = min(firstSeen ?? time, time)
    for delta in deltas {
      guard byCluster[delta.cluster] != nil || byCluster.count < Self.mostRings else { continue }
      byCluster[delta.cluster, default: TrafficRing()].add(requests: delta.requests, errors: delta.errors, at: time)
    }
  }

  mutating func forget(before now: Timestamp) {
    for key in byRule.keys { byRule[key]?.forget(before: now) }
    for key in byCluster.keys { byCluster[key]?.forget(before: now) }
    byRule = byRule.filter { !$0.value.isEmpty }
    byCluster = byCluster.filter { !$0.value.isEmpty }
  }

  /// What each rule did in the window that ends now, from the best source that has anything of it.
  func sample(now: Timestamp, over window: Duration) -> TrafficSample {
    let covered = firstSeen.map { min(window, max(.zero, now - $0)) } ?? .zero
    let start = now - window
    var routes: [RouteID: TrafficSample.RouteTraffic] = [:]
    for rule in rules {
      let id = rule.route.id
      let since = asksSince[id].flatMap { $0 > start ? min($0, now).nextWholeSecond : nil }
      let first = since ?? start
      if let logged = traffic(rule, from: first, to: now, ring: { byRule[Entry(route: id, destination: $0)] }) {
        let isByRule = doubtful[id].map { $0 < start } ?? true
        routes[id] = .init(source: .accessLogs, isByRule: isByRule, since: since, destinations: logged)
      } else if let counted = traffic(rule, from: first, to: now, ring: counts) {
        routes[id] = .init(source: .hostCounters, isByRule: isOnlyRule(rule), since: since, destinations: counted)
      }
    }
    return TrafficSample(end: now, window: covered, routes: routes)
  }

  /// `nil` when there is nothing of any destination.
  private func traffic(
    _ rule: AskedRule, from start: Timestamp, to end: Timestamp, ring: (Destination) -> TrafficRing?
  ) -> [Destination: DestinationTraffic]? {
    var found: [Destination: DestinationTraffic] = [:]
    var isEmpty = true
    for destination in rule.route.split.destinations {
      let ring = ring(destination) ?? TrafficRing()
      if !ring.isEmpty { isEmpty = false }
      found[destination] = ring.traffic(
        from: start, to: end, slices: Self.slices, of: Self.sliceSeconds)
    }
    return isEmpty ? nil : found
  }

  /// The counters of all clusters (one a port) that lead to a destination.
  private func counts(_ destination: Destination) -> TrafficRing? {
    let rings = byCluster.filter { $0.key.leads(to: destination) }.map(\.value)
    guard let first = rings.first else { return nil }
    return rings.dropFirst().reduce(into: first) { $0.add($1) }
  }

  /// Whether no other rule sends to any of this rule's destinations, so that a cluster's counters are the rule's own.
  private func isOnlyRule(_ rule: AskedRule) -> Bool {
    let targets = Set(rule.route.split.destinations.map { Destination(host: $0.host, subset: $0.subset) })
    return !rules.contains { other in
      other.route.id != rule.route.id
        && other.route.split.destinations.contains { targets.contains(Destination(host: $0.host, subset: $0.subset)) }
    }
  }

  /// What went where since a moment, for telling whether a change has arrived.
  struct Count: Equatable, Sendable {
    var source: TrafficSource
    var isByRule: Bool
    var requests: [Destination: Int]
    /// The end of the last second in which a destination got a request.
    var last: [Destination: Timestamp]
  }

  /// `nil` when nothing tells of this rule.
  func count(_ route: RouteID, since start: Timestamp) -> Count? {
    guard let rule = rules.first(where: { $0.route.id == route }) else { return nil }
    let logged = rule.route.split.destinations.compactMap { destination in
      byRule[Entry(route: route, destination: destination)].map { (destination, $0) }
    }
    let counted = logged.isEmpty ? rule.route.split.destinations.compactMap { d in counts(d).map { (d, $0) } } : []
    let rings = logged.isEmpty ? counted : logged
    guard !rings.isEmpty else { return nil }
    return Count(
      source: logged.isEmpty ? .hostCounters : .accessLogs,
      isByRule: logged.isEmpty ? isOnlyRule(rule) : doubtful[route].map { $0 < start } ?? true,
      requests: Dictionary(uniqueKeysWithValues: rings.map { ($0, $1.requests(since: start)) }),
      last: Dictionary(rings.compactMap { d, ring in ring.lastRequest.map { (d, $0) } }, uniquingKeysWith: max))
  }
}
