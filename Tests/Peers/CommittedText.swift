import Glibc

/// The text of a file beside a test. `RECORD=1 swift test` writes what the test found instead, and gives that.
public func committedText(_ path: String, beside source: String, recording found: String) throws -> String {
  let folder = source.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
  let file = path.hasPrefix("/") ? path : folder + "/" + path
  if getenv("RECORD") != nil {
    mkdir(String(file[..<(file.lastIndex(of: "/") ?? file.endIndex)]), 0o755)
    guard let stream = fopen(file, "w") else { throw PeerFailure.system("writing \(path)") }
    defer { fclose(stream) }
    fputs(found, stream)
    return found
  }
  guard let stream = fopen(file, "r") else { throw PeerFailure("\(path) is missing: RECORD=1 writes it") }
  defer { fclose(stream) }
  var bytes = [UInt8](repeating: 0, count: 1 << 20)
  let count = fread(&bytes, 1, bytes.count, stream)
  return String(decoding: bytes[..<count], as: UTF8.self)
}
