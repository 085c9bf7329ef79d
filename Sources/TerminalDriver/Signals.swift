internal import Glibc
internal import Synchronization

/// The signals that concern a terminal, as bytes in a pipe that the main loop reads with everything else: nothing is
/// lost between looking and waiting.
final class Signals {
  static let watched = [SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT]

  let hearing: Int32
  private let ringing: Int32
  private var before: [Int32: sigaction] = [:]

  /// Takes the signals over. They are also unblocked in this thread: a program may be started with them blocked.
  init() throws(TerminalProblem) {
    (hearing, ringing) = try pipe()
    signalPipe.store(ringing, ordering: .sequentiallyConsistent)
    var unblocked = sigset_t()
    sigemptyset(&unblocked)
    for signal in Self.watched {
      before[signal] = watch(signal)
      sigaddset(&unblocked, signal)
    }
    pthread_sigmask(SIG_UNBLOCK, &unblocked, nil)
  }

  /// Gives the signals back to whoever had them.
  func release() {
    for (signal, var action) in before { sigaction(signal, &action, nil) }
    before = [:]
    signalPipe.store(-1, ordering: .sequentiallyConsistent)
  }

  deinit {
    release()
    close(hearing)
    close(ringing)
  }

  /// The signals that came since this was last asked, in their order.
  func arrived() -> [Int32] { drain(hearing).map(Int32.init) }

  /// Stops the process as `C-z` does, and returns when it goes on.
  func stopProcess() {
    var standard = sigaction()
    standard.__sigaction_handler.sa_handler = SIG_DFL
    sigaction(SIGTSTP, &standard, nil)
    raise(SIGTSTP)
    _ = watch(SIGTSTP)
  }

  @discardableResult
  private func watch(_ signal: Int32) -> sigaction {
    var action = sigaction()
    var old = sigaction()
    // Without SA_RESTART: a write to a stopped terminal must give way to SIGTERM.
    action.__sigaction_handler.sa_handler = passOn
    sigaction(signal, &action, &old)
    return old
  }
}

/// Where the handler writes; -1 is nowhere.
private let signalPipe = Atomic<Int32>(-1)

/// Runs in a signal handler: nothing here but calls that signal-safety(7) permits.
private func passOn(_ signal: Int32) {
  let kept = errno
  var byte = UInt8(truncatingIfNeeded: signal)
  let pipe = signalPipe.load(ordering: .relaxed)
  if pipe >= 0 { _ = write(pipe, &byte, 1) }
  errno = kept
}
