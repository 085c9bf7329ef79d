import MeshModel
import Synchronization

/// What one reader has not read yet: the newest value and what is wrong now, never a queue that grows.
final class Mailbox<Value: Sendable>: Sendable {
  private struct State {
    var isConnecting = false
    var value: Value?
    var trouble: Trouble?
    var isClosed = false
    var waiting: CheckedContinuation<FeedEvent<Value>?, Never>?

    mutating func next() -> FeedEvent<Value>? {
      if isConnecting {
        isConnecting = false
        return .connecting
      }
      if let value {
        self.value = nil
        return .value(value)
      }
      if let trouble {
        self.trouble = nil
        return .trouble(trouble)
      }
      return nil
    }
  }

  private let state = Mutex(State())

  func put(_ event: FeedEvent<Value>) {
    let ready = state.withLock { state -> (CheckedContinuation<FeedEvent<Value>?, Never>, FeedEvent<Value>)? in
      switch event {
      case .connecting: state.isConnecting = true
      case .value(let value):
        state.value = value
        // A value ends the trouble before it.
        state.trouble = nil
      case .trouble(let trouble): state.trouble = trouble
      }
      guard let waiting = state.waiting, let next = state.next() else { return nil }
      state.waiting = nil
      return (waiting, next)
    }
    ready.map { $0.resume(returning: $1) }
  }

  /// The next event, in the order in which they can matter: a value before the trouble that came after it. `nil` once
  /// closed. One caller at a time.
  func take() async -> FeedEvent<Value>? {
    await withCheckedContinuation { continuation in
      let answer = state.withLock { state -> FeedEvent<Value>?? in
        if state.isClosed { return .some(nil) }
        if let next = state.next() { return next }
        state.waiting = continuation
        return nil
      }
      if let answer { continuation.resume(returning: answer) }
    }
  }

  func close() {
    let waiting = state.withLock { state in
      state.isClosed = true
      defer { state.waiting = nil }
      return state.waiting
    }
    waiting?.resume(returning: nil)
  }
}
