internal import Glibc

/// Small files, whole.
enum FileText {
  /// Writes beside the file and renames into place: the only change that Envoy's file watches see.
  static func replace(_ path: String, with bytes: [UInt8], mode: mode_t = 0o600) throws(SandboxError) {
    let beside = path + ".new"
    let descriptor = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw SandboxError("cannot write \(path): \(lastReason())") }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        let reason = lastReason()
        close(descriptor)
        throw SandboxError("cannot write \(path): \(reason)")
      }
      rest = rest.dropFirst(count)
    }
    close(descriptor)
    guard rename(beside, path) == 0 else { throw SandboxError("cannot write \(path): \(lastReason())") }
  }

  static func replace(_ path: String, with text: String, mode: mode_t = 0o600) throws(SandboxError) {
    try replace(path, with: Array(text.utf8), mode: mode)
  }

  /// Adds to a file's end; where that fails the bytes are lost, as a log's may be.
  static func append(_ bytes: [UInt8], to path: String) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    _ = write(descriptor, bytes, bytes.count)
    close(descriptor)
  }

  /// Reads from an offset on, at most `limit` bytes; empty where the file is not there. A file that is shorter than the
  /// offset was begun anew, and is read from its beginning.
  static func read(_ path: String, from offset: Int = 0, limit: Int = 4 << 20) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    let offset = offset <= size(of: path) ? offset : 0
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while all.count < limit {
      let count = pread(descriptor, &chunk, min(chunk.count, limit - all.count), off_t(offset + all.count))
      guard count > 0 else { break }
      all += chunk[..<count]
    }
    return all
  }

  /// Gives the space of a file's beginning back; what is behind keeps its place. Not every file system can, and then
  /// the file goes on growing.
  static func free(_ path: String, upTo offset: Int) {
    let whole = offset / Int(getpagesize()) * Int(getpagesize())
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0, whole > 0 else { return }
    defer { close(descriptor) }
    // Punches a hole: fallocate(2), which does that alone, is not among what Swift sees of the C library.
    let pages = mmap(nil, whole, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    guard let pages, pages != MAP_FAILED else { return }
    _ = madvise(pages, whole, MADV_REMOVE)
    munmap(pages, whole)
  }

  /// 0 where the file is not there.
  static func size(of path: String) -> Int {
    var information = stat()
    return stat(path, &information) == 0 ? Int(information.st_size) : 0
  }

  static func makeFolder(_ path: String) throws(SandboxError) {
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw SandboxError("cannot make the folder \(path): \(lastReason())")
    }
  }

  static func lastReason() -> String { String(cString: strerror(errno)) }
}
