internal import JSON
internal import Transport

/// Which stats to ask for. Without a filter the answer of a proxy with many clusters runs to tens of megabytes.
public struct StatsQuery: Hashable, Sendable {
  public enum StatType: String, Sendable {
    case counters = "Counters", gauges = "Gauges", histograms = "Histograms", texts = "TextReadouts"
  }

  /// How histograms are written.
  public enum HistogramForm: Sendable {
    /// Ten quantiles, of all time and of the last interval.
    case summary
    /// Every bin, so that two readings can be subtracted.
    case detailed
  }

  /// RE2, anywhere in the name.
  public var filter: String?
  public var type: StatType?
  /// Leaves out what was never written.
  public var usedOnly: Bool
  public var histograms: HistogramForm

  public init(
    filter: String? = nil, type: StatType? = nil, usedOnly: Bool = false, histograms: HistogramForm = .summary
  ) {
    self.filter = filter
    self.type = type
    self.usedOnly = usedOnly
    self.histograms = histograms
  }

  public var target: String {
    var items: [(String, String?)] = [("format", "json")]
    if usedOnly { items.append(("usedonly", nil)) }
    if let type { items.append(("type", type.rawValue)) }
    if histograms == .detailed { items.append(("histogram_buckets", "detailed")) }
    if let filter { items.append(("filter", filter)) }
    return "/stats" + queryString(items)
  }
}

/// An answer of `/stats`. A stat that is not here is unknown, not zero.
public struct Stats: Equatable, Sendable {
  /// Counters and gauges: the answer does not say which is which; ask for one type where it matters.
  public var numbers: [String: UInt64]
  public var texts: [String: String]
  /// Of a query for summaries.
  public var summaries: [String: HistogramSummary]
  /// Of a query for detailed histograms: all of the process's life, up to the last flush.
  public var histograms: [String: Histogram]

  public init(
    numbers: [String: UInt64] = [:], texts: [String: String] = [:], summaries: [String: HistogramSummary] = [:],
    histograms: [String: Histogram] = [:]
  ) {
    self.numbers = numbers
    self.texts = texts
    self.summaries = summaries
    self.histograms = histograms
  }
}

/// The quantiles that Envoy computed.
public struct HistogramSummary: Equatable, Sendable {
  public struct Quantile: Equatable, Sendable {
    /// From 0 to 100.
    public var percent: Double
    /// `nil` while the histogram is empty.
    public var cumulative: Double?
    /// Of the last flush interval.
    public var interval: Double?

    public init(percent: Double, cumulative: Double?, interval: Double?) {
      self.percent = percent
      self.cumulative = cumulative
      self.interval = interval
    }
  }

  public var quantiles: [Quantile]

  public init(quantiles: [Quantile]) { self.quantiles = quantiles }

  public subscript(percent: Double) -> Quantile? { quantiles.first { $0.percent == percent } }
}

extension Stats {
  /// The list under `stats`: its last element carries the histograms.
  init(_ list: JSON) {
    self.init()
    for stat in list.elements {
      if let name = stat["name"]?.string {
        guard let value = stat["value"] else { continue }
        if value.kind == .string {
          texts[name] = value.string
        } else {
          numbers[name] = value.unsigned
        }
      } else if let histograms = stat["histograms"] {
        read(histograms)
      }
    }
  }

  private mutating func read(_ json: JSON) {
    let percents = json.list("supported_quantiles").compactMap(\.double)
    for entry in json.list("computed_quantiles") {
      guard let name = entry["name"]?.string else { continue }
      let values = entry.list("values").map { ($0["cumulative"]?.double, $0["interval"]?.double) }
      summaries[name] = HistogramSummary(
        quantiles: zip(percents, values).map {
          HistogramSummary.Quantile(percent: $0, cumulative: $1.0, interval: $1.1)
        })
    }
    for entry in json.list("details") {
      guard let name = entry["name"]?.string else { continue }
      histograms[name] = Histogram(entry["totals"])
    }
  }
}
