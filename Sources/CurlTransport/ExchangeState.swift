import Transport

/// What has come of an answer and who waits for it. A value without effects: whom to wake is returned, to be called
/// once no lock is held.
struct ExchangeState {
  typealias HeadWaiter = @Sendable (Result<Head, TransportError>) -> Void
  typealias ChunkWaiter = @Sendable (Result<[UInt8]?, TransportError>) -> Void
  typealias Wake = @Sendable () -> Void

  enum Receipt: Equatable {
    case taken
    /// Nothing was taken: offer the same bytes again when the reader has made room.
    case held
    /// Nobody wants them any more.
    case refused
  }

  /// The engine is held back while this much waits to be read.
  static let highWater = 256 << 10

  /// The most that libcurl hands over in one piece (`CURL_MAX_WRITE_SIZE`).
  private static let wholePiece = 16 << 10

  private enum Stage {
    /// Leaves with the head, or by ending.
    case awaitingHead
    /// Leaves by ending.
    case receiving
    /// What is buffered is still given, then the failure or the end.
    case ended(TransportError?)
  }

  private var stage = Stage.awaitingHead
  private var buffer: [UInt8] = []
  /// How much the reader was given last.
  private var usual = 0
  private var isHeld = false
  private var headWaiter: HeadWaiter?
  private var chunkWaiter: ChunkWaiter?

  var isOver: Bool { if case .ended = stage { true } else { false } }

  // MARK: The caller's side

  mutating func awaitHead(_ waiter: @escaping HeadWaiter) -> Wake? {
    guard case .ended(let failure) = stage else {
      headWaiter = waiter
      return nil
    }
    return { waiter(.failure(failure ?? .cancelled)) }
  }

  mutating func awaitChunk(_ waiter: @escaping ChunkWaiter) -> Wake? {
    guard chunkWaiter == nil else {
      return { waiter(.failure(.brokenOff(reason: "two readers read one body at once"))) }
    }
    guard buffer.isEmpty, case .ended(let failure) = stage else {
      chunkWaiter = waiter
      // All of it at once: the reader gets few large chunks and the storage goes with it.
      return deliver()
    }
    return { waiter(failure.map { .failure($0) } ?? .success(nil)) }
  }

  /// True, once, when the sender was held back and there is room again.
  mutating func release() -> Bool {
    guard isHeld, !isOver, buffer.count <= Self.highWater / 2 else { return false }
    isHeld = false
    return true
  }

  /// Drops what nobody will read. `wasUnderWay` when the engine still has the transfer and is to be told.
  mutating func cancel() -> (wake: Wake?, wasUnderWay: Bool) {
    let wasUnderWay = !isOver
    let losesSome = !buffer.isEmpty
    buffer = []
    let wake = end(.cancelled)
    // An answer that lost its rest must not look whole.
    if losesSome { stage = .ended(.cancelled) }
    return (wake, wasUnderWay)
  }

  // MARK: The engine's side

  mutating func receive(_ head: Head) -> Wake? {
    guard case .awaitingHead = stage else { return nil }
    stage = .receiving
    guard let waiter = headWaiter else { return nil }
    headWaiter = nil
    return { waiter(.success(head)) }
  }

  /// `isAwaited` when these are the first bytes that somebody waits for: call `deliver` once no more come at once.
  mutating func receive(_ bytes: UnsafeRawBufferPointer) -> (receipt: Receipt, isAwaited: Bool) {
    guard case .receiving = stage else { return (.refused, false) }
    guard buffer.isEmpty || buffer.count + bytes.count <= Self.highWater else {
      isHeld = true
      return (.held, false)
    }
    let isAwaited = chunkWaiter != nil && buffer.isEmpty
    // After a whole piece more comes at once, as it did before: room for all of it. Room that stays empty would be held
    // for as long as the reader keeps the chunk.
    if buffer.isEmpty, bytes.count == Self.wholePiece { buffer.reserveCapacity(max(bytes.count, usual)) }
    buffer.append(contentsOf: bytes)
    return (.taken, isAwaited)
  }

  /// Gives the reader all that has come.
  mutating func deliver() -> Wake? {
    guard let waiter = chunkWaiter, !buffer.isEmpty else { return nil }
    let chunk = buffer
    usual = chunk.count
    (chunkWaiter, buffer) = (nil, [])
    return { waiter(.success(chunk)) }
  }

  mutating func end(_ failure: TransportError?) -> Wake? {
    guard !isOver else { return nil }
    stage = .ended(failure)
    if let delivery = deliver() { return delivery }
    let (head, chunk) = (headWaiter, chunkWaiter)
    (headWaiter, chunkWaiter) = (nil, nil)
    return {
      head?(.failure(failure ?? .brokenOff(reason: "the answer has no head")))
      chunk?(failure.map { .failure($0) } ?? .success(nil))
    }
  }
}
