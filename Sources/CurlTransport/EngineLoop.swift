internal import CLibcurl
import Transport

/// What the engine's thread does.
struct EngineLoop: Sendable {
  let engine: Engine
  let userAgent: String
  let limits: CurlClient.Limits

  func run() {
    let sockets = SocketWatch(engine.multi)
    var transfers = Transfers(multi: engine.multi, userAgent: userAgent, limits: limits)
    while true {
      switch engine.takeOrders() {
      case .stop(let dropped):
        transfers.endAll(dropping: dropped)
        transfers.wakeReaders()
        // libcurl lets go of its sockets by the watch.
        withExtendedLifetime(sockets) { _ = curl_multi_cleanup(engine.multi.pointer) }
        return
      case .carryOn(let commands):
        for command in commands { transfers.carryOut(command) }
      }
      transfers.collect()
      transfers.enforceDeadlines(at: .now)
      transfers.wakeReaders()
      sockets.turn(until: transfers.nextCheck)
    }
  }
}
