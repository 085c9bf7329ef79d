internal import Dispatch
internal import Glibc

@testable import Sandbox

/// A client that sends and receives exact bytes, for what no well-behaved client would do. Blocking calls are made on
/// a thread of their own; none waits longer than ten seconds.
final class RawClient: Sendable {
  private let socket: Int32

  init(_ address: HTTPServer.Address) throws {
    switch address {
    case .tcp(_, let port):
      socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = in_port_t(port).bigEndian
      address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
      try connect(&address)
    case .unix(let path):
      socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
      try connect(&address)
    }
    var limit = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(socket) }

  private func connect<Address>(_ address: inout Address) throws {
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(socket, $0, socklen_t(MemoryLayout<Address>.size))
      }
    }
    guard result == 0 else { throw RawClientError(call: "connect", number: errno) }
  }

  func send(_ text: String) async throws {
    try await apart { [self] in
      let bytes = Array(text.utf8)
      var sent = 0
      while sent < bytes.count {
        let count = bytes[sent...].withUnsafeBytes {
          Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { throw RawClientError(call: "send", number: errno) }
        sent += count
      }
    }
  }

  /// Reads until what was read satisfies a condition, or to the end.
  func receive(until isEnough: (@Sendable (String) -> Bool)? = nil) async throws -> String {
    try await apart { [self] in
      var all: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 65536)
      while isEnough?(String(decoding: all, as: UTF8.self)) != true {
        let count = recv(socket, &buffer, buffer.count, 0)
        if count == 0 || count < 0 && errno == ECONNRESET { break }
        guard count > 0 else {
          throw RawClientError(call: "recv after \(String(decoding: all, as: UTF8.self))", number: errno)
        }
        all += buffer[..<count]
      }
      return String(decoding: all, as: UTF8.self)
    }
  }

  func leave() { shutdown(socket, Int32(SHUT_RDWR)) }
}

struct RawClientError: Error {
  let call: String
  let number: Int32
}

private func apart<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    DispatchQueue(label: "blocking").async { continuation.resume(with: Result { try work() }) }
  }
}
