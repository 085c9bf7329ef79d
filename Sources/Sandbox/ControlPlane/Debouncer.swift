/// Waits until nothing has changed for 100 ms, at most 10 s, before it acts: as istiod does by default
/// (PILOT_DEBOUNCE_AFTER, PILOT_DEBOUNCE_MAX).
actor Debouncer {
  private static let quiet: Duration = .milliseconds(100)
  private static let limit: Duration = .seconds(10)

  private let act: @Sendable () async -> Void
  private var waiting: Task<Void, Never>?
  private var quietAfter = ContinuousClock.now

  init(_ act: @escaping @Sendable () async -> Void) { self.act = act }

  /// Something changed.
  func touch() {
    quietAfter = .now + Self.quiet
    guard waiting == nil else { return }
    let latest = ContinuousClock.now + Self.limit
    waiting = Task {
      while case let due = min(quietAfter, latest), due > .now {
        do { try await Task.sleep(until: due) } catch { return }
      }
      waiting = nil
      await act()
    }
  }
}
