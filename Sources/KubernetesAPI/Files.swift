import Glibc

/// Why a file cannot be read, as in `No such file or directory`.
struct FileError: Error, Equatable {
  let isMissing: Bool
  let reason: String
}

/// The bytes of a file of at most `limit` bytes.
func readFile(_ path: String, upTo limit: Int) throws(FileError) -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard descriptor >= 0 else { throw FileError(isMissing: errno == ENOENT, reason: errorText(errno)) }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = read(descriptor, &chunk, chunk.count)
    if count < 0, errno == EINTR { continue }
    guard count >= 0 else { throw FileError(isMissing: false, reason: errorText(errno)) }
    guard count > 0 else { return bytes }
    bytes += chunk[..<count]
    guard bytes.count <= limit else { throw FileError(isMissing: false, reason: "it is larger than \(limit >> 10) KB") }
  }
}

/// What the C library says of an error number.
func errorText(_ number: CInt) -> String {
  var buffer = [CChar](repeating: 0, count: 256)
  guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
  let text = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
  return text.isEmpty ? "error \(number)" : String(decoding: text, as: UTF8.self)
}

func environmentVariable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

/// The path as seen from a folder, where it is not absolute.
func resolve(_ path: String, against folder: String) -> String {
  path.hasPrefix("/") ? path : (folder.hasSuffix("/") ? folder + path : "\(folder)/\(path)")
}

/// The folder that a file is in.
func folder(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// Seconds since 1970.
func wallClock() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
