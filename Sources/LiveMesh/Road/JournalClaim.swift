import Glibc
import MeshModel

/// Says of one change of the journal that its writer is alive: a lock on a byte of a file beside the journal, which goes
/// with its owner, also when the program is killed. Nobody else has to trust a process number for that.
final class JournalClaim: Sendable {
  private let file: CInt

  /// Locks of open file descriptions (fcntl(2)): those of POSIX would go with any other descriptor of the same file.
  private static let setLock: CInt = 37
  private static let getLock: CInt = 36

  /// - Parameter path: the journal's.
  init(_ change: Change.ID, journal path: String) throws(ChangeFailure) {
    file = open(Self.path(of: path), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw Self.failure(path) }
    var lock = Self.lock(change)
    guard fcntl(file, Self.setLock, &lock) == 0 else {
      let failure = Self.failure(path)
      close(file)
      throw failure
    }
  }

  deinit { close(file) }

  /// Whether somebody is writing the change at this moment.
  static func isHeld(_ change: Change.ID, journal path: String) -> Bool {
    let file = open(Self.path(of: path), O_RDWR | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    var lock = Self.lock(change)
    return fcntl(file, getLock, &lock) == 0 && lock.l_type != Int16(F_UNLCK)
  }

  private static func path(of journal: String) -> String { journal + ".lock" }

  private static func lock(_ change: Change.ID) -> flock {
    var lock = flock()
    lock.l_type = Int16(F_WRLCK)
    lock.l_whence = Int16(SEEK_SET)
    lock.l_start = off_t(max(0, change))
    lock.l_len = 1
    return lock
  }

  private static func failure(_ path: String) -> ChangeFailure {
    .journal("cannot lock \(Self.path(of: path)): \(String(cString: strerror(errno)))")
  }
}
