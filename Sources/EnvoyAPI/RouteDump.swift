internal import JSON

/// Route configurations as a proxy wrote them: some megabytes that thousands of proxies write alike, and that need to
/// be read once.
public struct RouteDump: Sendable {
  private let dump: SectionDump

  init(_ dump: SectionDump) { self.dump = dump }

  /// Stands for the bytes: their number, and a hash of them with a key of this process that nobody outside knows.
  public struct Digest: Hashable, Sendable {
    private let count: Int
    private let hash: Int

    fileprivate init(_ bytes: [UInt8]) {
      var hasher = Hasher()
      bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
      (count, hash) = (bytes.count, hasher.finalize())
    }
  }

  public var digest: Digest { Digest(dump.bytes) }

  /// The route configurations, in the proxy's order. `version`, `lastUpdated` and `failure` are not among them.
  public func routes() throws(EnvoyAdminError) -> [RouteConfiguration] {
    try dump.entries().compactMap { RouteConfiguration($0) }
  }
}

/// The answer to a question for one section of the configuration.
struct SectionDump: Sendable {
  let bytes: [UInt8]
  let target: String

  func entries() throws(EnvoyAdminError) -> [JSON] {
    let answer = try JSON(answer: bytes, of: target)
    guard answer.kind == .object else { throw .incomplete(target: target, missing: "configs") }
    return answer.list("configs")
  }
}
