import Glibc

/// A file that was not there before: nothing is ever written over.
enum NewFile {
  /// What is wrong, as a sentence; `nil` when the text is on disk. A file that could not be written to its end is taken
  /// away again.
  static func write(_ bytes: [UInt8], to path: String) -> String? {
    var path = path
    if path.hasPrefix("~/"), let home = getenv("HOME") { path = String(cString: home) + path.dropFirst() }
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { return errno == EEXIST ? "it is there already" : reason }
    defer { close(file) }
    let problem = bytes.withUnsafeBufferPointer { bytes -> String? in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Glibc.write(file, UnsafeBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0 {
          if errno == EINTR { continue }
          return reason
        }
        rest = rest.dropFirst(count)
      }
      return fsync(file) == 0 || errno == EINVAL ? nil : reason
    }
    if problem != nil { unlink(path) }
    return problem
  }

  private static var reason: String { String(cString: strerror(errno)) }
}
