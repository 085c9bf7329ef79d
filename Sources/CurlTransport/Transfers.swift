internal import CLibcurl
import Transport

/// The transfers that libcurl has, and those that wait for a connection. Lives on the engine's thread alone.
struct Transfers {
  let multi: MultiHandle
  let userAgent: String
  private let outbox = Outbox()
  private var admission: Admission<Transfer>
  private var running: [ObjectIdentifier: Transfer] = [:]
  /// No deadline is overstepped before.
  private(set) var nextCheck: ContinuousClock.Instant?

  init(multi: MultiHandle, userAgent: String, limits: CurlClient.Limits) {
    admission = Admission(limits)
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
      let transfer = try Transfer(exchange, userAgent: userAgent, outbox: outbox)
      running[ObjectIdentifier(exchange)] = transfer
      check(transfer, after: .now)
      if admission.enter(transfer, transfer.place) { begin(transfer) }
    } catch {
      exchange.end(error)
    }
  }

  /// Hands a transfer that has been let in to libcurl, or in its stead the next in line.
  private mutating func begin(_ first: Transfer) {
    var next: Transfer? = first
    while let transfer = next, let failure = transfer.begin(in: multi) {
      running[ObjectIdentifier(transfer.exchange)] = nil
      transfer.exchange.end(failure)
      next = admission.leave(transfer.place)
    }
  }

  /// Takes what libcurl has done.
  mutating func collect() {
    var count: Int32 = 0
    for transfer in outbox.takeAnswered() where transfer.isOnSharedConnection {
      admission.share(transfer.place).forEach { begin($0) }
    }
    while let message = curl_multi_info_read(multi.pointer, &count)?.pointee {
      guard message.msg == CURLMSG_DONE, let transfer = Transfer.of(message.easy_handle) else { continue }
      end(transfer, transfer.failure(message.data.result))
    }
  }

  func wakeReaders() { outbox.wakeAll() }

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
    running[ObjectIdentifier(transfer.exchange)] = nil
    if running.isEmpty { nextCheck = nil }
    guard transfer.end(in: multi) else { return admission.giveUp(transfer.place) { $0 === transfer } }
    if let next = admission.leave(transfer.place) { begin(next) }
  }
}

/// What libcurl's callbacks leave to be done when it has returned. Lives on the engine's thread alone.
final class Outbox {
  /// Transfers whose head has come and may tell that their connection is shared.
  var answered: [Transfer] = []
  private var wakes: [ExchangeState.Wake] = []

  func takeAnswered() -> [Transfer] {
    defer { answered = [] }
    return answered
  }

  func add(_ wake: ExchangeState.Wake?) {
    if let wake { wakes.append(wake) }
  }

  /// Tells the readers, all at once: each then finds all that came for it, and few threads need to be woken.
  func wakeAll() {
    for wake in wakes { wake() }
    wakes.removeAll(keepingCapacity: true)
  }
}
