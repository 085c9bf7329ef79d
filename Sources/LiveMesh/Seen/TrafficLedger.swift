import EnvoyAPI
import MeshModel
import ProxyLogs

/// All requests that were seen of late, by rule where the source tells it, else by cluster.
struct TrafficLedger: Sendable {
  /// How finely and how far back the history goes.
  static let slices = 24
  static let sliceSeconds = DestinationTraffic.sliceLength.components.seconds
  /// Rings that are kept at most, so that a mesh of any size fits in memory.
  static let mostRings = 2000

  private struct Entry: Hashable {
    let route: RouteID
    let destination: Destination
  }

  private var rules: [AskedRule] = []
  private var versions: [String: String] = [:]
  private var hostsByAddress: [String: String] = [:]
  /// When the first rules were known.
  private var began: Timestamp?
  private var finder = RuleFinder([])
  private var byRule: [Entry: TrafficRing] = [:]
  private var byStat: [StatCounts.Subject: TrafficRing] = [:]
  private var byCluster: [ClusterName: TrafficRing] = [:]
  /// When a request could last not be told to be of this rule alone.
  private var doubtful: [RouteID: Timestamp] = [:]
  private var firstSeen: Timestamp?
  /// Whose logs told of requests of a rule, and when each did last.
  private var callers: [RouteID: [ProxyID: Timestamp]] = [:]
  /// When counters were last read.
  private var countersRead: Timestamp?
  /// From when on requests are of what a rule asks now.
  private var asksSince: [RouteID: Timestamp] = [:]
  /// What proxies take at most to have a change, in the ordinary course: istiod's debounce and its push.
  private static let arrival: Duration = .seconds(1)
  /// What the first lists of all kinds take at most, in the ordinary course.
  private static let loading: Duration = .seconds(5)

  /// The rules as they are asked for now. What was counted for a rule that is another one now is dropped; of one whose
  /// weights have changed only what comes after counts. A rule that is new, or another one, counts from now.
  mutating func setRules(
    _ new: [AskedRule], versions: [String: String] = [:], hostsByAddress: [String: String] = [:], at moment: Timestamp
  ) {
    guard new != rules || versions != self.versions || hostsByAddress != self.hostsByAddress else { return }
    self.versions = versions
    self.hostsByAddress = hostsByAddress
    let old = Dictionary(rules.map { ($0.route.id, $0) }, uniquingKeysWith: { first, _ in first })
    let now = Dictionary(new.map { ($0.route.id, $0) }, uniquingKeysWith: { first, _ in first })
    byRule = byRule.filter { entry, _ in
      guard let before = old[entry.route], let after = now[entry.route] else { return false }
      return before.takesTheSame(as: after) && after.route.split.destinations.contains(entry.destination)
    }
    asksSince = asksSince.filter { now[$0.key] != nil }
    callers = callers.filter { now[$0.key] != nil }
    doubtful = doubtful.filter { now[$0.key] != nil }
    // The kinds of resources come one by one; what comes with them is not new.
    let wasComplete = began.map { moment - $0 >= Self.loading } ?? false
    for rule in new {
      let id = rule.route.id
      let written = rule.route.lastWrite?.time
      if let before = old[id] {
        if !before.takesTheSame(as: rule) || !before.route.split.sendsSameShares(as: rule.route.split) {
          asksSince[id] = moment + Self.arrival
        }
      } else if let written, written <= moment {
        asksSince[id] = written + Self.arrival
      } else if wasComplete {
        asksSince[id] = moment + Self.arrival
      }
    }
    if !new.isEmpty { began = began ?? moment }
    rules = new
    finder = RuleFinder(new, versions: versions, hostsByAddress: hostsByAddress)
  }

