import Glibc

/// What a peer could not do, in words.
public struct PeerFailure: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }

  /// With the words of the system's last error.
  static func system(_ what: String) -> PeerFailure { PeerFailure("\(what): \(String(cString: strerror(errno)))") }
}

/// A socket that listens on a free port of loopback. Connections may be made from now on.
func listenOnLoopback() throws -> (file: Int32, port: Int) {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = inet_addr("127.0.0.1")
  let file = try listen(AF_INET, &address)
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  let isNamed = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(file, $0, &size) == 0 }
  }
  guard isNamed else { throw PeerFailure.system("no name of a listener") }
  return (file, Int(UInt16(bigEndian: address.sin_port)))
}

/// A Unix socket at `path` that listens.
func listenOnSocket(_ path: String) throws -> Int32 {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  let room = MemoryLayout.size(ofValue: address.sun_path)
  guard path.utf8.count < room else { throw PeerFailure("the path of a socket is too long: \(path)") }
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
  return try listen(AF_UNIX, &address)
}

private func listen<Address>(_ family: Int32, _ address: inout Address) throws -> Int32 {
  let file = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
  let listens = withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(file, $0, socklen_t(MemoryLayout<Address>.size)) == 0 && Glibc.listen(file, 511) == 0
    }
  }
  guard file >= 0, listens else { throw PeerFailure.system("no listener") }
  return file
}
