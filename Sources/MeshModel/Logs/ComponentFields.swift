public import ProxyLogs

/// What a component says of itself: the proxy, Istio's agent, ztunnel, istiod.
public struct ComponentFields: Sendable {
  let line: ComponentLogLine

  public init(_ line: ComponentLogLine) { self.line = line }

  /// `nil` where it is in the proxy's own time zone, or none.
  public var time: Timestamp? { Timestamp(line.time) }
  /// `nil` for a word that is no level.
  public var level: LogLevel? { line.level }
  /// The logger: `config`, `upstream`; of Istio's agent its scope. May be empty.
  public var component: String { line.component }
  /// The place in the source, where it is written.
  public var source: String? { line.source }
  public var message: String { line.message }
}
