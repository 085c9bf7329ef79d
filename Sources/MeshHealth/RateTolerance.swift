import MeshModel

/// One entry of the annotation `health.kiali.io/rate`: `code,degraded,failure,protocol,direction`, several of them
/// joined by `;` (Kiali, Health configuration). Rates are in percent there and from 0 to 1 here.
///
/// Of regular expressions only what such codes need is read: `X` and `.` for any digit, `|` for alternatives, `.*` for
/// anything. An entry with anything else says nothing.
struct RateTolerance: Equatable, Sendable {
  /// As written.
  var code: String
  /// `nil` where any share is tolerated.
  var degraded: Double?
  var failing: Double?
  private var traffic: String

  /// Those entries that can be read and are for requests that come in.
  static func all(_ annotation: String) -> [RateTolerance] {
    annotation.prefix(4096).split(separator: ";").prefix(32).compactMap { RateTolerance(String($0)) }
  }

  init?(_ entry: String) {
    let parts = entry.split(separator: ",", omittingEmptySubsequences: false).map {
      String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
    guard parts.count >= 4, !parts[0].isEmpty, parts[0].allSatisfy({ $0.isNumber || "Xx.*|-".contains($0) }) else {
      return nil
    }
    // Kiali counts both directions; here an edge is judged where it comes in.
    if parts.count > 4, !parts[4].isEmpty, !parts[4].contains("inbound"), parts[4] != ".*" { return nil }
    code = parts[0]
    degraded = Self.share(parts[1])
    failing = Self.share(parts[2])
    traffic = parts[3].lowercased()
    if degraded == nil && failing == nil { return nil }
  }

  private static func share(_ percent: String) -> Double? {
    guard let value = Double(percent), value > 0, value <= 100 else { return nil }
    return value / 100
  }

  func takes(_ kind: EdgeID.Traffic) -> Bool {
    traffic.isEmpty || traffic == ".*" || traffic.contains(kind.rawValue)
  }

  /// - Parameter code: as `EdgeTraffic.codes` has it.
  func matches(code wanted: String) -> Bool {
    let wanted = wanted.hasPrefix("grpc ") ? String(wanted.dropFirst(5)) : wanted
    return code.split(separator: "|").contains { pattern in
      if pattern.hasSuffix(".*") { return wanted.hasPrefix(pattern.dropLast(2)) }
      return pattern.count == wanted.count
        && zip(pattern, wanted).allSatisfy { $0 == $1 || ("Xx.".contains($0) && $1.isNumber) }
    }
  }
}
