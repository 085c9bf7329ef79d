internal import JSON

/// Counts in log-linear bins, as Envoy keeps them: bins of one tenth of their power of ten, two significant digits.
/// Two readings of a histogram give that of the time between them, and those of several proxies add up.
public struct Histogram: Equatable, Sendable {
  public struct Bin: Equatable, Sendable {
    public var lowerBound: Double
    public var width: Double
    public var count: UInt64

    public init(lowerBound: Double, width: Double, count: UInt64) {
      self.lowerBound = lowerBound
      self.width = width
      self.count = count
    }
  }

  /// By rising bounds, none empty.
  public private(set) var bins: [Bin]

  /// Bins with equal bounds are added up; those that are empty, or no numbers, are left out.
  public init(bins: [Bin] = []) {
    let sorted = bins.filter { $0.count > 0 && $0.lowerBound.isFinite && $0.width.isFinite && $0.width >= 0 }
      .sorted { $0.lowerBound < $1.lowerBound }
    self.bins = []
    for bin in sorted { append(bin) }
  }

  public var count: UInt64 { bins.reduce(0) { $0.addingSaturated($1.count) } }
  public var isEmpty: Bool { bins.isEmpty }

  /// What came since an earlier reading of the same histogram. Where any bin holds less than it did, the histogram was
  /// started anew in between (an update of its cluster does that): then all that it holds is new.
  public func since(_ earlier: Histogram) -> Histogram {
    var new: [Bin] = []
    var place = 0
    for bin in bins {
      if place < earlier.bins.count, earlier.bins[place].lowerBound < bin.lowerBound { return self }
      var bin = bin
      if place < earlier.bins.count, earlier.bins[place].lowerBound == bin.lowerBound {
        guard bin.count >= earlier.bins[place].count else { return self }
        bin.count -= earlier.bins[place].count
        place += 1
      }
      if bin.count > 0 { new.append(bin) }
    }
    guard place == earlier.bins.count else { return self }
    var result = Histogram()
    result.bins = new
    return result
  }

  /// Both together.
  public func merging(_ other: Histogram) -> Histogram {
    var merged = Histogram()
    var (one, two) = (bins[...], other.bins[...])
    while let left = one.first, let right = two.first {
      merged.append(left.lowerBound <= right.lowerBound ? one.removeFirst() : two.removeFirst())
    }
    for bin in one + two { merged.append(bin) }
    return merged
  }

  /// The value below which this percentage (0 to 100) of the samples lies, computed as Envoy does (libcircllhist,
  /// `hist_approx_quantile`): within a bin, samples are taken to be evenly spread. `nil` when there are none.
  public func percentile(_ percent: Double) -> Double? {
    let all = count
    guard all > 0, (0...100).contains(percent) else { return nil }
    let rank = (Double(all) * percent / 100).rounded(.up)
    var below = 0.0
    for bin in bins {
      let here = Double(bin.count)
      if below + here >= rank { return bin.lowerBound + bin.width * max(0, rank - below) / (here + 1) }
      below += here
    }
    return bins.last.map { $0.lowerBound + $0.width }
  }

  private mutating func append(_ bin: Bin) {
    if let last = bins.indices.last, bins[last].lowerBound == bin.lowerBound {
      bins[last].count = bins[last].count.addingSaturated(bin.count)
    } else {
      bins.append(bin)
    }
  }
}

extension Histogram {
  /// The bins of an entry under `totals` or `intervals`; an empty histogram writes none.
  init(_ json: JSON?) {
    self.init(
      bins: json?.elements.compactMap { bin in
        guard let lowerBound = bin["lower_bound"]?.double, let count = bin["count"]?.unsigned else { return nil }
        return Bin(lowerBound: lowerBound, width: bin["width"]?.double ?? 0, count: count)
      } ?? [])
  }
}

extension UInt64 {
  func addingSaturated(_ other: UInt64) -> UInt64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
