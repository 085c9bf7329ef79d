internal import Glibc

/// 254 loopback addresses that belong to one sandbox: the third byte's block is locked by a bound port for as long as
/// the value lives, so that sandboxes that run at once never meet. Linux answers on all of 127.0.0.0/8 as it is.
final class LoopbackBlock: Sendable {
  /// `127.77.3.`
  let prefix: String

  private let lock: Int32
  private static let lockPort: UInt16 = 15999

  /// Takes the first block that is free.
  init() throws(SandboxError) {
    for third in UInt8(1)...254 {
      let prefix = "127.77.\(third)."
      guard let lock = Self.bind(prefix + "1", Self.lockPort) else { continue }
      (self.prefix, self.lock) = (prefix, lock)
      return
    }
    throw SandboxError("no loopback addresses are free: 254 sandboxes run already, or 127.77.0.0/16 cannot be used")
  }

  deinit { close(lock) }

  func address(_ host: UInt8) -> String { prefix + String(host) }

  /// The descriptor of a listening socket, or `nil` where the address is taken.
  private static func bind(_ address: String, _ port: UInt16) -> Int32? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    var target = sockaddr_in()
    target.sin_family = sa_family_t(AF_INET)
    target.sin_port = port.bigEndian
    guard inet_pton(AF_INET, address, &target.sin_addr) == 1 else {
      close(descriptor)
      return nil
    }
    let isBound = withUnsafePointer(to: &target) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isBound, listen(descriptor, 1) == 0 else {
      close(descriptor)
      return nil
    }
    return descriptor
  }
}
