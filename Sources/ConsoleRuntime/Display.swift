public import TerminalUI

/// The terminal as the runtime needs it. Used from one thread.
public protocol Display: AnyObject {
  var size: Size { get }

  /// Shows a frame; what has not changed since the last one costs nothing.
  func draw(_ frame: Frame)

  /// Waits until something is typed, the inbox has called, or the time is over.
  /// - Parameter time: `nil` waits for as long as it takes.
  /// - Returns: What happened, in order; `nil` when the program is to end.
  func wait(_ time: Duration?) -> [TerminalEvent]?

  /// Puts a text into the clipboard of whoever looks; false for one that is too long.
  func copy(_ text: String) -> Bool

  /// Gives the terminal back to the shell until the program is continued.
  func suspend()

  /// Forgets what stands on the terminal: the next frame is painted whole.
  func repaint()
}
