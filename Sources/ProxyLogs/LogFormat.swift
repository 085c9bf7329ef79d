/// How a line is written.
public enum LogFormat: Hashable, Sendable {
  /// Istio's default.
  case istioText
  /// What Envoy writes when no format is configured: without details, clusters, addresses and the route's name.
  case envoyText
  /// One object with Istio's keys (`accessLogEncoding: JSON`) or ztunnel's, in any order; unknown keys are passed over.
  case accessJSON
  /// ztunnel's: connections, which have no response code.
  case ztunnelText
  /// linkerd-proxy's in its `apache` format, and as JSON, where times are in nanoseconds.
  case linkerdText, linkerdJSON
  /// As an `AccessLogFormat` says.
  case customText, customJSON
  /// What the proxy says of itself, its own way: `[time][thread][level][logger] [source] words`.
  case envoyComponent
  /// What the proxy and Istio's agent say of themselves under Istio, with tabs between the parts.
  case istioComponent
  /// One object with `level` and `msg`.
  case componentJSON

  public var isAccess: Bool {
    switch self {
    case .istioText, .envoyText, .accessJSON, .ztunnelText, .linkerdText, .linkerdJSON, .customText, .customJSON: true
    case .envoyComponent, .istioComponent, .componentJSON: false
    }
  }

  /// Whether fields are the insides of JSON strings, with their escapes.
  public var isJSON: Bool {
    switch self {
    case .accessJSON, .linkerdJSON, .customJSON, .componentJSON: true
    case .istioText, .envoyText, .ztunnelText, .linkerdText, .customText, .envoyComponent, .istioComponent: false
    }
  }
}
