import Glibc
import Synchronization

/// A server on loopback that does to each connection whatever the test says, well-mannered or not. Each connection has
/// a thread of its own; all end with the server.
final class RawServer: Sendable {
  let port: Int
  private let listener: Int32
  private let open = Mutex<Set<Int32>>([])

  init(_ serve: @escaping @Sendable (Connection) -> Void) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(listener, address, size) == 0 && listen(listener, 64) == 0 && getsockname(listener, address, &size) == 0
      }
    }
    guard bound else { throw Failure(what: "no listener: \(String(cString: strerror(errno)))") }
    self.listener = listener
    port = Int(UInt16(bigEndian: address.sin_port))
    thread { [weak self] in
      while true {
        let file = accept(listener, nil, nil)
        guard file >= 0 else { return }
        guard let self else { return _ = Glibc.close(file) }
        _ = self.open.withLock { $0.insert(file) }
        thread { [weak self] in
          serve(Connection(file: file))
          _ = self?.open.withLock { $0.remove(file) }
          Glibc.close(file)
        }
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
    open.withLock { $0.forEach { shutdown($0, Int32(SHUT_RDWR)) } }
  }

  struct Connection: Sendable {
    let file: Int32

    /// What the client sent, up to the empty line that ends a head.
    @discardableResult func readHead() -> String {
      var head: [UInt8] = []
      var byte: UInt8 = 0
      while !head.suffix(4).elementsEqual("\r\n\r\n".utf8), recv(file, &byte, 1, 0) == 1 { head.append(byte) }
      return String(decoding: head, as: UTF8.self)
    }

    func read(_ count: Int) -> String {
      var bytes = [UInt8](repeating: 0, count: count)
      let got = recv(file, &bytes, count, Int32(MSG_WAITALL))
      return String(decoding: bytes.prefix(max(got, 0)), as: UTF8.self)
    }

    /// False when the client has gone.
    @discardableResult func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    @discardableResult func write(_ bytes: [UInt8]) -> Bool {
      var rest = bytes[...]
      while !rest.isEmpty {
        let sent = rest.withUnsafeBytes { send(file, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard sent > 0 else { return false }
        rest = rest.dropFirst(sent)
      }
      return true
    }

    /// Returns when the client has closed its side.
    func awaitClose() {
      var byte: UInt8 = 0
      while recv(file, &byte, 1, 0) > 0 {}
    }
  }
}

struct Failure: Error, CustomStringConvertible {
  let what: String
  var description: String { what }
}

private func thread(_ body: @escaping @Sendable () -> Void) {
  final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
  var handle = pthread_t()
  let context = Unmanaged.passRetained(Body(body)).toOpaque()
  pthread_create(
    &handle, nil,
    { context in
      if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
      return nil
    }, context)
  pthread_detach(handle)
}

/// One thing that happens once, and that a test waits for.
final class Signal<Value: Sendable>: Sendable {
  private struct State {
    var value: Value?
    var waiter: CheckedContinuation<Value?, Never>?
  }
  private let state = Mutex(State())

  func send(_ value: Value) {
    let waiter = state.withLock { state in
      state.value = value
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume(returning: value)
  }

  /// The value, or `nil` when it has not come within ten seconds.
  func wait() async -> Value? {
    let limit = Task {
      try await Task.sleep(for: .seconds(10))
      state.withLock { state in
        defer { state.waiter = nil }
        return state.waiter
      }?.resume(returning: nil)
    }
    defer { limit.cancel() }
    return await withCheckedContinuation { continuation in
      let value = state.withLock { state in
        if state.value == nil { state.waiter = continuation }
        return state.value
      }
      if let value { continuation.resume(returning: value) }
    }
  }
}
