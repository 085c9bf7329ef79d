import GatewayAPI
import IstioAPI
import KubernetesAPI
import MeshModel
import Synchronization

/// Follows the resources of a scope and says what they ask for together. What can be listed is
/// shown, with what cannot be beside it as trouble.
final class AskedWatch: Sendable {
  /// How long the first answer waits for the other kinds once the routing itself is known.
  private static let patience: Duration = .milliseconds(150)
  /// Changes that come within this time of each other are told as one.
  private static let gap: Duration = .milliseconds(40)
  /// What there is is put together again for this part of the time at most: a large mesh in which something changes
  /// all the time is told less often.
  private static let rest = 20

  private struct Kind<Resource: KubernetesResource> {
    var objects: [Resource]?
    var trouble: Trouble?
    private var revision = 0
    /// Whether a cluster may well not have the kind: then there are none of it, and nothing is wrong.
    private let isOptional: Bool

    init(isOptional: Bool = false) { self.isOptional = isOptional }

    var isSettled: Bool { objects != nil || trouble != nil }

    /// Whether there is anything new: a bookmark says that there is not.
    mutating func take(_ watched: Watched<Resource>, _ name: String) -> Bool {
      let (revisionBefore, troubleBefore, wasKnown) = (revision, trouble, objects != nil)
      if watched.isComplete, watched.revision != revision || objects == nil {
        objects = watched.sorted
        revision = watched.revision
      }
      switch watched.phase {
      case .loading, .live: trouble = nil
      case .behind(let reason, _): trouble = Trouble(reason, doing: "list \(name)")
      case .notServed where isOptional:
        trouble = nil
        objects = []
      case .notServed(let path): trouble = Trouble(.misconfigured, "the cluster does not serve \(path)")
      }
      return revision != revisionBefore || trouble != troubleBefore || (objects != nil) != wasKnown
    }

    mutating func take(_ trouble: Trouble) -> Bool {
      defer { self.trouble = trouble }
      // Where Istio is not installed nothing routes, and the Services are all there is.
      if trouble == IstioNetworking.missing { objects = [] }
      return self.trouble != trouble
    }
  }

  private struct State {
    var virtualServices = Kind<VirtualService>()
    var destinationRules = Kind<DestinationRule>()
    var httpRoutes = Kind<HTTPRoute>(isOptional: true)
    var grpcRoutes = Kind<GRPCRoute>(isOptional: true)
    var services = Kind<Service>()
    var pods = Kind<Pod>()
    var isPatient = true

    /// Whether there is enough to show: the routing, and the rest or the end of patience.
    var isReady: Bool {
      guard virtualServices.isSettled else { return false }
      let others = [httpRoutes.isSettled, grpcRoutes.isSettled, services.isSettled, pods.isSettled]
      return !isPatient || (others.allSatisfy { $0 } && destinationRules.isSettled)
    }

    var resources: AskedResources {
      AskedResources(
        virtualServices: virtualServices.objects, destinationRules: destinationRules.objects,
        httpRoutes: httpRoutes.objects, grpcRoutes: grpcRoutes.objects, services: services.objects,
        pods: pods.objects)
    }

    var trouble: Trouble? {
      virtualServices.trouble ?? httpRoutes.trouble ?? grpcRoutes.trouble ?? services.trouble ?? pods.trouble
        ?? destinationRules.trouble
    }
  }

  private let state = Mutex(State())
  private let watches: SharedWatches
  private let clock: MeshClock
  private let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

  init(_ watches: SharedWatches, clock: MeshClock) {
    self.watches = watches
    self.clock = clock
  }

  /// Runs until it is cancelled.
  func run(_ hub: Hub<Asked>) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.follow(self.watches.virtualServices, \.virtualServices, "VirtualServices") }
      group.addTask { await self.follow(self.watches.destinationRules, \.destinationRules, "DestinationRules") }
      group.addTask { await self.follow(self.watches.httpRoutes, \.httpRoutes, "HTTPRoutes") }
      group.addTask { await self.follow(self.watches.grpcRoutes, \.grpcRoutes, "GRPCRoutes") }
      group.addTask { await self.follow(self.watches.services, \.services, "Services") }
      group.addTask { await self.follow(self.watches.pods, \.pods, "Pods") }
      group.addTask {
        await self.clock.sleep(Self.patience)
        self.change { state in
          state.isPatient = false
          return true
        }
      }
      group.addTask { await self.assemble(hub) }
    }
  }

  private func follow<Resource: KubernetesResource>(
    _ watch: Hub<Watched<Resource>>, _ place: sending WritableKeyPath<State, Kind<Resource>>, _ name: String
  ) async {
    for await event in watch.feed() {
      switch event {
      case .connecting: break
      case .value(let watched): change { $0[keyPath: place].take(watched, name) }
      case .trouble(let trouble): change { $0[keyPath: place].take(trouble) }
      }
    }
  }

  /// `body` says whether there is anything new.
  private func change(_ body: (inout State) -> Bool) {
    if state.withLock({ body(&$0) }) { signal.yield() }
  }

  private func assemble(_ hub: Hub<Asked>) async {
    var lastTrouble: Trouble?
    for await _ in signals {
      let (resources, trouble, isReady) = state.withLock { ($0.resources, $0.trouble, $0.isReady) }
      guard isReady else { continue }
      let began = clock.now()
      let isKnown = resources.virtualServices != nil
      if isKnown {
        let asked = Asked(resources)
        if asked != hub.newest || trouble != lastTrouble { hub.publish(asked) }
      }
      if let trouble { hub.publish(trouble) }
      lastTrouble = trouble
      await clock.sleep(max(Self.gap, (clock.now() - began) * Self.rest))
    }
  }
}
