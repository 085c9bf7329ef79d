internal import Glibc

/// Answers of real proxies, in the folder that MESHDECK_RECORDINGS names. Tests over them run only where it is set.
public enum Recordings {
  public static let root: String? = getenv("MESHDECK_RECORDINGS").map { String(cString: $0) }
  public static var isThere: Bool { root != nil }

  public static let underIstiod = ["envoy/ingress", "envoy/productpage"]
  public static let underFiles = [
    "gateway", "productpage-v1", "details-v1", "reviews-v1", "reviews-v2", "reviews-v3", "ratings-v1",
  ]
  .map { "envoy-file-xds/" + $0 }

  public static func bytes(_ path: String) throws -> [UInt8] { try contents(of: (root ?? "") + "/" + path) }

  public static func lines(_ path: String) throws -> [[UInt8]] {
    try bytes(path).split(separator: 0x0A).map(Array.init)
  }

  public static func contents(of path: String) throws -> [UInt8] {
    guard let file = fopen(path, "rb") else { throw FileError(path: path, code: errno) }
    defer { fclose(file) }
    var all: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&piece, 1, piece.count, file)
      guard count > 0 else { return all }
      all += piece[..<count]
    }
  }
}

public struct FileError: Error, CustomStringConvertible {
  public let path: String
  public let code: Int32

  public init(path: String, code: Int32) {
    self.path = path
    self.code = code
  }

  public var description: String { "\(path): \(String(cString: strerror(code)))" }
}
