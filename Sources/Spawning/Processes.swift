internal import Glibc

/// A pipe that no program inherits unless it is named.
public struct Pipe: Sendable {
  public let reading: CInt
  public let writing: CInt

  /// - Throws: the system's refusal, as when too many files are open.
  public init() throws(SpawnFailure) {
    var ends: [CInt] = [-1, -1]
    guard pipe(&ends) == 0 else { throw SpawnFailure(path: "a pipe", code: errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (reading, writing) = (ends[0], ends[1])
  }

  public func close() {
    _ = Glibc.close(reading)
    _ = Glibc.close(writing)
  }
}

/// How a process ended: its exit code, or 128 and the number of the signal that ended it, as a shell has it.
public func exitCode(ofWaitStatus status: CInt) -> CInt {
  let signal = status & 0x7F
  return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
}

/// Waits for the end of a process that this one started.
@discardableResult
public func waitForExit(of process: CInt) -> CInt {
  var status: CInt = 0
  while waitpid(process, &status, 0) < 0, errno == EINTR {}
  return exitCode(ofWaitStatus: status)
}
