import MeshModel
import TerminalUI

/// The identity of a share: a destination of a rule.
struct ShareID: Hashable, Sendable {
  let route: RouteID
  let destination: Destination
}

/// The Routes screen: what is selected, and how far it is scrolled.
struct RouteList: Equatable, Sendable {
  var table = RouteTable()
  var selection: ShareID?
  /// What was selected before its rule went from the list, until another is chosen: it may come back.
  var lost: ShareID?
  /// What goes by replicas is in one line until it is opened.
  var opened: Set<ResourceID> = []
  var scrolling = Scrolling()
  var filter = TextFilter()
  /// The rules that some proxies have not taken, and since when.
  var late: [RouteID: Timestamp] = [:]
  /// The rules of which it is said: those that were refused, and those that are late for longer than a push takes.
  var behind: Set<RouteID> = []
  /// Until a key is pressed the selection follows the worst share.
  var isUntouched = true
}

extension State {
  /// For so long a proxy may be behind without being mentioned: every push takes a moment.
  static let pushTime: Duration = .seconds(3)

  mutating func noteWhoIsBehind() {
    var late: [RouteID: Timestamp] = [:]
    var behind: Set<RouteID> = []
    for (rule, applied) in proxies.value?.applied ?? [:] {
      if !applied.rejected.isEmpty { behind.insert(rule) }
      guard !applied.behind.isEmpty else { continue }
      let since = routeList.late[rule] ?? now
      late[rule] = since
      if now - since >= Self.pushTime { behind.insert(rule) }
    }
    routeList.late = late
    guard behind != routeList.behind else { return }
    routeList.behind = behind
    rebuildRouteTable()
  }

  mutating func rebuildRouteTable() {
    let before = routeList.table
    routeList.table = RouteTable(
      routes.value ?? [], behind: routeList.behind, opened: routeList.opened, filter: routeList.filter)
    let table = routeList.table
    if let lost = routeList.lost, table.lineOf[lost] != nil {
      routeList.selection = lost
      routeList.lost = nil
    }
    if let selection = routeList.selection, table.lineOf[selection] == nil {
      if routeList.lost == nil { routeList.lost = selection }
      // What was selected is gone: its rule's next share, or what stands now in its place.
      let line = before.lineOf[selection] ?? 0
      routeList.selection =
        table.shares.first { $0.route == selection.route } ?? table.shares.first { table.lineOf[$0]! >= line }
        ?? table.shares.last
    }
    if routeList.selection == nil { routeList.selection = table.canary ?? table.shares.first }
  }

  /// Until a key is pressed: selects the share with the highest error rate among those with enough requests.
  mutating func selectWorstShare() {
    guard routeList.isUntouched, let sample = traffic.value else { return }
    func rate(_ share: ShareID) -> Double {
      guard let traffic = sample.routes[share.route]?.destinations[share.destination],
        traffic.requests >= DestinationTraffic.enoughRequests, traffic.health > .unknown
      else { return 0 }
      return traffic.errorRate ?? 0
    }
    // Shares that can be moved come first: that is what one opens the console for.
    func worst(_ shares: [ShareID]) -> (share: ShareID, rate: Double)? {
      shares.map { ($0, rate($0)) }.filter { $0.1 > 0 }.max { $0.1 < $1.1 }
    }
    let movable = worst(routeList.table.movable)
    guard let worst = movable ?? worst(routeList.table.shares) else { return }
    // Does not flutter between two that fare much alike; but one that cannot be moved never keeps the place of one that
    // can, as it would where the first few requests all failed elsewhere.
    if let selection = routeList.selection, movable == nil || routeList.table.movable.contains(selection),
      rate(selection) * 1.2 >= worst.rate
    {
      return
    }
    select(worst.share)
  }

  mutating func select(_ share: ShareID) {
    let table = routeList.table
    guard let line = table.lineOf[share] else { return }
    let old = routeList.selection.flatMap { table.lineOf[$0] } ?? 0
    routeList.selection = share
    routeList.lost = nil
    routeList.scrolling.moved(from: old, to: line, count: table.lines.count, height: routeRows)
  }

  mutating func moveInRoutes(_ movement: Movement) {
    let shares = routeList.table.shares
    let place = routeList.selection.flatMap { selection in shares.firstIndex(of: selection) } ?? 0
    guard let target = movement.target(from: place, count: shares.count, height: routeRows) else { return }
    select(shares[target])
  }

  /// The selected resource without routing, if it has several destinations that stand in one line.
  var foldedGroup: Route? {
    guard let selection = routeList.selection, let line = routeList.table.lineOf[selection],
      case .folded = routeList.table.lines[line], let route = route(selection.route), route.split.shares.count > 1
    else { return nil }
    return route
  }

  mutating func openGroup() {
    guard let group = foldedGroup else {
      notice = "there is nothing more to open here"
      return
    }
    routeList.opened.insert(group.id.resource)
    rebuildRouteTable()
  }

  mutating func closeGroup() {
    guard let selection = routeList.selection, routeList.opened.remove(selection.route.resource) != nil,
      let first = route(selection.route)?.split.destinations.first
    else {
      notice = "there is nothing to close here"
      return
    }
    routeList.lost = nil
    routeList.selection = ShareID(route: selection.route, destination: first)
    rebuildRouteTable()
  }

  /// Everything that went to the destinations of a rule. Percentiles cannot be added up.
  func wholeTraffic(of route: Route) -> DestinationTraffic? {
    guard let all = traffic.value?.routes[route.id]?.destinations.values, !all.isEmpty else { return nil }
    let errors = all.compactMap(\.errors)
    return DestinationTraffic(
      requests: all.reduce(0) { $0 + $1.requests },
      errors: errors.count == all.count ? errors.reduce(0, +) : nil)
  }

  /// The rows that the list itself has on the screen.
  var routeRows: Int { RoutesLayout(self).list.rows }

  func traffic(of share: ShareID) -> DestinationTraffic? {
    traffic.value?.routes[share.route]?.destinations[share.destination]
  }

  func route(_ id: RouteID) -> Route? { routeList.table.routes[id] }

  /// A count as requests each second: of one rule, or of all.
  func perSecond(_ requests: Int, of route: RouteID? = nil) -> Double? {
    guard let sample = traffic.value else { return nil }
    let window = route.map(sample.window(of:)) ?? sample.window
    return window > .zero ? Double(requests) / window.seconds : nil
  }
}
