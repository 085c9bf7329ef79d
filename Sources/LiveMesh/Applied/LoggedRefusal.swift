import EnvoyAPI
import MeshModel
import ProxyLogs

/// A route configuration that a proxy refused, by its own log: where neither a control plane nor the proxy's counters
/// tell, this does.
struct LoggedRefusal: Equatable, Sendable {
  /// Longer ones are cut: a reason may hold the whole configuration.
  static let longestReason = 500

  let reason: String
  let time: Timestamp

  init(reason: String, time: Timestamp) {
    self.reason = reason
    self.time = time
  }

  /// `nil` for a line about anything else. A line that names no type (of files) may be about routes.
  init?(_ line: ProxyLogLine, time: Timestamp) {
    guard case .component(let line) = line, let reason = line.rejection else { return nil }
    let message = line.message
    guard message.contains("RouteConfiguration") || !message.contains("type.googleapis.com/") else { return nil }
    self.init(reason: String(reason.prefix(Self.longestReason)), time: time)
  }

  /// Whether it can be about what a rule says since it was written last.
  func isSince(_ rule: AskedRule) -> Bool {
    guard let written = rule.route.lastWrite?.time else { return false }
    return time >= written
  }
}
