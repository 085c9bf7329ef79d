internal import Glibc

/// Why there is no terminal to draw on, as a sentence for the person who started the program. A matter of usage: the
/// program ends with exit code 2.
public struct TerminalProblem: Error, Hashable, CustomStringConvertible {
  public enum Reason: Hashable, Sendable {
    /// Standard input or output is a file or a pipe.
    case notATerminal
    /// `TERM` names nothing that terminfo knows, or a terminal that cannot place its cursor.
    case unknownTerminal(String)
    /// The system refused; with its error number.
    case system(String, Int32)
  }

  public let reason: Reason

  init(_ reason: Reason) { self.reason = reason }

  public var description: String {
    switch reason {
    case .notATerminal:
      "The console needs a terminal: standard input and output must not be redirected. "
        + "`meshdeck routes` and `meshdeck proxies` print to files and pipes."
    case .unknownTerminal(""):
      "The console needs a terminal, but TERM is not set. Set it to what yours is, for example xterm-256color."
    case .unknownTerminal(let name):
      "The console cannot draw on a terminal of type “\(printable(name))” (TERM). "
        + "Set TERM to what yours is, for example xterm-256color."
    case .system(let what, let number):
      "The terminal cannot be used: \(what): \(String(cString: strerror(number)))."
    }
  }

  private func printable(_ name: String) -> String {
    String(String.UnicodeScalarView(name.unicodeScalars.prefix(64).filter { $0.value >= 0x20 && $0.value < 0x7f }))
  }
}
