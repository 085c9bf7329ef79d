import IstioAPI
import KubernetesAPI
import MeshModel
import Synchronization

/// Follows the kinds whose changes can be why requests fail, one watch a kind and place, and says who changed
/// what. A kind that is not served or may not be listed hides nothing of the others.
final class ChangeWatch: Sendable {
  /// How long the first answer waits for the kinds that are slow.
  private static let patience: Duration = .seconds(2)
  /// Changes that come within this time of each other are told as one.
  private static let gap: Duration = .milliseconds(40)
  /// How often a group that is not installed is asked for again.
  private static let absence: Duration = .seconds(60)
  /// Deployments whose ReplicaSets are asked for: those that changed last.
  private static let mostRollouts = 20

  /// How far it is known what the newest rollouts from before the console were.
  private enum Rollouts { case unknown, asked, known }

  private struct State {
    var ledger = ChangeLedger()
    var troubles: [WatchedPlace: Trouble] = [:]
    /// The watches of which something has been heard, be it that there is nothing to watch.
    var settled: Set<WatchedPlace> = []
    let places: [WatchedPlace]
    var rollouts = Rollouts.unknown
    var isPatient = true

    /// Whether there is something to tell: where nothing could be listed, no changes would be a lie.
    var isReady: Bool { ledger.hasListedAny && (!isPatient || rollouts == .known) }

    /// Whether nothing more can be waited for.
    var isSettled: Bool { settled.count == places.count }

    init(_ places: [WatchedPlace]) { self.places = places }

    /// Whether it is time to ask what the rollouts were: once, when all is listed.
    mutating func beginsExplaining() -> Bool {
      guard rollouts == .unknown, isSettled, ledger.hasListedAny else { return false }
      rollouts = .asked
      return true
    }

    /// Notes how it is with a watch, and says whether that is new.
    mutating func settle(_ place: WatchedPlace, _ trouble: Trouble?, isHeard: Bool = true) -> Bool {
      // Who has rights in his own namespace only is not told so all the time.
      let isTold = trouble?.kind != .forbidden || place.namespace == places[0].namespace
      let trouble = isTold ? trouble : nil
      let isNew = isHeard && settled.insert(place).inserted || troubles[place] != trouble
      troubles[place] = trouble
      return isNew
    }

    /// What cannot be listed is told in one sentence; what else is wrong is most often wrong with all.
    var trouble: Trouble? {
      let all = places.filter { troubles[$0] != nil }
      let forbidden = all.filter { troubles[$0]?.kind == .forbidden }
      if let other = all.first(where: { !forbidden.contains($0) }) { return troubles[other] }
      guard !forbidden.isEmpty else { return nil }
      return Trouble(
        .forbidden,
        "not allowed to list \(forbidden.map(\.kind.plural).joined(separator: ", ")): their changes are not seen",
        remedy: "ask for the right to list and watch them")
    }
  }

  private let state: Mutex<State>
  private let kubernetes: KubernetesClient
  private let watches: SharedWatches
  private let served: ServedVersions
  private let places: [WatchedPlace]
  private let clock: MeshClock
  private let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

  init(
    _ kubernetes: KubernetesClient, _ watches: SharedWatches, served: ServedVersions, in scope: Scope,
    clock: MeshClock
  ) {
    self.kubernetes = kubernetes
    self.watches = watches
    self.served = served
    self.clock = clock
    places = WatchedPlace.all(in: scope)
    state = Mutex(State(places))
  }

  /// Runs until it is cancelled.
  func run(_ hub: Hub<[ObservedChange]>) async {
    let shared: Set<WatchedKind> = [.virtualService, .destinationRule, .httpRoute, .grpcRoute, .service]
    let own = Dictionary(grouping: places.filter { !shared.contains($0.kind) }, by: \.kind.group)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.follow(self.watches.virtualServices, .virtualService) }
      group.addTask { await self.follow(self.watches.destinationRules, .destinationRule) }
      group.addTask { await self.follow(self.watches.httpRoutes, .httpRoute) }
      group.addTask { await self.follow(self.watches.grpcRoutes, .grpcRoute) }
      group.addTask { await self.follow(self.watches.services, .service) }
      for (name, places) in own { group.addTask { await self.follow(places, of: name) } }
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

