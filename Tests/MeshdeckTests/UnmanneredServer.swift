import Glibc
import Peers
import Synchronization

/// Stands between meshdeck and a sandbox's API, and passes everything on but what the test says of patches.
final class UnmanneredServer: Sendable {
  enum Manner: Sendable {
    case passes
    /// This is the whole answer, and the API gets nothing.
    case answers(status: String, headers: String = "", body: String)
    /// The API gets it, and its answer gets this header besides.
    case adds(header: String)
    /// The API gets it; its answer does not arrive, nor does anything more.
    case losesTheAnswer
    /// Nobody gets it, and the connection ends.
    case losesTheRequest
  }

  let port: Int
  private let server: RawServer

  /// - Parameters:
  ///   - upstream: an address and a port of the API.
  ///   - manner: what happens to a patch, by its number and whether it is a dry run.
  init(
    before upstream: (host: String, port: UInt16), _ manner: @escaping @Sendable (Int, _ isDryRun: Bool) -> Manner
  ) throws {
    let patches = Mutex(0)
    server = try RawServer { client in
      guard let file = Self.connect(to: upstream) else { return }
      let back = Way(from: RawServer.Connection(file: file), to: client)
      defer { back.end() }
      while true {
        let head = client.readHead()
        guard !head.isEmpty else { return }
        let length = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
          .flatMap { Int($0.drop { $0 != ":" }.dropFirst().filter(\.isNumber)) }
        let request = head + client.read(length ?? 0)
        guard head.hasPrefix("PATCH ") else {
          back.send(request)
          continue
        }
        let isDryRun = head.prefix { $0 != "\r" }.contains("dryRun=All")
        let number =
          isDryRun
          ? 0
          : patches.withLock { count in
            count += 1
            return count
          }
        switch manner(number, isDryRun) {
        case .passes: back.send(request)
        case .adds(let header):
          back.header.withLock { $0 = header }
          back.send(request)
        case .answers(let status, let headers, let body):
          client.write(
            "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
              + "\(headers)\r\n\(body)")
        case .losesTheAnswer:
          back.isMute.withLock { $0 = true }
          back.send(request)
          back.waitForAnswer()
          return
        case .losesTheRequest: return
        }
      }
    }
    port = server.port
  }

  deinit { server.stop() }

  private static func connect(to upstream: (host: String, port: UInt16)) -> Int32? {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = upstream.port.bigEndian
    address.sin_addr.s_addr = inet_addr(upstream.host)
    let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    let isConnected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    return isConnected ? file : nil
  }
}

/// The answers of one connection on their way back.
private final class Way: Sendable {
  private let api: RawServer.Connection
  let header = Mutex<String?>(nil)
  let isMute = Mutex(false)
  private let hasAnswered = Mutex(false)

  init(from api: RawServer.Connection, to client: RawServer.Connection) {
    self.api = api
    let way = self
    var handle = pthread_t()
    final class Body {
      let run: () -> Void
      init(_ run: @escaping () -> Void) { self.run = run }
    }
    let body = Body {
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = recv(api.file, &buffer, buffer.count, 0)
        guard count > 0 else { break }
        way.hasAnswered.withLock { $0 = true }
        if way.isMute.withLock({ $0 }) { continue }
        var bytes = Array(buffer[..<count])
        let added = way.header.withLock { header in
          defer { header = nil }
          return header
        }
        if let added, let end = bytes.firstIndex(of: 10) { bytes.insert(contentsOf: "\(added)\r\n".utf8, at: end + 1) }
        guard client.write(bytes) else { break }
      }
      shutdown(client.file, Int32(SHUT_RDWR))
      close(api.file)
    }
    pthread_create(
      &handle, nil,
      { context in
        if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
        return nil
      }, Unmanaged.passRetained(body).toOpaque())
    pthread_detach(handle)
  }

  func send(_ text: String) {
    hasAnswered.withLock { $0 = false }
    api.write(text)
  }

  /// Returns when the API has said something.
  func waitForAnswer() {
    while !hasAnswered.withLock({ $0 }) { usleep(1000) }
  }

  func end() { shutdown(api.file, Int32(SHUT_RDWR)) }
}
