internal import Glibc
internal import Synchronization

/// Gives the terminal back when the program crashes, or is told to (SIGQUIT): writes what leaves the screen, restores
/// the line's settings, tells what was held back of standard error, and then lets the signal do what it would have done.
final class CrashGuard {
  private static let signals = [SIGSEGV, SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGTRAP, SIGQUIT]

  private let record: UnsafeMutablePointer<CrashRecord>

  /// - Parameters:
  ///   - bytes: What to write to make the terminal leave the screen.
  ///   - settings: The line's settings before the program changed them.
  ///   - errors: What was held back; must live longer than this.
  init(terminal: Int32, bytes: [UInt8], settings: termios, errors: ErrorTeller?) {
    let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
    _ = copy.initialize(from: bytes)
    record = .allocate(capacity: 1)
    record.initialize(
      to: CrashRecord(
        terminal: terminal, bytes: copy, settings: settings, errors: errors,
        before: .allocate(capacity: Self.signals.count), signals: .allocate(capacity: Self.signals.count)))
    _ = record.pointee.signals.initialize(from: Self.signals)
    crashRecord.store(UInt(bitPattern: record), ordering: .sequentiallyConsistent)
    for (index, signal) in Self.signals.enumerated() {
      var action = sigaction()
      action.__sigaction_handler.sa_sigaction = restoreTerminal
      // On the alternate stack, where there is one: the fault may be an overflow of the ordinary one.
      action.sa_flags = SA_SIGINFO | SA_ONSTACK
      record.pointee.before.initializeElement(at: index, to: sigaction())
      sigaction(signal, &action, &record.pointee.before[index])
    }
  }

  deinit {
    // Otherwise a crash is on its way: the process ends, and the handler needs the record.
    guard crashRecord.exchange(0, ordering: .sequentiallyConsistent) != 0 else { return }
    giveBack(record)
    record.pointee.bytes.deallocate()
    record.pointee.before.deallocate()
    record.pointee.signals.deallocate()
    record.deinitialize(count: 1)
    record.deallocate()
  }
}

/// Everything that the handler needs, made before: a handler must not allocate.
private struct CrashRecord {
  var terminal: Int32
  var bytes: UnsafeMutableBufferPointer<UInt8>
  var settings: termios
  var errors: ErrorTeller?
  var before: UnsafeMutableBufferPointer<sigaction>
  var signals: UnsafeMutableBufferPointer<Int32>
}

/// The address of the record; 0 is none. Whoever takes it out owns it.
private let crashRecord = Atomic<UInt>(0)

private func giveBack(_ record: UnsafeMutablePointer<CrashRecord>) {
  for index in 0..<record.pointee.signals.count {
    sigaction(record.pointee.signals[index], &record.pointee.before[index], nil)
  }
}

/// Runs in a signal handler, on any thread: nothing here but calls that signal-safety(7) permits.
private func restoreTerminal(
  _ signal: Int32, _ cause: UnsafeMutablePointer<siginfo_t>?, _ context: UnsafeMutableRawPointer?
) {
  let address = crashRecord.exchange(0, ordering: .sequentiallyConsistent)
  guard let record = UnsafeMutablePointer<CrashRecord>(bitPattern: address) else { return }
  _ = write(record.pointee.terminal, record.pointee.bytes.baseAddress, record.pointee.bytes.count)
  tcsetattr(record.pointee.terminal, TCSANOW, &record.pointee.settings)
  record.pointee.errors?.tell()
  giveBack(record)
  // A fault happens again when this returns, under the old action; one that was sent must be sent again.
  if let cause, cause.pointee.si_code <= 0 { raise(signal) }
}
