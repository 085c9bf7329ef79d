internal import CLibcurl
import Transport

/// What the engine's thread does.
struct EngineLoop: Sendable {
  let engine: Engine
  let userAgent: String
  let limits: CurlClient.Limits

  func run() {
    var transfers = Transfers(multi: engine.multi, userAgent: userAgent, limits: limits)
    while true {
      switch engine.takeOrders() {
      case .stop(let dropped):
        transfers.endAll(dropping: dropped)
        transfers.wakeReaders()
        curl_multi_cleanup(engine.multi.pointer)
        return
      case .carryOn(let commands):
        for command in commands { transfers.carryOut(command) }
      }
      transfers.perform()
      transfers.enforceDeadlines(at: .now)
      transfers.wakeReaders()
      curl_multi_poll(engine.multi.pointer, nil, 0, transfers.milliseconds(from: .now), nil)
    }
  }
}
