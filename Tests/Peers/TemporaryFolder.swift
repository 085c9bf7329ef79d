import Glibc

/// A private folder that is deleted, with all that is in it, when let go.
public final class TemporaryFolder: Sendable {
  public let path: String

  public init() throws {
    var template = Array("/tmp/meshdeck-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw PeerFailure.system("no temporary folder") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { Self.remove(path) }

  /// Goes into no link.
  private static func remove(_ path: String) {
    // Nothing but a folder is opened, and a folder is not unlinked.
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0, let folder = fdopendir(descriptor) else {
      unlink(path)
      return
    }
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != ".", name != ".." { remove("\(path)/\(name)") }
    }
    closedir(folder)
    rmdir(path)
  }

  /// Writes a file and gives its path.
  @discardableResult public func write(_ name: String, _ bytes: some Collection<UInt8>) throws -> String {
    let place = "\(path)/\(name)"
    let file = open(place, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw PeerFailure.system("cannot write \(name)") }
    defer { close(file) }
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      guard count > 0 else { throw PeerFailure.system("cannot write \(name)") }
      rest = rest.dropFirst(count)
    }
    return place
  }

  public func read(_ name: String) throws -> [UInt8] {
    let file = open("\(path)/\(name)", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw PeerFailure.system("cannot read \(name)") }
    defer { close(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(file, &chunk, chunk.count)
      guard count >= 0 else { throw PeerFailure.system("cannot read \(name)") }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
  }
}
