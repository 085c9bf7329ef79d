/// The head of an answer, and its body as it arrives.
public struct HTTPResponse: Sendable {
  public let status: Int
  public let headers: HTTPHeaders
  public let body: HTTPBody

  public init(status: Int, headers: HTTPHeaders, body: HTTPBody) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  public var isSuccess: Bool { (200..<300).contains(status) }
}

/// The bytes of an answer, in the chunks in which they came. Can be read once. While nobody reads, the sender is held
/// back; when the last reader lets go, the transfer ends.
public struct HTTPBody: AsyncSequence, Sendable {
  public typealias Element = [UInt8]
  public typealias Failure = TransportError

  /// Gives the next chunk, or `nil` at the end. Never called again after `nil` or an error.
  public typealias Source = @Sendable () async throws(TransportError) -> [UInt8]?

  private let source: Source

  public init(_ source: @escaping Source) { self.source = source }

  public struct AsyncIterator: AsyncIteratorProtocol {
    let source: Source

    public mutating func next() async throws(TransportError) -> [UInt8]? { try await source() }

    public mutating func next(isolation: isolated (any Actor)?) async throws(TransportError) -> [UInt8]? {
      try await source()
    }
  }

  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(source: source) }

  /// The whole body. Throws `tooLarge` once there are more than `limit` bytes.
  public func collect(upTo limit: Int = 64 << 20) async throws(TransportError) -> [UInt8] {
    var chunks: [[UInt8]] = []
    var count = 0
    while let chunk = try await source() {
      count += chunk.count
      guard count <= limit else { throw .tooLarge(limit: limit) }
      chunks.append(chunk)
    }
    // Put together once: an array that grows by megabytes is copied, and held twice, each time.
    if chunks.count == 1 { return chunks[0] }
    var all: [UInt8] = []
    all.reserveCapacity(count)
    for chunk in chunks { all += chunk }
    return all
  }
}
