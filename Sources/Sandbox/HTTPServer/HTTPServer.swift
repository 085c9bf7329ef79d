internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization
internal import Transport

/// A small HTTP/1.1 server. Everything in the sandbox that answers HTTP stands on it, and all servers share two
/// threads.
///
/// A request is handed over when its body is there, whole. While it is answered its client is watched: when the
/// client leaves, the handler's task is cancelled at once. Requests do not overlap on a connection; a client that sends
/// the next one before it has its answer gets that answer and then the end of the connection.
final class HTTPServer: Sendable {
  typealias Handler = @Sendable (Request) async -> Response

  enum Address: Hashable, Sendable, CustomStringConvertible {
    /// Port 0 takes a free one.
    case tcp(host: String, port: Int)
    /// A socket file that is there already is replaced.
    case unix(path: String)

    var description: String {
      switch self {
      case .tcp(let host, let port): "\(host):\(port)"
      case .unix(let path): "unix:\(path)"
      }
    }
  }

  struct Limits: Sendable {
    var bodyBytes = 4 << 20
    var headBytes = 64 << 10
    /// How long a connection may stay open with nothing to do.
    var idle: Duration = .seconds(75)
    /// How long a client may take to send one request, and to take in one chunk of an answer.
    var progress: Duration = .seconds(30)
  }

  static let threads = MultiThreadedEventLoopGroup(numberOfThreads: 2)

  /// Where it listens, with the port that was really taken.
  let address: Address

  private let listener: any Channel
  private let connections: HTTPConnections

  private init(address: Address, listener: any Channel, connections: HTTPConnections) {
    self.address = address
    self.listener = listener
    self.connections = connections
  }

  /// Listens, and serves until `stop`.
  static func start(
    on address: Address, limits: Limits = Limits(), handler: @escaping Handler
  ) async throws(HTTPServerError) -> HTTPServer {
    let connections = HTTPConnections()
    let bootstrap = ServerBootstrap(group: threads)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          connections.add(channel)
          if case .tcp = address { try channel.syncOptions?.setOption(.tcpOption(.tcp_nodelay), value: 1) }
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(HTTPResponseEncoder())
          try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
          try pipeline.addHandler(HTTPConnection(channel: channel, limits: limits, handler: handler))
        }
      }
    do {
      switch address {
      case .tcp(let host, let port):
        let listener = try await bootstrap.bind(host: host, port: port).get()
        let taken = Address.tcp(host: host, port: listener.localAddress?.port ?? port)
        return HTTPServer(address: taken, listener: listener, connections: connections)
      case .unix(let path):
        let listener = try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
        return HTTPServer(address: address, listener: listener, connections: connections)
      }
    } catch {
      throw HTTPServerError(address: address, reason: "\(error)")
    }
  }

  /// Takes no more connections, lets answers that are under way end (streams are cancelled, so that they end in good
  /// order), and after `grace` closes what is left.
  func stop(grace: Duration = .milliseconds(500)) async {
    try? await listener.close()  // it fails only where it is closed already
    connections.finish()
    let deadline = ContinuousClock.now + grace
    while !connections.isEmpty, ContinuousClock.now < deadline {
      do { try await Task.sleep(for: .milliseconds(5)) } catch { break }
    }
    await connections.close()
  }
}

/// Why a server could not listen.
struct HTTPServerError: Error, CustomStringConvertible {
  let address: HTTPServer.Address
  let reason: String

  var description: String { "cannot listen on \(address): \(reason)" }
}

/// The open connections of one server.
final class HTTPConnections: Sendable {
  /// Tells a connection to end when its answer is sent.
  enum Event { case finish }

  private let open = Mutex<[ObjectIdentifier: any Channel]>([:])

  var isEmpty: Bool { open.withLock { $0.isEmpty } }

  func add(_ channel: any Channel) {
    let id = ObjectIdentifier(channel)
    open.withLock { $0[id] = channel }
    channel.closeFuture.whenComplete { _ in _ = self.open.withLock { $0.removeValue(forKey: id) } }
  }

  func finish() {
    for channel in open.withLock({ Array($0.values) }) { channel.pipeline.fireUserInboundEventTriggered(Event.finish) }
  }

  func close() async {
    for channel in open.withLock({ Array($0.values) }) {
      try? await channel.close()  // it fails only where the client was faster
    }
  }
}
