import MeshModel

/// Which edge a series of a store is of, who reports it, and how the requests ended.
struct EdgeReport: Equatable, Sendable {
  /// From the caller on: the nearer to the destination, the more it knows.
  enum Reporter: Int, CaseIterable, Sendable {
    case source, waypoint, destination
  }

  var edge: EdgeID
  var reporter: Reporter
  var answer: RequestAnswer
  var security: Security

  enum Security: Sendable { case mutualTLS, plaintext, unknown }

  /// Of a connection: whether it came about.
  var isError: Bool { edge.traffic == .tcp ? answer.neverReached : answer.isError }

  /// Whether nobody but the caller's proxy knows of it.
  var neverReached: Bool { reporter == .source && answer.neverReached }
}

/// How requests ended.
struct RequestAnswer: Hashable, Sendable {
  /// `200`; of gRPC `grpc 14`; `-` where there was none.
  var code: String
  var isError: Bool
  var flags: [String]

  /// - Parameters:
  ///   - code: the HTTP status; `0` is none.
  ///   - grpcStatus: decides, unless the HTTP status is an error by itself.
  init(code: String, grpcStatus: String? = nil, flags: [String] = []) {
    self.flags = flags
    let number = Int(code)
    if let grpcStatus, let status = Int(grpcStatus), let number, (1..<400).contains(number) {
      self.code = "grpc \(status)"
      isError = Self.serverFaults.contains(status)
    } else if let number, number > 0 {
      self.code = code
      isError = number >= 500
    } else {
      self.code = "-"
      isError = true
    }
  }

  /// The gRPC statuses that are the server's fault: UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE and
  /// DATA_LOSS (OpenTelemetry, "Semantic conventions for gRPC", errors of server spans).
  private static let serverFaults: Set<Int> = [2, 4, 12, 13, 14, 15]

  /// Whether the caller's proxy answered by itself: the destination's proxy knows nothing of such a request.
  var neverReached: Bool { !Self.local.isDisjoint(with: flags) }

  /// No host, no connection, no route, no cluster, the circuit breaker, an injected fault, a limit or a refusal of the
  /// caller's own filters.
  private static let local: Set<String> = [
    "UH", "UF", "NR", "NC", "UO", "FI", "RL", "RLSE", "UAEX", "IH", "DPE", "OM", "NFCF", "UMSDR",
  ]
}
