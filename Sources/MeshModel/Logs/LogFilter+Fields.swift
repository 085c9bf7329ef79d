internal import ProxyLogs

extension LogFilter {
  /// What can be asked about, in the order in which a person is told of it.
  public static let fields = Field.allCases.map(\.field)

  enum Field: String, CaseIterable, Sendable {
    case code, flags, details, path, method, host, ms, upms, dst, src, dir, upstream, cluster, route, client, id, trace
    case ua, xff, sni, proto, sent, received, pod, ns, level, component, msg, error

    var field: ExpressionField {
      switch self {
      case .code: number("response code; 0 where no response was sent")
      case .flags: text("response flags", values: ResponseFlag.known.map(\.code))
      case .details: text("response code details, how the connection ended, why it failed")
      case .path: text("path with its query")
      case .method: text("method of the request", values: ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
      case .host: text("authority that was asked for")
      case .ms: number("duration in milliseconds")
      case .upms: number("milliseconds that the upstream took, by its own account")
      case .dst: text("who was called: service, version, service/version, workload or address")
      case .src: text("who called: workload, service account or address")
      case .dir: text("way through the proxy", values: ["in", "out"])
      case .upstream: text("address of the upstream host")
      case .cluster: text("upstream cluster")
      case .route: text("name of the route")
      case .client: text("address of the client")
      case .id: text("request id")
      case .trace: text("trace id")
      case .ua: text("user agent")
      case .xff: text("forwarded for")
      case .sni: text("server name of the TLS handshake")
      case .proto: text("protocol", values: ["HTTP/1.1", "HTTP/2"])
      case .sent: number("bytes sent")
      case .received: number("bytes received")
      case .pod: text("pod that wrote the line")
      case .ns: text("namespace of the pod that wrote the line")
      case .level:
        ExpressionField(
          rawValue, .ordered(LogLevel.allCases.map(\.name)), "how grave a component finds what it says of itself")
      case .component: text("what wrote of itself: a logger or scope")
      case .msg: text("words of a component")
      case .error: ExpressionField(rawValue, .flag, "code of 500 or more, no response, or a component's error")
      }
    }

    private func number(_ meaning: String) -> ExpressionField { ExpressionField(rawValue, .number, meaning) }
    private func text(_ meaning: String, values: [String] = []) -> ExpressionField {
      ExpressionField(rawValue, .text, meaning, values: values)
    }
  }
}
