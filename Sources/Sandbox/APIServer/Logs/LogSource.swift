/// Where the lines come from that `kubectl logs` shows.
protocol LogSource: Sendable {
  /// The log file of a container; `nil` where the container has none.
  func logFile(ofContainer container: String, inPod pod: String, namespace: String) async -> String?
}

/// A sandbox without logs.
struct NoLogs: LogSource {
  func logFile(ofContainer container: String, inPod pod: String, namespace: String) async -> String? { nil }
}
