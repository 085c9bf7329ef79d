public import ProxyLogs

/// What an access-log line says of a request. Each field is made from the line's bytes when it is asked for.
public struct AccessFields: Sendable {
  public enum Direction: String, Hashable, Sendable { case inbound = "in", outbound = "out", unknown = "-" }

  public let line: AccessLogLine

  public init(_ line: AccessLogLine) { self.line = line }

  /// A field as it is written; `nil` where it is absent.
  public subscript(field: LogField) -> String? { line[field] }

  /// When the request began.
  public var start: Timestamp? { line.startNanoseconds.map { Timestamp(nanoseconds: $0) } }
  public var direction: Direction {
    switch line.direction {
    case .inbound: .inbound
    case .outbound: .outbound
    case nil: .unknown
    }
  }
  public var method: String { line[.method] ?? "-" }
  public var path: String { line[.path] ?? "-" }
  /// 0 when no response was sent.
  public var code: Int { line.responseCode ?? 0 }
  /// Why it was answered as it was, in the order of the line; empty where nothing was out of the ordinary.
  public var flags: [ResponseFlag] { line.flags.map { ResponseFlag(String($0)) } }
  /// The flags as they stand in the line: joined by commas, `-` for none.
  public var flagCodes: String { line[.responseFlags] ?? "-" }
  /// Where in the proxy the answer came from, and why connections failed, in the proxy's own words; empty for an
  /// ordinary answer.
  public var details: [String] {
    [.responseCodeDetails, .connectionTerminationDetails, .transportFailureReason].compactMap { line[$0] }
      .filter { !["-", "via_upstream"].contains($0) }
  }
  public var duration: Duration? { line.duration }
  /// How long the upstream took, by its own account.
  public var upstreamServiceTime: Duration? { line.upstreamServiceTime }
  public var bytesReceived: UInt64? { line.bytesReceived }
  public var bytesSent: UInt64? { line.bytesSent }
  /// The cluster, else the host.
  public var upstream: String { line[.upstreamCluster] ?? line[.upstreamHost] ?? "-" }
  public var requestID: String { line[.requestID] ?? "-" }
  /// The cluster in its parts, where Istio named it.
  public var cluster: ClusterName? { line.upstreamCluster }
}

extension AccessFields: Hashable {
  public static func == (one: AccessFields, other: AccessFields) -> Bool { one.line.text == other.line.text }
  public func hash(into hasher: inout Hasher) { hasher.combine(line.text) }
}
