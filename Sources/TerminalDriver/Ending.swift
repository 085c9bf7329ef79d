internal import Glibc

/// Why the program is told to end.
public enum Ending: Hashable, Sendable {
  /// SIGTERM.
  case terminate
  /// SIGHUP, or the terminal is gone.
  case hangUp
  /// SIGINT, sent by another program: `C-c` is a key.
  case interrupt

  init?(signal: Int32) {
    switch signal {
    case SIGTERM: self = .terminate
    case SIGHUP: self = .hangUp
    case SIGINT: self = .interrupt
    default: return nil
    }
  }

  var signal: Int32 {
    switch self {
    case .terminate: SIGTERM
    case .hangUp: SIGHUP
    case .interrupt: SIGINT
    }
  }

  /// Ends the process as the signal does by itself, so that whoever waits for it sees the cause.
  public func endProcess() -> Never {
    var standard = sigaction()
    standard.__sigaction_handler.sa_handler = SIG_DFL
    sigaction(signal, &standard, nil)
    raise(signal)
    exit(128 + signal)
  }
}
