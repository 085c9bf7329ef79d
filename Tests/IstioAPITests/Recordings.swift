import Glibc
import JSON

/// A recorded answer of a real server; `nil` where they are not at hand.
func recording(_ name: String) throws -> JSON? { try recordedBytes(name).map { try JSON(parsing: $0) } }

func recordedBytes(_ name: String) throws -> [UInt8]? {
  guard let folder = getenv("MESHDECK_RECORDINGS") else {
    print("not run: the case over \(name), since MESHDECK_RECORDINGS is not set")
    return nil
  }
  struct Unreadable: Error { let path: String }
  let path = "\(String(cString: folder))/\(name)"
  guard let file = fopen(path, "r") else { throw Unreadable(path: path) }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = fread(&chunk, 1, chunk.count, file)
    guard count > 0 else { return bytes }
    bytes += chunk[..<count]
  }
}
