public import ProxyLogs

/// What a table of log lines can show of each line, by the names that filters ask by.
public enum LogColumn: String, CaseIterable, Hashable, Sendable {
  case time, pod, ns, dir, method, path, code, flags, details, ms, upms, host, dst, src, upstream, cluster, route
  case client, id, trace, ua, xff, sni, proto, sent, received, level, component, msg
  /// All of it, as it was written.
  case line

  /// What tells a request from another.
  public static let standard: [LogColumn] = [.time, .pod, .dir, .method, .path, .code, .flags, .ms, .dst, .id]

  /// Reads names with commas or blanks between them: `time,pod,code`. Each counts once.
  public static func list(_ text: String) throws(UnknownName) -> [LogColumn] {
    var columns: [LogColumn] = []
    for name in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
      guard let column = LogColumn(rawValue: name.lowercased()) else { throw UnknownName(name: String(name)) }
      if !columns.contains(column) { columns.append(column) }
    }
    return columns
  }

  /// A name that no column has.
  public struct UnknownName: Error, Equatable, Sendable, CustomStringConvertible {
    public let name: String

    public var description: String {
      "there is no column “\(printable(String(name.prefix(24))))”: "
        + LogColumn.allCases.map(\.rawValue).joined(separator: ", ")
    }
  }

  /// Whether it holds whole numbers alone.
  public var isNumber: Bool {
    switch self {
    case .code, .ms, .upms, .sent, .received: true
    default: false
    }
  }

  /// What a line has there; `nil` where it says nothing of it. Control characters stay.
  /// - Parameters:
  ///   - fields: Where they stand in the line; without a format where they are not known.
  ///   - writer: Whose log it is; `nil` where nobody knows, as of a file.
  ///   - arrival: The time of a line that has none of its own.
  public func text(
    of line: Span<UInt8>, _ fields: LogFields, writer: ProxyID?, arrival: Timestamp? = nil
  ) -> String? {
    switch self {
    case .time: fields.string(.startTime, in: line) ?? arrival?.rfc3339
    case .pod: writer?.pod
    case .ns: writer?.namespace
    case .dir: fields.isAccess ? fields.directionNames(in: line).first : nil
    case .details:
      Self.joined(
        [.responseCodeDetails, .connectionTerminationDetails, .transportFailureReason].compactMap {
          fields.string($0, in: line)
        })
    case .dst: fields.isAccess ? fields.destinations(in: line, writer: writer).first : nil
    case .src: fields.isAccess ? fields.sources(in: line, writer: writer).first : nil
    case .line: line.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    default: field.flatMap { fields.string($0, in: line) }
    }
  }

  /// Where it is one field as it is written.
  private var field: LogField? {
    switch self {
    case .method: .method
    case .path: .path
    case .code: .responseCode
    case .flags: .responseFlags
    case .ms: .duration
    case .upms: .upstreamServiceTime
    case .host: .authority
    case .upstream: .upstreamHost
    case .cluster: .upstreamCluster
    case .route: .routeName
    case .client: .downstreamRemoteAddress
    case .id: .requestID
    case .trace: .traceID
    case .ua: .userAgent
    case .xff: .forwardedFor
    case .sni: .requestedServerName
    case .proto: .protocolName
    case .sent: .bytesSent
    case .received: .bytesReceived
    case .level: .level
    case .component: .component
    case .msg: .message
    case .time, .pod, .ns, .dir, .details, .dst, .src, .line: nil
    }
  }

  private static func joined(_ texts: [String]) -> String? { texts.isEmpty ? nil : texts.joined(separator: " ") }
}
