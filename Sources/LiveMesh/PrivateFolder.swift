import Glibc
import MeshModel

/// A folder that only its owner can read, for what must outlive the program.
struct PrivateFolder {
  /// Full.
  let path: String

  /// Makes it, and those above it, where they are not there.
  func make() throws(ChangeFailure) {
    guard path.hasPrefix("/") else { throw .journal("\(path) is not a full path") }
    var place = path.startIndex
    while place < path.endIndex {
      place = path[path.index(after: place)...].firstIndex(of: "/") ?? path.endIndex
      guard mkdir(String(path[..<place]), 0o700) == 0 || errno == EEXIST || errno == EISDIR else {
        throw failure("make")
      }
    }
  }

  /// What was put into it is on disk only once this has returned.
  func flush() throws(ChangeFailure) {
    let folder = open(path, O_RDONLY | O_CLOEXEC)
    guard folder >= 0 else { throw failure("open") }
    defer { close(folder) }
    // Some file systems cannot flush a folder, and need not.
    guard fsync(folder) == 0 || errno == EINVAL else { throw failure("flush") }
  }

  private func failure(_ what: String) -> ChangeFailure {
    .journal("cannot \(what) the folder \(path): \(String(cString: strerror(errno)))")
  }
}
