import EnvoyAPI
import MeshModel

/// Finds the TLS and TCP rules of a VirtualService again in a proxy's listeners. Istio makes a filter chain of each
/// match, and one of a rule without matches; of TCP rules the first that fits a port takes it. Chains of sidecars name
/// the resource; those of gateways do not, and there a TLS rule is found by its server names alone.
enum ByteRuleJoin {
  /// What a proxy has of each rule; a rule of which it has nothing is left out. `rules` are all of `resource`.
  static func join(
    _ rules: [AskedRule], of resource: ResourceID, _ chains: [ByteRoute]
  ) -> [RouteID: RuleJoin.Carried] {
    var carried: [RouteID: RuleJoin.Carried] = [:]
    for chain in chains {
      let isNamed = chain.origin.map { origin in
        origin.kind == "virtual-service" && origin.namespace == resource.namespace && origin.name == resource.name
      }
      guard isNamed ?? !chain.serverNames.isEmpty, let rule = rules.first(where: { $0.fits(chain) }) else { continue }
      let isAsked = rule.route.split.isSaid(by: .weightedClusters(chain.clusters))
      carried[rule.route.id] = isAsked && carried[rule.route.id] != .differs ? .asAsked : .differs
    }
    return carried
  }
}

extension AskedRule {
  fileprivate func fits(_ chain: ByteRoute) -> Bool {
    switch route.id.section {
    case .http: false
    case .tls: matches.contains { $0.serverNames == Set(chain.serverNames) && $0.fits(port: chain.port) }
    case .tcp: chain.serverNames.isEmpty && (matches.isEmpty || matches.contains { $0.fits(port: chain.port) })
    }
  }
}

extension RuleMatch {
  fileprivate func fits(port there: Int?) -> Bool { port == nil || there == nil || port == there }
}

extension ByteRoute {
  func isMade(of resources: Set<ResourceID>) -> Bool {
    guard let origin, origin.kind == "virtual-service" else { return false }
    return resources.contains(ResourceID(kind: .virtualService, namespace: origin.namespace, name: origin.name))
  }
}
