import EnvoyAPI
import MeshModel
import ProxyLogs

/// Finds the rules of a VirtualService again in what a proxy has. Istio's metadata names only the resource; it makes
/// one Envoy route of each match of a rule, in order, in every virtual host of every RouteConfiguration (one a port)
/// that the resource's hosts stand in, and leaves out what does not concern the proxy.
struct RuleJoin {
  /// What a proxy has of one rule.
  enum Carried: Equatable, Sendable {
    /// All its routes say what the rule says.
    case asAsked
    /// The routes say something else, or the proxy has the resource but not this rule of it.
    case differs
    /// The proxy has the resource, and the rule is none of its business.
    case notConcerned
  }

  /// The routes that were made of one resource, by virtual host and in their order there.
  typealias Made = [[RouteConfiguration.Route]]

  /// All routes that were made of VirtualServices.
  static func made(in configurations: [RouteConfiguration]) -> [ResourceID: Made] {
    var found: [ResourceID: Made] = [:]
    for host in configurations.flatMap(\.virtualHosts) {
      var ofHost: [ResourceID: [RouteConfiguration.Route]] = [:]
      for route in host.routes {
        guard let origin = route.origin, origin.kind == "virtual-service" else { continue }
        let id = ResourceID(kind: .virtualService, namespace: origin.namespace, name: origin.name)
        ofHost[id, default: []].append(route)
      }
      for (id, routes) in ofHost { found[id, default: []].append(routes) }
    }
    return found
  }

  /// What a proxy that has such routes has of each rule; `rules` are all the HTTP rules of the resource, in order.
  static func join(_ rules: [AskedRule], _ made: Made) -> [RouteID: Carried] {
    var routesOf: [Int: [RouteConfiguration.Route]] = [:]
    var hasStrangers = false
    for routes in made {
      var place = Place(rules)
      for route in routes {
        if let rule = place.next(for: route) {
          routesOf[rule, default: []].append(route)
        } else {
          hasStrangers = true
        }
      }
    }
    var carried: [RouteID: Carried] = [:]
    var isShadowed = false
    for (number, rule) in rules.enumerated() {
      if let routes = routesOf[number] {
        carried[rule.route.id] = routes.allSatisfy { rule.route.split.isSaid(by: $0.action) } ? .asAsked : .differs
      } else {
        // Without the rule where it should be, the proxy has an older resource; a rule for other proxies, or one that
        // can never be reached, need not be there.
        let isForAll = rule.matches.isEmpty || rule.matches.contains { !$0.isScoped }
        carried[rule.route.id] = (isForAll && !isShadowed) || hasStrangers ? .differs : .notConcerned
      }
      isShadowed = isShadowed || rule.matches.isEmpty || rule.matches.contains(where: \.takesEverything)
    }
    return carried
  }

  /// Goes along the matches of all rules as the routes of one virtual host are read.
  private struct Place {
    private let expected: [(rule: Int, name: String?, match: RuleMatch)]
    private var next = 0

    init(_ rules: [AskedRule]) {
      expected = rules.enumerated().flatMap { number, rule in
        (rule.matches.isEmpty ? [RuleMatch()] : rule.matches).map { (number, rule.route.name, $0) }
      }
    }

    mutating func next(for route: RouteConfiguration.Route) -> Int? {
      guard
        let found = expected[next...].firstIndex(where: {
          $0.match.fits(route.match) && $0.match.isNameFit(rule: $0.name, route: route.name)
        })
      else { return nil }
      next = found + 1
      return expected[found].rule
    }
  }
}

extension RuleMatch {
  /// Whether an Envoy match can have been made of this one.
  fileprivate func fits(_ match: RouteMatch) -> Bool {
    let isSamePath =
      switch (path, match.path) {
      case (nil, .prefix("/")): true
      case (.exact(let asked), .exact(let there)): asked == there
      case (.prefix(let asked), .prefix(let there)), (.prefix(let asked), .separatedPrefix(let there)): asked == there
      case (.regex(let asked), .regex(let there)): asked == there
      default: false
      }
    guard isSamePath else { return false }
    let there = match.headers.map { header in
      if case .string(let text) = header.condition, case .exact(let value) = text.pattern, !header.isInverted {
        return "\(header.name)=\(value)"
      }
      return header.name
    }
    return headers == Set(there) && queryParameters == Set(match.queryParameters.map(\.name))
  }

  fileprivate func isNameFit(rule: String?, route: String?) -> Bool {
    guard let rule, !rule.isEmpty, let route, !route.isEmpty, route != "default" else { return true }
    return route == rule || route.hasPrefix(rule + ".")
  }
}

extension TrafficSplit {
  /// Whether a proxy's route divides requests as this split asks.
  func isSaid(by action: RouteAction) -> Bool {
    var there = TrafficSplit([])
    for cluster in action.weightedClusters where cluster.weight > 0 {
      guard let name = cluster.istioName,
        let destination = destinations.first(where: { name.leads(to: $0) })
      else { return false }
      let weight = Int(clamping: min(cluster.weight, UInt64(UInt32.max)))
      if let place = there.shares.firstIndex(where: { $0.destination == destination }) {
        there.shares[place].weight.value += weight
      } else {
        there.shares.append(Share(destination: destination, weight: Weight(weight)))
      }
    }
    return sendsSameShares(as: there)
  }
}
