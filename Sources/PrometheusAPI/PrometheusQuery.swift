import Transport

/// A question to a Prometheus-compatible store, as a value.
public struct PrometheusQuery: Hashable, Sendable {
  /// In PromQL.
  public var expression: String

  public init(_ expression: String) { self.expression = expression }
}
