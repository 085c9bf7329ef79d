internal import ConsoleRuntime
internal import TerminalDriver
internal import TerminalUI

/// The real terminal as the console's display.
final class TerminalDisplay: Display {
  private let terminal: Terminal
  /// What ended the program from outside, if anything did.
  private(set) var ending: Ending?

  init(_ terminal: Terminal) { self.terminal = terminal }

  var size: Size { terminal.size }

  func draw(_ frame: Frame) { terminal.draw(frame) }

  func wait(_ time: Duration?) -> [TerminalEvent]? {
    let news = terminal.wait(time)
    ending = news.ending
    return ending == nil ? news.events : nil
  }

  func copy(_ text: String) -> Bool { terminal.copy(text) }

  func suspend() { terminal.suspend() }

  func repaint() { terminal.repaint() }
}
