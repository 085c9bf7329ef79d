internal import MeshModel

extension EdgeTraffic {
  /// Several edges in one. Counts that are not known of one are not known of all. A percentile is the greatest of them:
  /// that of all requests together is no greater.
  init?(merging parts: [EdgeTraffic]) {
    guard let first = parts.first else { return nil }
    self = first
    guard parts.count > 1 else { return }
    var errors: Double? = 0, bytes: Bytes? = Bytes(sent: 0, received: 0)
    requests = 0
    codes = [:]
    flags = [:]
    for part in parts {
      requests += part.requests
      errors = errors.flatMap { sum in part.errors.map { sum + $0 } }
      bytes = bytes.flatMap { sum in
        part.bytes.map { Bytes(sent: sum.sent + $0.sent, received: sum.received + $0.received) }
      }
      codes.merge(part.codes, uniquingKeysWith: +)
      flags.merge(part.flags, uniquingKeysWith: +)
    }
    self.errors = errors
    self.bytes = bytes
    p50 = parts.lazy.compactMap(\.p50).max()
    p95 = parts.lazy.compactMap(\.p95).max()
    p99 = parts.lazy.compactMap(\.p99).max()
    security = Security(merging: parts)
    history = Self.merged(parts.map(\.history))
    before = Before(merging: parts.map(\.before))
  }

  /// Slice by slice from the newest on.
  private static func merged(_ histories: [[Slice]]) -> [Slice] {
    let count = histories.map(\.count).max() ?? 0
    var merged = [Slice](repeating: Slice(requests: 0, errors: 0), count: count)
    for history in histories {
      for (offset, slice) in history.enumerated() {
        let place = count - history.count + offset
        merged[place].requests += slice.requests
        merged[place].errors += slice.errors
        merged[place].p99 = [merged[place].p99, slice.p99].compactMap { $0 }.max()
      }
    }
    return merged
  }
}

extension EdgeTraffic.Before {
  fileprivate init?(merging parts: [EdgeTraffic.Before?]) {
    let known = parts.compactMap { $0 }
    guard known.count == parts.count else { return nil }
    let errors = known.compactMap(\.errors)
    self.init(
      requests: known.reduce(0) { $0 + $1.requests }, errors: errors.count == known.count ? errors.reduce(0, +) : nil,
      p99: known.compactMap(\.p99).max())
  }
}

extension EdgeTraffic.Security {
  /// Weighted by requests; what is not known of one part is not known of all.
  init(merging parts: [EdgeTraffic]) {
    var all = 0.0, mutual = 0.0
    for part in parts where part.requests > 0 {
      all += part.requests
      switch part.security {
      case .mutualTLS: mutual += part.requests
      case .plaintext: break
      case .mixed(let share): mutual += part.requests * share
      case .unknown:
        self = .unknown
        return
      }
    }
    guard all > 0 else {
      self = .unknown
      return
    }
    self = mutual >= all ? .mutualTLS : mutual <= 0 ? .plaintext : .mixed(mutual: mutual / all)
  }
}
