import Glibc
import JSON
import KubernetesAPI
import Testing

/// Answers of real servers.
enum Recordings {
  static let folder = getenv("MESHDECK_RECORDINGS").map { String(cString: $0) }

  static func text(_ path: String) throws -> String {
    let file = try #require(fopen((folder ?? "") + "/" + path, "r"), "\(path) is not there")
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      if count == 0 { break }
      bytes += chunk[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func list(_ path: String) throws -> [KubernetesObject] {
    try JSON(parsing: try text(path))["items"]?.elements.compactMap { KubernetesObject($0) } ?? []
  }
}
