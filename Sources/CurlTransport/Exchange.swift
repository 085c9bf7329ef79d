import Synchronization
import Transport

/// One request and its answer as far as it has come, shared by the caller's task and the engine's thread.
final class Exchange: Sendable {
  let request: HTTPRequest
  let started = ContinuousClock.now
  private let state = Mutex(ExchangeState())

  init(_ request: HTTPRequest) { self.request = request }

  // MARK: The caller's side

  func awaitHead(_ waiter: @escaping ExchangeState.HeadWaiter) {
    state.withLock { $0.awaitHead(waiter) }?()
  }

  /// True when the sender was held back and may now go on.
  func awaitChunk(_ waiter: @escaping ExchangeState.ChunkWaiter) -> Bool {
    let (wake, mayGoOn) = state.withLock { ($0.awaitChunk(waiter), $0.release()) }
    wake?()
    return mayGoOn
  }

  /// True when there was something to cancel.
  func cancel() -> Bool {
    let (wake, wasUnderWay) = state.withLock { $0.cancel() }
    wake?()
    return wasUnderWay
  }

  // MARK: The engine's side

  var isOver: Bool { state.withLock { $0.isOver } }

  func receive(_ head: Head) -> ExchangeState.Wake? { state.withLock { $0.receive(head) } }

  func receive(_ bytes: UnsafeRawBufferPointer) -> (ExchangeState.Receipt, ExchangeState.Wake?) {
    let (receipt, isAwaited) = state.withLock { $0.receive(bytes) }
    guard isAwaited else { return (receipt, nil) }
    return (receipt, { [self] in deliver() })
  }

  private func deliver() {
    let wake = state.withLock { $0.deliver() }
    wake?()
  }

  /// The last that the engine has to say. Nothing happens when the exchange is over already.
  func end(_ failure: TransportError?) { state.withLock { $0.end(failure) }?() }
}
