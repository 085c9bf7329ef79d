/// How grave a component finds what it says, from least to most.
public enum LogLevel: Int, CaseIterable, Comparable, Sendable {
  case trace, debug, info, warning, error, critical

  public static func < (one: LogLevel, other: LogLevel) -> Bool { one.rawValue < other.rawValue }

  public var name: String {
    switch self {
    case .trace: "trace"
    case .debug: "debug"
    case .info: "info"
    case .warning: "warning"
    case .error: "error"
    case .critical: "critical"
    }
  }

  /// Takes the words of Envoy, Istio's agent, ztunnel and linkerd-proxy; `nil` for any other.
  public init?(_ word: String) {
    switch word.lowercased() {
    case "trace": self = .trace
    case "debug": self = .debug
    case "info": self = .info
    case "warning", "warn": self = .warning
    case "error", "err": self = .error
    case "critical", "fatal": self = .critical
    default: return nil
    }
  }
}
