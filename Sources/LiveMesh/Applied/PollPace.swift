import MeshModel
import Synchronization

/// How often proxies are asked: once a second, less often those to whom an answer is hard work, and nearly all the
/// time while a change is on its way to them. Those that a change does not concern are left at the usual pace.
final class PollPace: Sendable {
  static let usual: Duration = .seconds(1)
  static let hurried: Duration = .milliseconds(60)
  /// A proxy answers on its main thread: at most a twentieth of that is ours.
  static let rest = 20
  /// No answer, however hard, keeps a proxy from being asked for longer.
  static let longestRest: Duration = .seconds(30)
  /// Proxies that are read in a second at most, all together: a large mesh is read less often, not harder.
  static let mostPerSecond = 32
  /// The same while they are read for the first time, which somebody waits for.
  static let mostPerSecondAtFirst = 50

  private struct State {
    /// Changes under way, by the resource that they are of.
    var urgent: [ResourceID: Int] = [:]
    var readsListeners = false
    var sleepers: [Int: Task<Void, Never>] = [:]
    var nextSleeper = 0
  }

  private let state = Mutex(State())
  private let clock: MeshClock
  /// Between two readings of one of them, in the ordinary course.
  private let interval: Duration
  /// Within which all of them are read for the first time, where that is longer than a usual interval.
  private let introduction: Duration

  /// - Parameter crowd: how many are read.
  init(clock: MeshClock, crowd: Int = 1) {
    self.clock = clock
    interval = max(Self.usual, .seconds(1) * crowd / Self.mostPerSecond)
    introduction = .seconds(1) * crowd / Self.mostPerSecondAtFirst
  }

  /// Waits before the first reading, so that many do not begin at once. `jitter` is from 0 to 1.
  func begin(jitter: Double) async {
    if introduction > Self.usual { await clock.sleep(introduction * jitter) }
  }

  /// The resources that are being changed right now.
  var urgent: Set<ResourceID> { state.withLock { Set($0.urgent.keys) } }

  /// Whether listeners are wanted: only where a resource has TLS or TCP rules.
  var readsListeners: Bool {
    get { state.withLock { $0.readsListeners } }
    set { state.withLock { $0.readsListeners = newValue } }
  }

  /// Everybody hurries from now until `relax`, and those who sleep wake up.
  func hurry(for resource: ResourceID) {
    let sleepers = state.withLock { state in
      state.urgent[resource, default: 0] += 1
      defer { state.sleepers = [:] }
      return state.sleepers.values.map { $0 }
    }
    for sleeper in sleepers { sleeper.cancel() }
  }

  func relax(for resource: ResourceID) {
    state.withLock { state in
      guard let count = state.urgent[resource] else { return }
      state.urgent[resource] = count > 1 ? count - 1 : nil
    }
  }

  /// Waits until it is time to ask again, after an answer that took so long. `jitter` is from 0 to 1: proxies that
  /// begin at once drift apart. `isConcerned` says whether changes to these resources are its business.
  func wait(
    afterAnswerThatTook elapsed: Duration, jitter: Double,
    isConcerned: (Set<ResourceID>) -> Bool = { _ in true }
  ) async {
    let span = max(interval * (0.9 + 0.2 * jitter), min(elapsed * Self.rest, Self.longestRest))
    let (sleeper, number) = state.withLock { state -> (Task<Void, Never>?, Int) in
      guard state.urgent.isEmpty || !isConcerned(Set(state.urgent.keys)) else { return (nil, 0) }
      let sleeper = Task { [clock] in await clock.sleep(span) }
      state.nextSleeper += 1
      state.sleepers[state.nextSleeper] = sleeper
      return (sleeper, state.nextSleeper)
    }
    guard let sleeper else { return await clock.sleep(max(Self.hurried, elapsed * 2)) }
    await withTaskCancellationHandler {
      await sleeper.value
    } onCancel: {
      sleeper.cancel()
    }
    state.withLock { _ = $0.sleepers.removeValue(forKey: number) }
  }
}