  private func follow<Resource: KubernetesResource>(_ watch: Hub<Watched<Resource>>, _ kind: WatchedKind) async {
    let place = WatchedPlace(kind: kind, namespace: places[0].namespace)
    for await event in watch.feed() {
      switch event {
      case .connecting: break
      case .value(let watched): take(watched, of: place)
      case .trouble(IstioNetworking.missing): settle([place], nil)
      case .trouble(let trouble): settle([place], trouble)
      }
    }
  }

  /// What nobody else follows of a group.
  private func follow(_ places: [WatchedPlace], of group: String) async {
    var pause = Duration.milliseconds(500)
    while !Task.isCancelled {
      do throws(Trouble) {
        let versions = try await served.versions(of: group)
        pause = Self.absence
        settle(places.filter { $0.kind.type(served: versions) == nil }, nil)
        await withTaskGroup(of: Void.self) { tasks in
          for place in places {
            guard let type = place.kind.type(served: versions) else { continue }
            tasks.addTask {
              for await watched in self.kubernetes.watch(AnyResource.self, as: type, in: place.namespace) {
                self.take(watched, of: place)
              }
            }
          }
        }
      } catch {
        settle(places, error)
      }
      await clock.sleep(pause)
      pause = min(pause * 2, Self.absence)
    }
  }

  private func take<Resource: KubernetesResource>(_ watched: Watched<Resource>, of place: WatchedPlace) {
    let now = clock.now()
    change { state in
      let isNew = watched.isComplete && state.ledger.take(watched.objects, of: place, at: now)
      let trouble: Trouble? =
        switch watched.phase {
        case .behind(let reason, _): Trouble(reason, doing: "list \(place.kind.plural)")
        case .loading, .live, .notServed: nil
        }
      return state.settle(place, trouble, isHeard: watched.phase != .loading) || isNew
    }
  }

  /// Notes that there is nothing to see, and why where that is not as it should be.
  private func settle(_ places: [WatchedPlace], _ trouble: Trouble?) {
    change { state in places.reduce(false) { state.settle($1, trouble) || $0 } }
  }

  /// `body` says whether there is anything new to tell.
  private func change(_ body: (inout State) -> Bool) {
    if state.withLock({ body(&$0) }) { signal.yield() }
  }

  private func assemble(_ hub: Hub<[ObservedChange]>) async {
    await withTaskGroup(of: Void.self) { group in
      var lastTrouble: Trouble?
      for await _ in signals {
        let (asks, changes, trouble) = state.withLock { state in
          (
            state.beginsExplaining(), state.isReady ? state.ledger.changes : nil,
            state.isReady || !state.ledger.hasListedAny && state.isSettled ? state.trouble : nil
          )
        }
        if asks { group.addTask { await self.explainRollouts() } }
        if let changes, changes != hub.newest || trouble != lastTrouble { hub.publish(changes) }
        if let trouble { hub.publish(trouble) }
        lastTrouble = trouble
        await clock.sleep(Self.gap)
      }
    }
  }

  /// Asks the ReplicaSets of the Deployments that changed before the console what that was. It can be done without.
  private func explainRollouts() async {
    defer {
      change { state in
        state.rollouts = .known
        return true
      }
    }
    let deployments = state.withLock { state -> [(KubernetesObject, [ChangeLedger.Entry])] in
      let entries = state.ledger.entries.filter {
        $0.id.object.kind == WatchedKind.deployment.kind && $0.action == .changed && $0.fields.isEmpty
      }
      let grouped = Dictionary(grouping: entries, by: \.id.object)
      return grouped.values.sorted { $0[0].time > $1[0].time }.prefix(Self.mostRollouts).compactMap { entries in
        let id = entries[0].id.object
        return state.ledger.object(.deployment, ObjectKey(namespace: id.namespace, name: id.name)).map { ($0, entries) }
      }
    }
    for (deployment, entries) in deployments {
      let selector = Deployment(deployment).selector.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      guard !selector.isEmpty else { continue }
      let sets: [ReplicaSet]
      do throws(KubernetesError) {
        sets = try await kubernetes.list(
          ReplicaSet.self, in: deployment.key.namespace, labels: selector.joined(separator: ","))
      } catch {
        // Who may not list them sees who changed it and when, as of every other kind.
        return
      }
      guard let rollout = Rollout(of: deployment, in: sets), !rollout.differences.isEmpty,
        let entry = entries.first(where: { rollout.follows($0.time) })
      else { continue }
      let (fields, more) = Difference.fields(rollout.differences)
      state.withLock { $0.ledger.explain(entry.id, fields, more: more) }
    }
  }
}
