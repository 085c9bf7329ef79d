import MeshModel

/// Reads from when on something counts as wrong: for all services, for those of a namespace, and for single ones, each
/// with the nearest wider ones as defaults.
///
///     [health]
///     warning_errors = "1%"      # shares of requests that fail
///     failing_errors = "5%"
///     least_requests = 20        # fewer say nothing
///     slow_factor = 2            # so many times the P99 of before
///     slow_increase = "100ms"    # and by so much more
///     slow_latency = "1s"        # slow whatever it was before
///     certificate_left = "20%"   # of its life, and at most
///     certificate_time = "72h"
///     stale_after = "10s"
///     [health.namespaces.payments]
///     failing_errors = "1%"
///     [health.services."payments/ledger"]
///     slow_latency = "200ms"
struct HealthReader: SectionReader {
  private(set) var rules = HealthRules()
  private(set) var complaints: [(place: Place?, words: String, guess: String?)] = []

  private static let keys = [
    "warning_errors", "failing_errors", "least_requests", "slow_factor", "slow_increase", "slow_latency",
    "certificate_left", "certificate_time", "stale_after",
  ]

  mutating func read(_ entries: [TOML.Entry]) {
    // Wider ones first, wherever they stand: the nearer ones begin from them.
    var standard = rules.standard
    for entry in entries where !["namespaces", "services"].contains(entry.key) { read(entry, into: &standard) }
    rules.standard = standard
    for part in entries where part.key == "namespaces" {
      for namespace in tables(of: part) {
        var thresholds = rules.standard
        for entry in namespace.entries { read(entry, into: &thresholds) }
        rules.namespaces[namespace.key] = thresholds
      }
    }
    for part in entries where part.key == "services" {
      for service in tables(of: part) {
        let names = service.key.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard names.count == 2, !names.contains("") else {
          complain(service.place, "a service is written “namespace/name”, not “\(service.key)”")
          continue
        }
        let id = ServiceID(namespace: names[0], name: names[1])
        var thresholds = rules.thresholds(for: id)
        for entry in service.entries { read(entry, into: &thresholds) }
        rules.services[id] = thresholds
      }
    }
  }

  private mutating func tables(of entry: TOML.Entry) -> [(key: String, place: Place, entries: [TOML.Entry])] {
    guard case .table(let parts) = entry.value.value else {
      complain(entry.value.place, "“\(entry.key)” is a table, not \(entry.value.kind)")
      return []
    }
    return parts.compactMap { part in
      guard case .table(let entries) = part.value.value else {
        complain(part.value.place, "“\(part.key)” is a table, not \(part.value.kind)")
        return nil
      }
      return (part.key, part.place, entries)
    }
  }

  private mutating func read(_ entry: TOML.Entry, into thresholds: inout HealthThresholds) {
    switch entry.key {
    case "warning_errors": share(entry).map { thresholds.warningErrors = $0 }
    case "failing_errors": share(entry).map { thresholds.failingErrors = $0 }
    case "certificate_left": share(entry).map { thresholds.certificateLeft = $0 }
    case "least_requests": number(entry, in: 1...1_000_000).map { thresholds.leastRequests = Int($0) }
    case "slow_factor": number(entry, in: 1...1000).map { thresholds.slowFactor = $0 }
    case "slow_increase": time(entry).map { thresholds.slowIncrease = $0 }
    case "slow_latency": time(entry).map { thresholds.slowLatency = $0 }
    case "certificate_time": time(entry).map { thresholds.certificateTime = $0 }
    case "stale_after": time(entry).map { thresholds.staleAfter = $0 }
    default:
      complain(entry.place, "health has no “\(entry.key)”", guess(entry.key, among: Self.keys))
    }
  }

  /// 0 to 1.
  private mutating func share(_ entry: TOML.Entry) -> Double? {
    guard case .string(let text) = entry.value.value, text.hasSuffix("%"), let percent = Double(text.dropLast()),
      (0...100).contains(percent)
    else { return wrong(entry, "a share such as \"5%\"") }
    return percent / 100
  }

  private mutating func number(_ entry: TOML.Entry, in range: ClosedRange<Double>) -> Double? {
    let value: Double? =
      switch entry.value.value {
      case .integer(let value): Double(value)
      case .number(let value): value
      default: nil
      }
    guard let value, range.contains(value) else {
      return wrong(entry, "a number from \(Int(range.lowerBound)) to \(Int(range.upperBound))")
    }
    return value
  }

  private mutating func time(_ entry: TOML.Entry) -> Duration? {
    guard case .string(let text) = entry.value.value, let time = Duration(fineSetting: text) else {
      return wrong(entry, "a time such as \"100ms\", \"2s\" or \"72h\"")
    }
    return time
  }

  private mutating func wrong<Value>(_ entry: TOML.Entry, _ wanted: String) -> Value? {
    complain(entry.value.place, "“\(entry.key)” is \(wanted)")
    return nil
  }

  private mutating func complain(_ place: Place?, _ words: String, _ guess: String? = nil) {
    complaints.append((place, words, guess))
  }
}

extension Duration {
  /// A whole number with `ms`, `s`, `m` or `h` behind it.
  fileprivate init?(fineSetting text: String) {
    guard text.hasSuffix("ms") else {
      self.init(setting: text)
      return
    }
    guard let number = Int64(text.dropLast(2)), (0...86_400_000).contains(number) else { return nil }
    self = .milliseconds(number)
  }
}
