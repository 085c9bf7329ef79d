import EnvoyAPI
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

  /// The RouteConfigurations that hold something of a resource.
  func names(holding resources: Set<ResourceID>) -> [String] {
    configurations.filter { $0.value.byResource.keys.contains(where: resources.contains) }.map(\.key).sorted()
  }
}

/// Gives proxies that have the same routes the same value, as long as one of them has it.
final class RoutePool: Sendable {
  private struct Entry { weak var routes: MadeRoutes? }

  private struct State {
    /// By the hash of what they hold.
    var byHash: [Int: [Entry]] = [:]
    /// What dumps were read to be, by RouteConfiguration: the same one is not read again.
    var byDump: [RouteDump.Digest: [String: Entry]] = [:]
    var sweepAt = 64

    /// Lets go of what no proxy has any more, whenever there is twice as much as was left the last time.
    mutating func sweep() {
      guard byHash.count + byDump.count >= sweepAt else { return }
      byHash = byHash.compactMapValues { held in
        let kept = held.filter { $0.routes != nil }
        return kept.isEmpty ? nil : kept
      }
      byDump = byDump.filter { $0.value.values.allSatisfy { $0.routes != nil } }
      sweepAt = max(64, (byHash.count + byDump.count) * 2)
    }

    mutating func share(_ made: [ResourceID: RuleJoin.Made]) -> MadeRoutes {
      let hash = made.hashValue
      for case let routes? in (byHash[hash] ?? []).map(\.routes) where routes.byResource == made {
        return routes
      }
      let routes = MadeRoutes(made)
      byHash[hash, default: []].append(Entry(routes: routes))
      return routes
    }
  }

  private let state = Mutex(State())

  /// What a proxy's RouteConfigurations hold, by name.
  func routes(of dump: RouteDump) throws(EnvoyAdminError) -> [String: MadeRoutes] {
    let digest = dump.digest
    let known = state.withLock { $0.byDump[digest] } ?? [:]
    let held = known.compactMapValues(\.routes)
    if !held.isEmpty, held.count == known.count { return held }
    let made = try dump.routes().map { ($0.name, RuleJoin.made(in: [$0])) }
    return state.withLock { state in
      state.sweep()
      let routes = Dictionary(made.map { ($0, state.share($1)) }) { _, last in last }
      state.byDump[digest] = routes.mapValues { Entry(routes: $0) }
      return routes
    }
  }
}
