import MeshModel
import Synchronization

/// What one RouteConfiguration holds of each resource. Most proxies of a mesh have the same: those share one of these,
/// so it is told apart by identity.
final class MadeRoutes: Hashable, Sendable {
  let byResource: [ResourceID: RuleJoin.Made]

  init(_ byResource: [ResourceID: RuleJoin.Made]) { self.byResource = byResource }

  static func == (one: MadeRoutes, other: MadeRoutes) -> Bool { one === other }
  func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// What a proxy has of each resource, by RouteConfiguration.
struct ProxyRoutes: Hashable, Sendable {
  var configurations: [String: MadeRoutes] = [:]

  /// All routes that were made of a resource; empty when it has none of it.
  func made(of resource: ResourceID) -> RuleJoin.Made {
    configurations.sorted { $0.key < $1.key }.flatMap { $0.value.byResource[resource] ?? [] }
  }

  var resources: Set<ResourceID> {
    configurations.values.reduce(into: []) { $0.formUnion($1.byResource.keys) }
  }

  /// Lets go of RouteConfigurations of other names.
  mutating func keep(_ names: Set<String>) { configurations = configurations.filter { names.contains($0.key) } }

  /// The RouteConfigurations that hold something of a resource.
  func names(holding resources: Set<ResourceID>) -> [String] {
    configurations.filter { $0.value.byResource.keys.contains(where: resources.contains) }.map(\.key).sorted()
  }
}

/// Gives proxies that have the same routes the same value, as long as one of them has it.
final class RoutePool: Sendable {
  private struct Entry { weak var routes: MadeRoutes? }

  /// By the hash of what they hold.
  private let entries = Mutex<(byHash: [Int: [Entry]], sweepAt: Int)>(([:], 64))

  func shared(_ made: [ResourceID: RuleJoin.Made]) -> MadeRoutes {
    let hash = made.hashValue
    return entries.withLock { entries in
      for case let routes? in (entries.byHash[hash] ?? []).map(\.routes) where routes.byResource == made {
        return routes
      }
      if entries.byHash.count >= entries.sweepAt {
        entries.byHash = entries.byHash.compactMapValues { held in
          let kept = held.filter { $0.routes != nil }
          return kept.isEmpty ? nil : kept
        }
        entries.sweepAt = max(64, entries.byHash.count * 2)
      }
      let routes = MadeRoutes(made)
      entries.byHash[hash, default: []].append(Entry(routes: routes))
      return routes
    }
  }
}
