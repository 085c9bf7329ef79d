import MeshModel
import TerminalUI

/// The routes in the order of the screen, as lines: built when they change, not for each picture.
struct RouteTable: Equatable, Sendable {
  enum Line: Equatable, Sendable {
    case gap
    case heading(ResourceID)
    /// A destination of a rule; the first of a rule names the rule too.
    case share(ShareID, isFirst: Bool)
    /// A resource with one rule and one destination, or without routing and not opened, in one line; of several
    /// destinations the first stands for all.
    case folded(ShareID)
    /// The proxies that do not carry the rule as it is asked for.
    case behind(RouteID)
  }

  private(set) var lines: [Line] = []
  /// What can be selected, in the order of the lines.
  private(set) var shares: [ShareID] = []
  /// The shares of rules that divide requests.
  private(set) var movable: [ShareID] = []
  private(set) var lineOf: [ShareID: Int] = [:]
  private(set) var routes: [RouteID: Route] = [:]
  private(set) var rules: [ResourceID: [Route]] = [:]
  /// For each resource its destinations in the order of their names: the same one has the same colour in all rules.
  private(set) var identities: [ResourceID: [Destination]] = [:]
  /// The least share above zero of the first rule that divides requests: what one most likely comes to move.
  private(set) var canary: ShareID?
  /// How many columns the names of the destinations take.
  private(set) var labelColumns = 0
  /// How many resources the filter hides.
  private(set) var hidden = 0

  init() {}

  /// Resources that route come first, then what goes by replicas; each by namespace and service, so that nothing jumps.
  init(_ all: [Route], behind: Set<RouteID>, opened: Set<ResourceID>, filter: TextFilter) {
    var groups: [ResourceID: [Route]] = [:]
    for route in all { groups[route.id.resource, default: []].append(route) }
    let order = groups.keys.map { id in (key: SortKey(id, groups[id]!), id: id) }.sorted { $0.key < $1.key }
    for (key, id) in order {
      let rules = groups[id]!.sorted { ($0.id.section.rawValue, $0.id.rule) < ($1.id.section.rawValue, $1.id.rule) }
      guard filter.isEmpty || rules.contains(where: { filter.matches(Self.text(of: $0)) }) else {
        hidden += 1
        continue
      }
      for rule in rules { routes[rule.id] = rule }
      self.rules[id] = rules
      var destinations: [Destination] = []
      for destination in rules.flatMap(\.split.destinations) where !destinations.contains(destination) {
        destinations.append(destination)
      }
      identities[id] = destinations.sorted { $0.description < $1.description }
      add(id, rules, isFolded: key.isFolded && !(opened.contains(id) && rules[0].split.shares.count > 1), behind)
    }
    if case .gap = lines.last { lines.removeLast() }
  }

  private mutating func add(
    _ id: ResourceID, _ rules: [Route], isFolded: Bool, _ behind: Set<RouteID>
  ) {
    if isFolded, let rule = rules.first, let destination = rule.split.destinations.first {
      let share = ShareID(route: rule.id, destination: destination)
      lineOf[share] = lines.count
      lines.append(.folded(share))
      shares.append(share)
      if behind.contains(rule.id) { lines.append(.behind(rule.id)) }
      return
    }
    if let last = lines.last, last != .gap { lines.append(.gap) }
    lines.append(.heading(id))
    for rule in rules {
      for (place, destination) in rule.split.destinations.enumerated() {
        let share = ShareID(route: rule.id, destination: destination)
        labelColumns = max(labelColumns, TerminalUI.Line(rule.label(of: destination)).columns)
        // What is selected must stand once, whatever a feed says.
        guard lineOf[share] == nil else { continue }
        lineOf[share] = lines.count
        lines.append(.share(share, isFirst: place == 0))
        shares.append(share)
        if rule.isSplit { movable.append(share) }
      }
      if canary == nil, rule.isSplit {
        // Of equals the later one.
        let asked = rule.split.shares.reversed().filter { $0.weight.value > 0 }.min { $0.weight < $1.weight }
        canary = asked.map { ShareID(route: rule.id, destination: $0.destination) }
      }
      if behind.contains(rule.id) { lines.append(.behind(rule.id)) }
    }
    lines.append(.gap)
  }

  /// What a filter looks at.
  private static func text(of route: Route) -> String {
    "\(route.id.resource) #\(route.id.rule) \(route.name ?? "") \(route.match) \(route.hosts.joined(separator: " ")) "
      + route.split.destinations.map(\.description).joined(separator: " ")
  }

  private struct SortKey: Comparable {
    let isFolded: Bool
    let namespace: String, service: String, kind: String, name: String

    init(_ id: ResourceID, _ rules: [Route]) {
      isFolded = id.kind == .service || (rules.count == 1 && rules[0].split.shares.count <= 1)
      namespace = id.namespace
      service = rules[0].service
      kind = id.kind.rawValue
      name = id.name
    }

    static func < (one: SortKey, other: SortKey) -> Bool {
      if one.isFolded != other.isFolded { return !one.isFolded }
      return (one.namespace, one.service, one.kind, one.name) < (other.namespace, other.service, other.kind, other.name)
    }
  }
}

extension Route {
  /// A destination as short as it can be told apart: the subset alone, where the host is the rule's own.
  func label(of destination: Destination) -> String {
    guard let subset = destination.subset, destination.service == service else { return destination.description }
    return subset
  }

  /// What the rule is for, in short: the first host's first label, or the resource's name where it takes all hosts.
  var service: String {
    guard let host = hosts.first, let label = host.split(separator: ".").first, label != "*" else {
      return id.resource.name
    }
    return String(label)
  }
}
