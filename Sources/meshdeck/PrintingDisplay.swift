internal import ConsoleRuntime
internal import Dispatch
internal import TerminalUI

/// A display that nobody looks at: it keeps the newest frame until the time is over.
final class PrintingDisplay: Display {
  let size: Size
  private(set) var frame: Frame?
  private let end: ContinuousClock.Instant
  private let bell = DispatchSemaphore(value: 0)

  init(size: Size, after span: Duration) {
    self.size = size
    end = .now + span
  }

  /// Ends a `wait`; from any thread.
  var wake: @Sendable () -> Void {
    { [bell] in _ = bell.signal() }
  }

  func draw(_ frame: Frame) { self.frame = frame }

  func wait(_ time: Duration?) -> [TerminalEvent]? {
    let left = end - .now
    guard left > .zero else { return nil }
    let span = min(time ?? left, left)
    _ = bell.wait(
      timeout: .now()
        + .nanoseconds(Int(span.components.attoseconds / 1_000_000_000) + Int(span.components.seconds) * 1_000_000_000))
    return []
  }

  func copy(_ text: String) -> Bool { false }
  func suspend() {}
  func repaint() {}
}
