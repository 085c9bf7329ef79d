import MeshModel
import PrometheusAPI
import Synchronization

/// Chooses the best source of the edges that there is: a metrics store while it answers, else the access logs, with why
/// beside their figures. A store that failed is tried again from time to time.
final class EdgeSources: Sendable {
  private let choice: MetricsStore
  private let finder: StoreFinder
  private let clock: MeshClock
  /// Found once, and again where none was: by all that is followed together.
  private let stores: StoreSearch

  init(_ choice: MetricsStore, finder: StoreFinder, clock: MeshClock) {
    self.choice = choice
    self.finder = finder
    self.clock = clock
    stores = StoreSearch { await finder.stores(choice) }
  }

  private static let retry: ClosedRange<Duration> = .seconds(5)...(.seconds(60))

  /// - Parameters:
  ///   - moment: the past moment that the window ends at, which no log knows.
  ///   - names: what workloads are called, as far as it is known by now.
  ///   - logs: the samples of the access logs over the same window.
  func edges(
    in scope: Scope, over window: Duration, at moment: Timestamp? = nil,
    names: @escaping @Sendable () -> EdgeNames, logs: Hub<EdgeSample>
  ) -> Hub<EdgeSample> {
    Hub { [self] hub in
      guard choice != .off || moment != nil else { return await forward(logs, to: hub, remark: nil) }
      var pause = Self.retry.lowerBound
      while !Task.isCancelled {
        let failure = await follow(in: scope, over: window, at: moment, names: names, hub) {
          pause = Self.retry.lowerBound
        }
        guard let failure else { return }
        if moment != nil {
          hub.publish(failure.trouble)
          await clock.sleep(pause)
        } else {
          await forward(logs, to: hub, remark: failure.remark, for: pause)
        }
        pause = min(pause * 2, Self.retry.upperBound)
      }
    }
  }

  /// Publishes what a store says, as often as it has something new, until it fails. `nil` where all is told: the past
  /// does not change.
  private func follow(
    in scope: Scope, over window: Duration, at moment: Timestamp?, names: @Sendable () -> EdgeNames,
    _ hub: Hub<EdgeSample>,
    whenever answered: () -> Void
  ) async -> StoreFailure? {
    var newest: Timestamp?
    // What fails is shown before it is known how slow it is.
    var withLatency = moment != nil
    while !Task.isCancelled {
      var pause: Duration = window <= .seconds(60) ? .seconds(1) : .seconds(5)
      do throws(StoreFailure) {
        let (sample, rest) = try await stores.first { [newest, withLatency] store throws(StoreFailure) in
          (
            try await store.sample(
              in: scope, over: window, at: moment, names: names(), withLatency: withLatency, newerThan: newest),
            store.pause
          )
        }
        pause = max(pause, rest)
        answered()
        if let sample {
          hub.publish(sample)
          newest = withLatency ? sample.end : nil
        }
      } catch {
        return error
      }
      if moment != nil { return nil }
      if !withLatency {
        withLatency = true
        continue
      }
      await clock.sleep(pause)
    }
    return nil
  }

  /// Passes the logs' samples on with a remark, for so long.
  private func forward(
    _ logs: Hub<EdgeSample>, to hub: Hub<EdgeSample>, remark: String?, for span: Duration? = nil
  ) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        for await event in logs.feed() {
          switch event {
          case .connecting: break
          case .trouble(let trouble): hub.publish(trouble)
          case .value(var sample):
            if let remark { sample.remarks.append(remark) }
            hub.publish(sample)
          }
        }
      }
      if let span { group.addTask { await self.clock.sleep(span) } }
      await group.next()
      group.cancelAll()
    }
  }
}

extension StoreFailure {
  /// What a person is told beside the logs' figures. That there is no store is no fault of theirs.
  fileprivate var remark: String? { self == .noneKnown ? nil : description }
}

/// The stores that there are, looked for until there is one, and the one of them that knows the mesh.
private actor StoreSearch {
  private let find: @Sendable () async -> [StoreEdges]
  private var found: [StoreEdges] = []
  private var search: Task<[StoreEdges], Never>?

  init(find: @escaping @Sendable () async -> [StoreEdges]) { self.find = find }

  /// Asks one store after another, until one does not lack what is asked for. That one is the first to be asked from
  /// then on.
  func first<Value: Sendable>(
    _ ask: @Sendable (StoreEdges) async throws(StoreFailure) -> Value
  ) async throws(StoreFailure) -> Value {
    if found.isEmpty {
      let search = search ?? Task { await find() }
      self.search = search
      found = await search.value
      self.search = nil
    }
    var failure = StoreFailure.noneKnown
    for (place, store) in found.enumerated() {
      do throws(StoreFailure) {
        let value = try await ask(store)
        if place > 0 { found = [store] + found.filter { $0 !== store } }
        return value
      } catch {
        // The first one's is told: it is the best that there is.
        if place == 0 { failure = error }
      }
    }
    throw failure
  }
}
