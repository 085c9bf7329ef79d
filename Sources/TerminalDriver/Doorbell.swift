internal import Glibc

/// Wakes the thread that waits at the terminal, from any other. Rings in one go are heard once.
public final class Doorbell: Sendable {
  let hearing: Int32
  private let ringing: Int32

  init() throws(TerminalProblem) { (hearing, ringing) = try pipe() }

  deinit {
    close(hearing)
    close(ringing)
  }

  public func ring() {
    var byte: UInt8 = 0
    // A full pipe is a bell that rings already.
    _ = write(ringing, &byte, 1)
  }

  /// Whether it was rung since this was last asked.
  func wasRung() -> Bool { !drain(hearing).isEmpty }
}

/// A pipe neither end of which blocks or is passed on to children.
func pipe() throws(TerminalProblem) -> (reading: Int32, writing: Int32) {
  var ends: [Int32] = [-1, -1]
  guard Glibc.pipe(&ends) == 0 else { throw TerminalProblem(.system("pipe", errno)) }
  for end in ends {
    _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    _ = fcntl(end, F_SETFL, O_NONBLOCK)
  }
  return (ends[0], ends[1])
}

/// What can be read without waiting, in one go of at most 4 KiB.
func drain(_ descriptor: Int32) -> [UInt8] {
  [UInt8](unsafeUninitializedCapacity: 4_096) { buffer, count in
    count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
  }
}