  mutating func add(_ request: SeenRequest, from caller: ProxyID? = nil) {
    let finding = finder.find(request)
    firstSeen = min(firstSeen ?? request.time, request.time)
    for (route, destination) in finding.rules {
      let entry = Entry(route: route, destination: destination)
      guard byRule[entry] != nil || byRule.count < Self.mostRings else { continue }
      byRule[entry, default: TrafficRing()].add(request)
      if let caller { callers[route, default: [:]][caller] = request.time }
      if !finding.isCertain { doubtful[route] = max(doubtful[route] ?? request.time, request.time) }
    }
  }

  mutating func add(_ deltas: [HostCounts.Delta], at time: Timestamp) {
    firstSeen = min(firstSeen ?? time, time)
    countersRead = max(countersRead ?? time, time)
    for delta in deltas {
      guard byCluster[delta.cluster] != nil || byCluster.count < Self.mostRings else { continue }
      byCluster[delta.cluster, default: TrafficRing()].add(requests: delta.requests, errors: delta.errors, at: time)
    }
  }

  mutating func add(_ deltas: [StatCounts.Delta], at time: Timestamp) {
    firstSeen = min(firstSeen ?? time, time)
    countersRead = max(countersRead ?? time, time)
    for delta in deltas {
      guard byStat[delta.subject] != nil || byStat.count < Self.mostRings else { continue }
      byStat[delta.subject, default: TrafficRing()].add(
        requests: delta.requests, errors: delta.errors, latencies: delta.latencies, at: time)
    }
  }

  mutating func forget(before now: Timestamp) {
    for key in byRule.keys { byRule[key]?.forget(before: now) }
    for key in byStat.keys { byStat[key]?.forget(before: now) }
    for key in byCluster.keys { byCluster[key]?.forget(before: now) }
    byRule = byRule.filter { !$0.value.isEmpty }
    byStat = byStat.filter { !$0.value.isEmpty }
    byCluster = byCluster.filter { !$0.value.isEmpty }
    let oldest = now - .seconds(TrafficRing.span)
    callers = callers.mapValues { $0.filter { $0.value >= oldest } }.filter { !$0.value.isEmpty }
  }

  /// What each rule did in a window that ends when its requests were last observed, from the best source that has
  /// anything of it. What nobody looked at is not counted as a time without requests.
  /// - Parameter route: leaves out all other rules.
  func sample(
    now: Timestamp, over window: Duration, sight: LogSight = LogSight(), of route: RouteID? = nil
  ) -> TrafficSample {
    var routes: [RouteID: TrafficSample.RouteTraffic] = [:]
    var oldestEnd: Timestamp?
    for rule in rules where route == nil || rule.route.id == route {
      let id = rule.route.id
      guard let counted = counted(rule, over: window, now: now, sight) else { continue }
      let end = counted.end
      let start = end - window
      let since = asksSince[id].flatMap { $0 > start ? min($0, end).nextWholeSecond : nil }
      let destinations = counted.rings.mapValues {
        $0.traffic(from: since ?? start, to: end, slices: Self.slices, of: Self.sliceSeconds)
      }
      routes[id] = .init(
        source: counted.source, isByRule: counted.isByRule, since: since, end: end, destinations: destinations)
      if destinations.values.contains(where: { $0.requests > 0 }) { oldestEnd = min(oldestEnd ?? end, end) }
    }
    let end = oldestEnd ?? min(sight.end ?? countersRead ?? now, now)
    let covered = firstSeen.map { min(window, max(.zero, end - $0)) } ?? .zero
    return TrafficSample(end: end, window: covered, routes: routes, observedSince: firstSeen)
  }

  /// All destinations of one rule, from one source.
  private struct Counted {
    var source: TrafficSource
    var isByRule: Bool
    /// Until when its requests were observed.
    var end: Timestamp
    var rings: [Destination: TrafficRing]
  }

  /// Until when the requests of a rule were observed by the logs of those that sent them in the last window.
  private func logsEnd(_ id: RouteID, over window: Duration, now: Timestamp, _ sight: LogSight) -> Timestamp {
    let senders = (callers[id] ?? [:]).filter { caller, last in sight.until(caller).map { last >= $0 - window } ?? false
    }
    return min(sight.end(of: senders.keys) ?? sight.end ?? now, now)
  }

