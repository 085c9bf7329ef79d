import MeshModel
import Synchronization

/// The newest state of something that several readers follow. What produces it starts with the first reader and then
/// goes on until the hub is let go of, so that going from screen to screen costs no new connection. A new reader gets
/// the newest value at once; a slow reader misses values that were replaced, never the newest one.
final class Hub<Value: Sendable>: Sendable {
  typealias Producer = @Sendable (Hub<Value>) async -> Void

  private struct State {
    var value: Value?
    var trouble: Trouble?
    var readers: [Int: Mailbox<Value>] = [:]
    var nextReader = 0
    var producer: Task<Void, Never>?
    var isClosed = false
  }

  private let state = Mutex(State())
  private let produce: Producer

  /// `produce` gets the hub to publish to and should hold it only as long as its task is not cancelled.
  init(_ produce: @escaping Producer) { self.produce = produce }

  /// The newest value, without waiting.
  var newest: Value? { state.withLock { $0.value } }
  var trouble: Trouble? { state.withLock { $0.trouble } }

  func publish(_ value: Value) {
    state.withLock { state in
      state.value = value
      state.trouble = nil
      for reader in state.readers.values { reader.put(.value(value)) }
    }
  }

  /// Changes the newest value in place, where there is one: a big one is not copied. `edit` says whether it did.
  func change(_ edit: (inout Value) -> Bool) {
    state.withLock { state in
      guard var value = state.value.take() else { return }
      let isChanged = edit(&value)
      state.value = value
      guard isChanged else { return }
      state.trouble = nil
      for reader in state.readers.values { reader.put(.value(value)) }
    }
  }

  func publish(_ trouble: Trouble) {
    state.withLock { state in
      guard state.trouble != trouble else { return }
      state.trouble = trouble
      for reader in state.readers.values { reader.put(.trouble(trouble)) }
    }
  }

  /// Values from now on, the newest first. `isOnly` is the one reader's: with it the hub closes.
  func feed(isOnly: Bool = false) -> Feed<Value> {
    let mailbox = Mailbox<Value>()
    let number = state.withLock { state in
      mailbox.put(state.value.map { .value($0) } ?? .connecting)
      if let trouble = state.trouble { mailbox.put(.trouble(trouble)) }
      state.nextReader += 1
      state.readers[state.nextReader] = mailbox
      return state.nextReader
    }
    start()
    let leave = Leaving { [weak self] in
      self?.state.withLock { _ = $0.readers.removeValue(forKey: number) }
      if isOnly { self?.close() }
    }
    return AsyncStream(
      unfolding: {
        let event = await mailbox.take()
        if event == nil { leave.now() }
        return event
      },
      onCancel: {
        mailbox.close()
        leave.now()
      })
  }

  /// Starts producing without reading.
  func start() {
    state.withLock { state in
      guard state.producer == nil, !state.isClosed else { return }
      // Held from the first: the hub of one reader may have no other owner by the time that the task begins.
      state.producer = Task { await produce(self) }
    }
  }

  /// Ends the producer and all feeds.
  func close() {
    let (producer, readers) = state.withLock { state in
      state.isClosed = true
      defer { state.readers = [:] }
      return (state.producer, Array(state.readers.values))
    }
    producer?.cancel()
    for reader in readers { reader.close() }
  }
}

/// Runs its closure once: when told, or when nobody holds it any more.
final class Leaving: Sendable {
  private let action: Mutex<(@Sendable () -> Void)?>

  init(_ action: @escaping @Sendable () -> Void) { self.action = Mutex(action) }

  func now() {
    let action = action.withLock { stored in
      defer { stored = nil }
      return stored
    }
    action?()
  }

  deinit { now() }
}
