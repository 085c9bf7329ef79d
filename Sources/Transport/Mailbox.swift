import Synchronization

/// Values that wait for a reader, or a reader that waits for values, until an end.
final class Mailbox<Value: Sendable>: Sendable {
  private typealias Waiter = CheckedContinuation<Result<Value?, TransportError>, Never>

  private struct State {
    var values: [Value] = []
    var waiters: [Waiter] = []
    var ending: Result<Value?, TransportError>?
  }

  private let state = Mutex(State())

  func put(_ value: Value) {
    let waiter: Waiter? = state.withLock { state in
      guard state.ending == nil else { return nil }
      if !state.waiters.isEmpty { return state.waiters.removeFirst() }
      state.values.append(value)
      return nil
    }
    waiter?.resume(returning: .success(value))
  }

  /// After what has been put already. Only the first end counts.
  func end(_ failure: TransportError?) {
    let ending: Result<Value?, TransportError> = failure.map { .failure($0) } ?? .success(nil)
    let waiters: [Waiter] = state.withLock { state in
      guard state.ending == nil else { return [] }
      state.ending = ending
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume(returning: ending) }
  }

  /// A reader whose task is cancelled ends the mailbox for all.
  @Sendable func next() async throws(TransportError) -> Value? {
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { (waiter: Waiter) in
        let ready: Result<Value?, TransportError>? = state.withLock { state in
          if !state.values.isEmpty { return .success(state.values.removeFirst()) }
          if state.ending == nil { state.waiters.append(waiter) }
          return state.ending
        }
        if let ready { waiter.resume(returning: ready) }
      }
    } onCancel: {
      end(.cancelled)
    }
    return try result.get()
  }
}
