import Transport

/// The time limits of one transfer.
struct Deadlines {
  typealias Instant = ContinuousClock.Instant

  private enum Phase {
    case awaitingHead
    case receiving(lastByte: Instant)
    /// The reader holds the sender back: its silence is in order.
    case held
  }

  private let request: HTTPRequest
  private let started: Instant
  private var phase = Phase.awaitingHead

  init(_ request: HTTPRequest, started: Instant) {
    self.request = request
    self.started = started
  }

  mutating func received(at now: Instant) { phase = .receiving(lastByte: now) }
  mutating func hold() { phase = .held }

  /// The limit that has been overstepped.
  func overstepped(at now: Instant) -> TransportError? {
    if let limit = request.deadline, now >= started + limit { return .deadlineExceeded(after: limit) }
    switch phase {
    case .awaitingHead:
      return now >= started + request.headDeadline ? .deadlineExceeded(after: request.headDeadline) : nil
    case .receiving(let lastByte):
      guard let limit = request.idleLimit, now >= lastByte + limit else { return nil }
      return .brokenOff(reason: "nothing came for \(limit.inSeconds)")
    case .held: return nil
    }
  }

  /// No limit is overstepped before this moment, whatever arrives; `nil` when none ever is until the next `received`.
  func nextCheck(after now: Instant) -> Instant? {
    let whole = request.deadline.map { started + $0 }
    let other: Instant? =
      switch phase {
      case .awaitingHead: min(started + request.headDeadline, request.idleLimit.map { now + $0 } ?? .distantFuture)
      case .receiving(let lastByte): request.idleLimit.map { lastByte + $0 }
      case .held: nil
      }
    return [whole, other].compactMap(\.self).min()
  }
}

extension ContinuousClock.Instant {
  fileprivate static var distantFuture: Self { .now + .seconds(1 << 40) }
}
