import MeshModel

/// Which edge a series of a store is of, who reports it, and how the requests ended.
struct EdgeReport: Equatable, Sendable {
  enum Reporter: Int, Comparable, Sendable {
    case source, waypoint, destination

    static func < (one: Reporter, other: Reporter) -> Bool { one.rawValue < other.rawValue }
  }

  var edge: EdgeID
  var reporter: Reporter
  var answer: RequestAnswer
  var security: Security

  enum Security: Sendable { case mutualTLS, plaintext, unknown }
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
