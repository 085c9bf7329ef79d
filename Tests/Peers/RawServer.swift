import Glibc

/// A server on loopback that does to each connection whatever the test says, well-mannered or not. Each connection has
/// a thread of its own. It serves until `stop` or the end of the process.
public final class RawServer: Sendable {
  public let port: Int
  private let listener: Int32

  public init(_ serve: @escaping @Sendable (Connection) -> Void) throws {
    (listener, port) = try listenOnLoopback()
    thread { [listener] in
      while true {
        let file = accept(listener, nil, nil)
        guard file >= 0 else { return _ = Glibc.close(listener) }
        thread {
          serve(Connection(file: file))
          Glibc.close(file)
        }
      }
    }
  }

  /// Accepts no more connections: the port is closed.
  public func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  public struct Connection: Sendable {
    public let file: Int32

    public init(file: Int32) { self.file = file }

    /// What the client sent, up to the empty line that ends a head.
    @discardableResult public func readHead() -> String {
      var head: [UInt8] = []
      var byte: UInt8 = 0
      while !head.suffix(4).elementsEqual("\r\n\r\n".utf8), recv(file, &byte, 1, 0) == 1 { head.append(byte) }
      return String(decoding: head, as: UTF8.self)
    }

    public func read(_ count: Int) -> String {
      guard count > 0 else { return "" }
      var bytes = [UInt8](repeating: 0, count: count)
      let got = recv(file, &bytes, count, Int32(MSG_WAITALL))
      return String(decoding: bytes.prefix(max(got, 0)), as: UTF8.self)
    }

    /// False when the client has gone.
    @discardableResult public func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    @discardableResult public func write(_ bytes: [UInt8]) -> Bool {
      var rest = bytes[...]
      while !rest.isEmpty {
        let sent = rest.withUnsafeBytes { send(file, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard sent > 0 else { return false }
        rest = rest.dropFirst(sent)
      }
      return true
    }

    /// Returns when the client has closed its side.
    public func awaitClose() {
      var byte: UInt8 = 0
      while recv(file, &byte, 1, 0) > 0 {}
    }
  }
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
