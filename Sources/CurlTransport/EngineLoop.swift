internal import CLibcurl
import Transport

/// What the engine's thread does.
struct EngineLoop: Sendable {
  let engine: Engine
  let userAgent: String

  func run() {
    var transfers = Transfers(multi: engine.multi, userAgent: userAgent)
    while true {
      switch engine.takeOrders() {
      case .stop(let dropped):
        transfers.endAll(dropping: dropped)
        curl_multi_cleanup(engine.multi.pointer)
        return
      case .carryOn(let commands):
        for command in commands { transfers.carryOut(command) }
      }
      transfers.perform()
      transfers.enforceDeadlines(at: .now)
      curl_multi_poll(engine.multi.pointer, nil, 0, transfers.milliseconds(from: .now), nil)
    }
  }
}

/// The transfers that libcurl has. Lives on the engine's thread alone.
private struct Transfers {
  let multi: MultiHandle
  let userAgent: String
  private var running: [ObjectIdentifier: Transfer] = [:]
  /// No deadline is overstepped before.
  private var nextCheck: ContinuousClock.Instant?

  init(multi: MultiHandle, userAgent: String) {
    self.multi = multi
    self.userAgent = userAgent
  }

  mutating func carryOut(_ command: Engine.Command) {
    switch command {
    case .start(let exchange): start(exchange)
    case .resume(let exchange):
      guard let transfer = running[ObjectIdentifier(exchange)] else { return }
      if let failure = transfer.resume() { return end(transfer, failure) }
      check(transfer, after: .now)
    case .remove(let exchange):
      if let transfer = running[ObjectIdentifier(exchange)] { remove(transfer) }
    }
  }

  private mutating func start(_ exchange: Exchange) {
    guard !exchange.isOver else { return }
    do throws(TransportError) {
      let transfer = try Transfer(exchange, userAgent: userAgent)
      let code = curl_multi_add_handle(multi.pointer, transfer.easy)
      guard code == CURLM_OK else {
        throw .unsendable(reason: String(cString: curl_multi_strerror(code)))
      }
      running[ObjectIdentifier(exchange)] = transfer
      check(transfer, after: .now)
    } catch {
      exchange.end(error)
    }
  }

  mutating func perform() {
    var count: Int32 = 0
    curl_multi_perform(multi.pointer, &count)
    while let message = curl_multi_info_read(multi.pointer, &count)?.pointee {
      guard message.msg == CURLMSG_DONE, let transfer = Transfer.of(message.easy_handle) else { continue }
      end(transfer, transfer.failure(message.data.result))
    }
  }

  mutating func enforceDeadlines(at now: ContinuousClock.Instant) {
    guard let due = nextCheck, due <= now else { return }
    nextCheck = nil
    for transfer in running.values {
      if let failure = transfer.deadlines.overstepped(at: now) {
        end(transfer, failure)
      } else {
        check(transfer, after: now)
      }
    }
  }

  /// How long the thread may sleep; libcurl wakes earlier for its own timers. With nothing under way: for weeks.
  func milliseconds(from now: ContinuousClock.Instant) -> Int32 {
    guard let nextCheck else { return .max }
    let (seconds, attoseconds) = (nextCheck - now).components
    let milliseconds = min(max(seconds, 0), 1 << 20) * 1000 + attoseconds / 1_000_000_000_000_000 + 1
    return Int32(clamping: max(milliseconds, 0))
  }

  mutating func endAll(dropping commands: [Engine.Command]) {
    for transfer in running.values { end(transfer, .cancelled) }
    for case .start(let exchange) in commands { exchange.end(.cancelled) }
  }

  private mutating func check(_ transfer: Transfer, after now: ContinuousClock.Instant) {
    guard let next = transfer.deadlines.nextCheck(after: now) else { return }
    nextCheck = nextCheck.map { min($0, next) } ?? next
  }

  private mutating func end(_ transfer: Transfer, _ failure: TransportError?) {
    remove(transfer)
    transfer.exchange.end(failure)
  }

  private mutating func remove(_ transfer: Transfer) {
    curl_multi_remove_handle(multi.pointer, transfer.easy)
    running[ObjectIdentifier(transfer.exchange)] = nil
    if running.isEmpty { nextCheck = nil }
  }
}
