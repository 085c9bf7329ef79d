import Synchronization

/// One thing that happens once, and that a test waits for.
public final class Signal<Value: Sendable>: Sendable {
  private struct State {
    var value: Value?
    var waiter: CheckedContinuation<Value?, Never>?
  }
  private let state = Mutex(State())

  public init() {}

  public func send(_ value: Value) {
    let waiter = state.withLock { state in
      state.value = value
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume(returning: value)
  }

  /// The value, or `nil` when it has not come within ten seconds.
  public func wait() async -> Value? {
    let limit = Task {
      try await Task.sleep(for: .seconds(10))
      state.withLock { state in
        defer { state.waiter = nil }
        return state.waiter
      }?.resume(returning: nil)
    }
    defer { limit.cancel() }
    return await withCheckedContinuation { continuation in
      let value = state.withLock { state in
        if state.value == nil { state.waiter = continuation }
        return state.value
      }
      if let value { continuation.resume(returning: value) }
    }
  }
}
