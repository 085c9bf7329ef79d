import IstioAPI
import KubernetesAPI
import MeshModel
import Synchronization

/// Follows the kinds whose changes can be why requests fail, one watch a kind, and says who changed what. A kind that
/// is not served or may not be listed hides nothing of the others.
final class ChangeWatch: Sendable {
  /// How long the first answer waits for the kinds that are slow.
  private static let patience: Duration = .seconds(2)
  /// Changes that come within this time of each other are told as one.
  private static let gap: Duration = .milliseconds(40)
  /// How often a group that is not installed is asked for again.
  private static let absence: Duration = .seconds(60)
  /// Deployments whose ReplicaSets are asked for: those that changed last.
  private static let mostRollouts = 20

  private struct State {
    var ledger = ChangeLedger()
    /// What is wrong with a kind.
    var troubles: [WatchedKind: Trouble] = [:]
    /// The kinds of which something has been heard, be it that there are none.
    var settled: Set<WatchedKind> = []
    var hasExplained = false
    var isPatient = true

    var isReady: Bool { !isPatient || hasExplained }

    /// What cannot be listed is told in one sentence; what else is wrong is most often wrong with all.
    var trouble: Trouble? {
      let kinds = WatchedKind.allCases.filter { troubles[$0] != nil }
      let forbidden = kinds.filter { troubles[$0]?.kind == .forbidden }
      if let other = kinds.first(where: { !forbidden.contains($0) }) { return troubles[other] }
      guard !forbidden.isEmpty else { return nil }
      return Trouble(
        .forbidden,
        "not allowed to list \(forbidden.map(\.plural).joined(separator: ", ")): their changes are not seen",
        remedy: "ask for the right to list and watch them")
    }
  }

  private let state = Mutex(State())
  private let kubernetes: KubernetesClient
  private let watches: SharedWatches
  private let served: ServedVersions
  private let namespace: String?
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
    namespace = scope.namespace
  }

  /// Runs until it is cancelled.
  func run(_ hub: Hub<[ObservedChange]>) async {
    let shared: Set<WatchedKind> = [.virtualService, .destinationRule, .service]
    let own = Dictionary(grouping: WatchedKind.allCases.filter { !shared.contains($0) }, by: \.group)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.follow(self.watches.virtualServices, .virtualService) }
      group.addTask { await self.follow(self.watches.destinationRules, .destinationRule) }
      group.addTask { await self.follow(self.watches.services, .service) }
      for (name, kinds) in own { group.addTask { await self.follow(kinds, of: name) } }
      group.addTask {
        await self.clock.sleep(Self.patience)
        self.change { $0.isPatient = false }
      }
      group.addTask { await self.assemble(hub) }
    }
  }

  private func follow<Resource: KubernetesResource>(_ watch: Hub<Watched<Resource>>, _ kind: WatchedKind) async {
    for await event in watch.feed() {
      switch event {
      case .connecting: break
      case .value(let watched): take(watched, of: kind)
      case .trouble(IstioNetworking.missing): settle([kind], nil)
      case .trouble(let trouble): settle([kind], trouble)
      }
    }
  }

  /// The kinds of a group that nobody else follows.
  private func follow(_ kinds: [WatchedKind], of group: String) async {
    while !Task.isCancelled {
      do throws(Trouble) {
        let versions = try await served.versions(of: group)
        settle(kinds, nil, unless: versions)
        await withTaskGroup(of: Void.self) { tasks in
          for kind in kinds {
            guard let type = kind.type(served: versions) else { continue }
            tasks.addTask {
              for await watched in self.kubernetes.watch(AnyResource.self, as: type, in: self.namespace) {
                self.take(watched, of: kind)
              }
            }
          }
        }
      } catch {
        settle(kinds, error)
      }
      await clock.sleep(Self.absence)
    }
  }

  private func take<Resource: KubernetesResource>(_ watched: Watched<Resource>, of kind: WatchedKind) {
    let now = clock.now()
    change { state in
      if watched.isComplete { state.ledger.take(watched.objects, of: kind, at: now) }
      switch watched.phase {
      case .loading: return
      case .live, .notServed: state.troubles[kind] = nil
      case .behind(let reason, _): state.troubles[kind] = Trouble(reason, doing: "list \(kind.plural)")
      }
      state.settled.insert(kind)
    }
  }

  /// Notes that there is nothing to see of some kinds, and why where that is not as it should be; of those that are
  /// served their watches tell.
  private func settle(_ kinds: [WatchedKind], _ trouble: Trouble?, unless versions: [String] = []) {
    change { state in
      for kind in kinds where kind.type(served: versions) == nil {
        state.troubles[kind] = trouble
        state.settled.insert(kind)
      }
    }
  }

  private func change(_ body: (inout State) -> Void) {
    state.withLock { body(&$0) }
    signal.yield()
  }

  private func assemble(_ hub: Hub<[ObservedChange]>) async {
    var lastTrouble: Trouble?
    for await _ in signals {
      let isComplete = state.withLock { $0.settled.count == WatchedKind.allCases.count && !$0.hasExplained }
      if isComplete {
        await explainRollouts()
        state.withLock { $0.hasExplained = true }
      }
      let (changes, trouble, isReady) = state.withLock { ($0.ledger.changes, $0.trouble, $0.isReady) }
      guard isReady else { continue }
      if changes != hub.newest || trouble != lastTrouble { hub.publish(changes) }
      if let trouble { hub.publish(trouble) }
      lastTrouble = trouble
      await clock.sleep(Self.gap)
    }
  }

  /// Asks the ReplicaSets of the Deployments that changed before the console what that was. It can be done without.
  private func explainRollouts() async {
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
