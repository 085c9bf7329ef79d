import MeshModel

/// How many requests took how long, in log-linear classes: exact below 16 ms, then sixteen classes to each doubling,
/// so that a percentile is at most 6 % off. Only classes that occur take memory.
struct LatencyCounts: Equatable, Sendable {
  private struct Entry: Equatable {
    var bin: UInt16
    var count: UInt32
  }

  /// Ordered by class.
  private var entries: [Entry] = []
  private(set) var total = 0

  var isEmpty: Bool { entries.isEmpty }

  mutating func add(_ latency: Duration, count: Int = 1) {
    let (seconds, attoseconds) = latency.components
    let milliseconds = max(0, min(seconds, 3600)) * 1000 + max(0, attoseconds) / 1_000_000_000_000_000
    add(bin: Self.bin(ofMilliseconds: Int(milliseconds)), count: UInt32(clamping: count))
  }

  mutating func add(_ other: LatencyCounts) {
    for entry in other.entries { add(bin: entry.bin, count: entry.count) }
  }

  private mutating func add(bin: UInt16, count: UInt32) {
    total += Int(count)
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].bin < bin { low = middle + 1 } else { high = middle }
    }
    if low < entries.count, entries[low].bin == bin {
      entries[low].count &+= count
    } else {
      entries.insert(Entry(bin: bin, count: count), at: low)
    }
  }

  /// The time within which a part of the requests (0 to 1) was done; `nil` without requests.
  func percentile(_ part: Double) -> Duration? {
    guard total > 0 else { return nil }
    let rank = max(1, Int((part * Double(total)).rounded(.up)))
    var passed = 0
    for entry in entries {
      passed += Int(entry.count)
      if passed >= rank { return .milliseconds(Self.middle(of: entry.bin)) }
    }
    return nil
  }

  /// The lower end of a percentile's 95 % interval: that many requests took longer as would by chance, if the
  /// percentile were no more than this (order statistics with the normal limit of the binomial; G. Hahn, W. Meeker,
  /// Statistical Intervals, 1991, 5.2). `nil` where there are too few requests for one.
  func lowerEnd(of part: Double) -> Duration? {
    let beyond = (1 - part) * Double(total)
    let longer = (beyond + Seen.deviations * (beyond * part).squareRoot()).rounded(.up)
    guard longer < Double(total) else { return nil }
    return percentile((Double(total) - longer) / Double(total))
  }

  static func bin(ofMilliseconds value: Int) -> UInt16 {
    guard value >= 16 else { return UInt16(max(0, value)) }
    let doublings = (Int.bitWidth - 1 - value.leadingZeroBitCount) - 4
    return UInt16(16 * (doublings + 1) + (value >> doublings) - 16)
  }

  /// The middle of a class, in milliseconds.
  static func middle(of bin: UInt16) -> Int {
    guard bin >= 16 else { return Int(bin) }
    let doublings = Int(bin) / 16 - 1
    let low = (Int(bin) % 16 + 16) << doublings
    return low + ((1 << doublings) - 1) / 2
  }
}
