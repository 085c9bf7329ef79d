/// How a line is written.
public enum LogFormat: Hashable, Sendable {
  /// Istio's default.
  case istioText
  /// What Envoy writes when no format is configured: without details, clusters, addresses and the route's name.
  case envoyText
  /// One object with Istio's keys (`accessLogEncoding: JSON`) in any order; unknown keys are passed over.
  case accessJSON
  /// What the proxy says of itself, its own way: `[time][thread][level][logger] [source] words`.
  case envoyComponent
  /// What the proxy and Istio's agent say of themselves under Istio, with tabs between the parts.
  case istioComponent
  /// One object with `level` and `msg`.
  case componentJSON

  public var isAccess: Bool {
    switch self {
    case .istioText, .envoyText, .accessJSON: true
    case .envoyComponent, .istioComponent, .componentJSON: false
    }
  }

  /// Whether fields are the insides of JSON strings, with their escapes.
  public var isJSON: Bool {
    switch self {
    case .accessJSON, .componentJSON: true
    case .istioText, .envoyText, .envoyComponent, .istioComponent: false
    }
  }
}
