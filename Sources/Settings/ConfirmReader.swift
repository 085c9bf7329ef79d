import MeshModel

/// Reads from when on a change must be confirmed by typing the route's name, in any context.
///
///     [confirm]
///     requests_per_second = 500   # that the change moves
///     share = "50%"               # of the rule's requests that it moves
struct ConfirmReader: SectionReader {
  private(set) var protection = Protection()
  private(set) var complaints: [(place: Place?, words: String, guess: String?)] = []

  private static let keys = ["requests_per_second", "share"]

  mutating func read(_ entries: [TOML.Entry]) {
    for entry in entries {
      switch entry.key {
      case "requests_per_second": protection.requestsPerSecond = number(entry)
      case "share": protection.share = share(entry)
      default: complaints.append((entry.place, "confirm has no “\(entry.key)”", guess(entry.key, among: Self.keys)))
      }
    }
  }

  // What was meant to protect must not be off by a slip: what cannot be read sets the lowest limit.

  private mutating func number(_ entry: TOML.Entry) -> Double {
    switch entry.value.value {
    case .integer(let value) where value >= 0: return Double(value)
    case .number(let value) where value >= 0 && value.isFinite: return value
    default: return wrong(entry, "a number of requests, as 500")
    }
  }

  private mutating func share(_ entry: TOML.Entry) -> Double {
    guard case .string(let text) = entry.value.value, text.hasSuffix("%"), let percent = Double(text.dropLast()),
      (0...100).contains(percent)
    else { return wrong(entry, "a share, as \"50%\"") }
    return percent / 100
  }

  private mutating func wrong(_ entry: TOML.Entry, _ wanted: String) -> Double {
    complaints.append((entry.value.place, "“\(entry.key)” is \(wanted); every change must be confirmed by name", nil))
    return 0
  }
}