  /// From the best source that has anything of any destination; `nil` when none has.
  private func counted(
    _ rule: AskedRule, over window: Duration, now: Timestamp, _ sight: LogSight
  ) -> Counted? {
    let id = rule.route.id
    if let rings = rings(rule, { byRule[Entry(route: id, destination: $0)] }) {
      let end = logsEnd(id, over: window, now: now, sight)
      return Counted(
        source: .accessLogs, isByRule: doubtful[id].map { $0 < end - window } ?? true, end: end, rings: rings)
    }
    // The second of the last reading is whole: nothing will come to it.
    let end = min(countersRead.map { Timestamp(seconds: $0.wholeSecond + 1) } ?? now, now)
    if rule.route.split.shares.count == 1, let prefixes = ownStatPrefixes(rule),
      let rings = rings(rule, { _ in sum(prefixes.compactMap { byStat[.route(statPrefix: $0)] }) })
    {
      return Counted(source: .routeStats, isByRule: true, end: end, rings: rings)
    }
    if let rings = rings(rule, stats) {
      return Counted(source: .clusterStats, isByRule: isOnlyRule(rule), end: end, rings: rings)
    }
    if let rings = rings(rule, counts) {
      return Counted(source: .hostCounters, isByRule: isOnlyRule(rule), end: end, rings: rings)
    }
    return nil
  }

  /// `nil` when there is nothing of any destination.
  private func rings(_ rule: AskedRule, _ ring: (Destination) -> TrafficRing?) -> [Destination: TrafficRing]? {
    let found = rule.route.split.destinations.map { ($0, ring($0) ?? TrafficRing()) }
    guard found.contains(where: { !$0.1.isEmpty }) else { return nil }
    return Dictionary(found, uniquingKeysWith: { first, _ in first })
  }

  /// The counters of all clusters (one a port) that lead to a destination.
  private func counts(_ destination: Destination) -> TrafficRing? {
    sum(byCluster.filter { $0.key.leads(to: destination) }.map(\.value))
  }

  /// The same from the counters that are of whole clusters.
  private func stats(_ destination: Destination) -> TrafficRing? {
    sum(
      byStat.compactMap { subject, ring in
        if case .cluster(let name) = subject, name.leads(to: destination) { ring } else { nil }
      })
  }

  private func sum(_ rings: [TrafficRing]) -> TrafficRing? {
    guard let first = rings.first else { return nil }
    return rings.dropFirst().reduce(into: first) { $0.add($1) }
  }

  /// The prefixes under which proxies count this rule's routes; `nil` where a route has none, or shares it with
  /// another rule.
  private func ownStatPrefixes(_ rule: AskedRule) -> Set<String>? {
    let prefixes = rule.matches.compactMap(\.statPrefix)
    guard !prefixes.isEmpty, prefixes.count == rule.matches.count else { return nil }
    let isShared = rules.contains { other in
      other.route.id != rule.route.id && other.matches.contains { $0.statPrefix.map(prefixes.contains) ?? false }
    }
    return isShared ? nil : Set(prefixes)
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
    /// Until when requests were observed: silence after it means nothing.
    var end: Timestamp
    /// Whether all followed logs of the proxies that carry the rule are in sight.
    var isWhole = true
  }

  /// `nil` when nothing tells of this rule.
  func count(_ route: RouteID, since start: Timestamp, now: Timestamp, sight: LogSight = LogSight()) -> Count? {
    guard let rule = rules.first(where: { $0.route.id == route }),
      let counted = counted(rule, over: max(.zero, now - start), now: now, sight)
    else { return nil }
    return Count(
      source: counted.source, isByRule: counted.isByRule,
      requests: counted.rings.mapValues { $0.requests(since: start) },
      last: counted.rings.compactMapValues(\.lastRequest), end: counted.end)
  }
}
