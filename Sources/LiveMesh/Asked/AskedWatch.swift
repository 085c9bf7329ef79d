import IstioAPI
import KubernetesAPI
import MeshModel
import Synchronization

/// Follows the resources of a scope, one watch a kind, and says what they ask for together. What can be listed is
/// shown, with what cannot be beside it as trouble.
final class AskedWatch: Sendable {
  /// How long the first answer waits for the other kinds once the routing itself is known.
  private static let patience: Duration = .milliseconds(150)
  /// Changes that come within this time of each other are told as one.
  private static let gap: Duration = .milliseconds(40)

  private struct Kind<Resource: KubernetesResource> {
    var objects: [Resource]?
    var trouble: Trouble?
    var isSettled: Bool { objects != nil || trouble != nil }

    mutating func take(_ watched: Watched<Resource>, _ name: String) {
      if watched.isComplete { objects = watched.sorted }
      switch watched.phase {
      case .loading, .live: trouble = nil
      case .behind(.refused(let error), _): trouble = Trouble(error, doing: "list \(name)")
      case .behind(.broken(let error), _): trouble = Trouble(error, what: "the API server does not answer")
      case .behind(let other, _): trouble = Trouble(.malformed, "\(other)")
      case .notServed(let path): trouble = Trouble(.misconfigured, "the cluster does not serve \(path)")
      }
    }
  }

  private struct State {
    var virtualServices = Kind<VirtualService>()
    var destinationRules = Kind<DestinationRule>()
    var services = Kind<Service>()
    var pods = Kind<Pod>()
    var isPatient = true

    /// Whether there is enough to show: the routing, and the rest or the end of patience.
    var isReady: Bool {
      guard virtualServices.isSettled else { return false }
      return !isPatient || (services.isSettled && pods.isSettled && destinationRules.isSettled)
    }

    var resources: AskedResources {
      AskedResources(
        virtualServices: virtualServices.objects, destinationRules: destinationRules.objects,
        services: services.objects, pods: pods.objects)
    }

    var trouble: Trouble? {
      virtualServices.trouble ?? services.trouble ?? pods.trouble ?? destinationRules.trouble
    }
  }

  private let state = Mutex(State())
  private let kubernetes: KubernetesClient
  private let networking: IstioNetworking
  private let namespace: String?
  private let clock: MeshClock
  private let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

  init(_ kubernetes: KubernetesClient, networking: IstioNetworking, in scope: Scope, clock: MeshClock) {
    self.kubernetes = kubernetes
    self.networking = networking
    self.clock = clock
    namespace = if case .namespace(let name) = scope { name } else { nil }
  }

  /// Runs until it is cancelled.
  func run(_ hub: Hub<Asked>) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.watchRouting() }
      group.addTask {
        await self.follow(self.kubernetes.watch(Service.self, in: self.namespace), \.services, "Services")
      }
      group.addTask { await self.follow(self.kubernetes.watch(Pod.self, in: self.namespace), \.pods, "Pods") }
      group.addTask {
        await self.clock.sleep(Self.patience)
        self.change { $0.isPatient = false }
      }
      group.addTask { await self.assemble(hub) }
    }
  }

  private func watchRouting() async {
    var pause = Duration.milliseconds(500)
    while !Task.isCancelled {
      do throws(Trouble) {
        let version = try await networking.version()
        await withTaskGroup(of: Void.self) { group in
          group.addTask {
            let all = self.kubernetes.watch(
              VirtualService.self, as: .virtualService.version(version), in: self.namespace, keepsFieldOwners: true)
            await self.follow(all, \.virtualServices, "VirtualServices")
          }
          group.addTask {
            let all = self.kubernetes.watch(
              DestinationRule.self, as: .destinationRule.version(version), in: self.namespace)
            await self.follow(all, \.destinationRules, "DestinationRules")
          }
        }
      } catch {
        change { state in
          state.virtualServices.trouble = error
          state.destinationRules.trouble = error
          // Where Istio is not installed nothing routes, and the Services are all there is.
          if error == IstioNetworking.missing { state.virtualServices.objects = [] }
        }
        await clock.sleep(pause)
        pause = min(pause * 2, .seconds(30))
      }
    }
  }

  private func follow<Resource: KubernetesResource>(
    _ stream: AsyncStream<Watched<Resource>>, _ place: sending WritableKeyPath<State, Kind<Resource>>, _ name: String
  ) async {
    for await watched in stream { change { $0[keyPath: place].take(watched, name) } }
  }

  private func change(_ body: (inout State) -> Void) {
    state.withLock { body(&$0) }
    signal.yield()
  }

  private func assemble(_ hub: Hub<Asked>) async {
    var lastTrouble: Trouble?
    for await _ in signals {
      let (resources, trouble, isReady) = state.withLock { ($0.resources, $0.trouble, $0.isReady) }
      guard isReady else { continue }
      let isKnown = resources.virtualServices != nil
      if isKnown {
        let asked = Asked(resources)
        if asked != hub.newest || trouble != lastTrouble { hub.publish(asked) }
      }
      if let trouble { hub.publish(trouble) }
      lastTrouble = trouble
      await clock.sleep(Self.gap)
    }
  }
}

/// Which version of Istio's networking API the server serves. Asked once.
actor IstioNetworking {
  static let missing = Trouble(
    .misconfigured, "Istio's VirtualServices are not installed in this cluster",
    remedy: "is this the right context?")

  private let kubernetes: KubernetesClient
  private var known: String?

  init(_ kubernetes: KubernetesClient) { self.kubernetes = kubernetes }

  func version() async throws(Trouble) -> String {
    if let known { return known }
    do throws(KubernetesError) {
      known = try await kubernetes.istioNetworkingVersion()
    } catch {
      throw Trouble(error, doing: "ask for Istio's API")
    }
    guard let known else { throw Self.missing }
    return known
  }
}
