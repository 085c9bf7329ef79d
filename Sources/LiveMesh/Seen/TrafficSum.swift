import MeshModel

/// What is counted of requests, over whatever time.
struct TrafficSum: Sendable {
  /// Codes and flags come from outside: a hostile log may not make these grow.
  private static let mostKinds = 32

  var requests = 0
  var errors = 0
  /// Requests of which it is not known whether they failed.
  var unjudged = 0
  var latencies = LatencyCounts()
  /// Of requests that failed.
  var flags: [String: Int] = [:]
  /// Of requests that did not.
  var otherFlags: [String: Int] = [:]
  /// Requests by code, but for 200, which nearly all have.
  var codes: [UInt16: Int] = [:]
  var mutualTLS = 0
  var plaintext = 0
  var bytesReceived: UInt64 = 0
  var bytesSent: UInt64 = 0

  /// - Parameter flags: joined by commas; `-` for none.
  mutating func addRequest(code: Int, flags joined: String, isError: Bool, duration: Duration?) {
    requests += 1
    if let duration { latencies.add(duration) }
    if code != 200, let code = UInt16(exactly: code), codes.count < Self.mostKinds || codes[code] != nil {
      codes[code, default: 0] += 1
    }
    if isError { errors += 1 }
    guard joined != "-" else { return }
    for flag in joined.split(separator: ",") where flag != "-" {
      Self.count(String(flag), in: isError ? \.flags : \.otherFlags, of: &self)
    }
  }

  private static func count(
    _ flag: String, in place: WritableKeyPath<TrafficSum, [String: Int]>, of sum: inout TrafficSum
  ) {
    guard sum[keyPath: place].count < mostKinds || sum[keyPath: place][flag] != nil else { return }
    sum[keyPath: place][flag, default: 0] += 1
  }

  /// Counts of a proxy that keeps only sums.
  mutating func add(requests: Int, errors: Int?, latencies: LatencyCounts) {
    self.requests += requests
    self.latencies.add(latencies)
    self.errors += errors ?? 0
    if errors == nil { unjudged += requests }
  }

  mutating func add(_ other: TrafficSum) {
    requests += other.requests
    errors += other.errors
    unjudged += other.unjudged
    latencies.add(other.latencies)
    if !other.flags.isEmpty { flags.merge(other.flags, uniquingKeysWith: +) }
    if !other.otherFlags.isEmpty { otherFlags.merge(other.otherFlags, uniquingKeysWith: +) }
    if !other.codes.isEmpty { codes.merge(other.codes, uniquingKeysWith: +) }
    mutualTLS += other.mutualTLS
    plaintext += other.plaintext
    bytesReceived &+= other.bytesReceived
    bytesSent &+= other.bytesSent
  }

  /// The flag of most errors.
  var topFlag: ResponseFlag? {
    flags.max { ($0.value, $1.key) < ($1.value, $0.key) }.map { ResponseFlag($0.key) }
  }

  var security: EdgeTraffic.Security {
    switch (mutualTLS, plaintext) {
    case (0, 0): .unknown
    case (_, 0): .mutualTLS
    case (0, _): .plaintext
    default: .mixed(mutual: Double(mutualTLS) / Double(mutualTLS + plaintext))
    }
  }
}
