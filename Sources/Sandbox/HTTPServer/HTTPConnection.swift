internal import NIOCore
internal import NIOHTTP1
internal import Transport

/// One client's connection: reads a request, has it answered, and begins again. Lives on one event loop.
final class HTTPConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private enum State {
    case waiting
    case reading(HTTPRequestHead, body: ByteBuffer)
    case answering(Task<Void, Never>)
    /// No more requests are taken: the connection ends when what was written is sent.
    case closing
  }

  private let channel: any Channel
  private let limits: HTTPServer.Limits
  private let handler: HTTPServer.Handler
  private var state = State.waiting
  private var keepsAlive = true
  private var isFinishing = false
  private var bodyIsWanted = true
  private var headIsSent = false
  /// When the connection counts as dead; `nil` while it is the handler that takes its time.
  private var deadline: NIODeadline?
  private var timer: Scheduled<Void>?
  private var timerFires = NIODeadline.distantFuture

  init(channel: any Channel, limits: HTTPServer.Limits, handler: @escaping HTTPServer.Handler) {
    self.channel = channel
    self.limits = limits
    self.handler = handler
  }

  func channelActive(context: ChannelHandlerContext) {
    expect(within: limits.idle)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    timer = nil
    deadline = nil
    if case .answering(let task) = state { task.cancel() }
    state = .closing
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard event is HTTPConnections.Event else { return context.fireUserInboundEventTriggered(event) }
    isFinishing = true
    keepsAlive = false
    switch state {
    case .waiting: context.close(promise: nil)
    case .answering(let task) where headIsSent: task.cancel()  // a stream
    case .reading, .answering, .closing: break
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard error is HTTPParserError else {
      context.close(promise: nil)
      return
    }
    switch state {
    case .waiting, .reading:
      refuse(error as? HTTPParserError == .headerOverflow ? 431 : 400, "not a valid HTTP request")
    case .answering: keepsAlive = false
    case .closing: break
    }
  }

  // MARK: Reading

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch (unwrapInboundIn(data), state) {
    case (.head(let head), .waiting): begin(head)
    case (.body(let part), .reading(let head, var body)):
      guard body.readableBytes + part.readableBytes <= limits.bodyBytes else {
        return refuse(413, "the request is larger than \(limits.bodyBytes) bytes")
      }
      state = .waiting  // one owner of the buffer, so that it grows in place
      body.writeImmutableBuffer(part)
      state = .reading(head, body: body)
    case (.end, .reading(let head, let body)): answer(head, body)
    case (_, .answering): keepsAlive = false  // the next request came before this one's answer
    default: break
    }
  }

  private func begin(_ head: HTTPRequestHead) {
    keepsAlive = head.isKeepAlive && !isFinishing
    bodyIsWanted = head.method != .HEAD
    headIsSent = false
    let size = head.headers.reduce(head.uri.utf8.count) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
    guard size <= limits.headBytes else {
      return refuse(431, "the request's head is larger than \(limits.headBytes) bytes")
    }
    if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }), length > limits.bodyBytes {
      return refuse(413, "the request is larger than \(limits.bodyBytes) bytes")
    }
    if head.headers.first(name: "expect")?.lowercased() == "100-continue" {
      channel.writeAndFlush(
        HTTPServerResponsePart.head(HTTPResponseHead(version: head.version, status: .continue)), promise: nil)
    }
    state = .reading(head, body: ByteBuffer())
    expect(within: limits.progress)
  }

  /// Answers without the handler, and ends the connection: what else the client sends is not read as requests.
  private func refuse(_ status: Int, _ reason: String) {
    keepsAlive = false
    send(.text(reason + "\n", status: status))
  }

  // MARK: Answering

  private func answer(_ head: HTTPRequestHead, _ body: ByteBuffer) {
    deadline = nil
    let request = HTTPServer.Request(
      method: head.method.rawValue, target: head.uri, headers: HTTPHeaders(head.headers.map { ($0.name, $0.value) }),
      body: Array(body.readableBytesView))
    let connection = NIOLoopBound(self, eventLoop: channel.eventLoop)
    let (channel, handler) = (channel, handler)
    state = .answering(
      Task {
        let response = await handler(request)
        guard case .stream(let produce) = response.body else {
          return channel.eventLoop.execute { connection.value.send(response) }
        }
        do {
          let isWanted = try await channel.eventLoop.submit { connection.value.beginStream(response) }.get()
          if isWanted { try await produce { try await HTTPConnection.write($0, to: connection, of: channel) } }
          channel.eventLoop.execute { connection.value.end() }
        } catch is CancellationError {
          channel.eventLoop.execute { connection.value.end() }
        } catch {
          channel.close(promise: nil)
        }
      })
  }

  private func send(_ response: HTTPServer.Response) {
    guard case .whole(let bytes) = response.body, channel.isActive else { return }
    var head = head(of: response)
    let mayHaveBody = response.status != 204 && response.status != 304 && response.status >= 200
    if mayHaveBody { head.headers.replaceOrAdd(name: "Content-Length", value: String(bytes.count)) }
    write(.head(head))
    if mayHaveBody, bodyIsWanted, !bytes.isEmpty { write(.body(.byteBuffer(ByteBuffer(bytes: bytes)))) }
    end()
  }

  /// Whether the body is wanted at all.
  private func beginStream(_ response: HTTPServer.Response) -> Bool {
    var head = head(of: response)
    head.headers.replaceOrAdd(name: "Transfer-Encoding", value: "chunked")
    headIsSent = true
    write(.head(head))
    channel.flush()
    return bodyIsWanted && !isFinishing
  }

  private static func write(
    _ bytes: [UInt8], to connection: NIOLoopBound<HTTPConnection>, of channel: any Channel
  ) async throws {
    guard !bytes.isEmpty else { return }
    try Task.checkCancellation()
    try await channel.eventLoop.flatSubmit { connection.value.write(chunk: bytes) }.get()
  }

  private func write(chunk bytes: [UInt8]) -> EventLoopFuture<Void> {
    expect(within: limits.progress)
    let sent = channel.eventLoop.makePromise(of: Void.self)
    sent.futureResult.assumeIsolated().whenComplete { [self] _ in deadline = nil }
    channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: bytes))), promise: sent)
    return sent.futureResult
  }

  private func end() {
    guard channel.isActive else { return }
    expect(within: limits.progress)
    let isLast = !keepsAlive
    state = isLast ? .closing : .waiting
    let sent = channel.eventLoop.makePromise(of: Void.self)
    channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: sent)
    sent.futureResult.assumeIsolated().whenComplete { [self] _ in
      if isLast {
        channel.close(promise: nil)
      } else if case .waiting = state {
        expect(within: limits.idle)
      }
    }
  }

  private func write(_ part: HTTPServerResponsePart) { channel.write(part, promise: nil) }

  private func head(of response: HTTPServer.Response) -> HTTPResponseHead {
    var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: response.status))
    for (name, value) in response.headers { head.headers.add(name: name, value: value) }
    head.headers.replaceOrAdd(name: "Date", value: HTTPDate.now)
    if !keepsAlive { head.headers.replaceOrAdd(name: "Connection", value: "close") }
    return head
  }

  // MARK: Time

  /// One timer a connection, that looks when it fires whether the deadline has moved on since it was set.
  private func expect(within limit: Duration) {
    let time = NIODeadline.now() + TimeAmount(limit)
    deadline = time
    if timer == nil || time < timerFires { watch(until: time) }
  }

  private func watch(until time: NIODeadline) {
    timer?.cancel()
    timerFires = time
    timer = channel.eventLoop.assumeIsolated().scheduleTask(deadline: time) { [self] in
      timer = nil
      guard let deadline else { return }
      if deadline <= .now() { channel.close(promise: nil) } else { watch(until: deadline) }
    }
  }
}
