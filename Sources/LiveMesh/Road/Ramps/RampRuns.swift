import MeshModel
import Synchronization

/// The ramps that this program runs or has run.
final class RampRuns: Sendable {
  private struct State {
    var progress: [RampProgress] = []
    var inboxes: [Change.ID: AsyncStream<RampRun.Event>.Continuation] = [:]
  }

  private let state = Mutex(State())
  private let hub = Hub<[RampProgress]> { _ in }

  init() { hub.publish([]) }

  func feed() -> Feed<[RampProgress]> { hub.feed() }

  func tell(_ ramp: Change.ID, _ order: Ramp.Order) {
    _ = state.withLock { $0.inboxes[ramp]?.yield(.order(order)) }
  }

  /// Runs a ramp until it has ended and the journal says so. The claim is held as long.
  func start(
    _ run: RampRun, routes: Feed<[Route]>, traffic: Feed<TrafficSample>, journal: Journal, claim: JournalClaim
  ) {
    let id = run.progress.id
    let (events, inbox) = AsyncStream<RampRun.Event>.makeStream()
    state.withLock { $0.inboxes[id] = inbox }
    // The end of one that has nothing left to do is told like any other: once the journal has it.
    if run.progress.ramp.end == nil { publish(run.progress) }
    Task {
      var run = run
      await run.run(routes: routes, traffic: traffic, events: events, inbox: inbox) { self.publish($0) }
      state.withLock { $0.inboxes[id] = nil }
      var last = run.progress
      if let end = last.ramp.end {
        do { try await journal.end(id, end) } catch { last.trouble = "the journal does not say how it ended: \(error)" }
      }
      withExtendedLifetime(claim) {}
      publish(last)
    }
  }

  private func publish(_ progress: RampProgress) {
    let all = state.withLock { state in
      if let place = state.progress.firstIndex(where: { $0.id == progress.id }) {
        state.progress[place] = progress
      } else {
        state.progress.append(progress)
      }
      return state.progress
    }
    hub.publish(all)
  }
}
