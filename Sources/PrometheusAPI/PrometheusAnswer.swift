internal import JSON

/// What a store answers. An empty vector says that there is no such series now, which is not zero.
public struct PrometheusAnswer: Sendable {
  public enum Result: Sendable {
    case vector([Sample])
    case matrix([Series])
    case scalar(Point)
    case string(String)
  }

  public var result: Result
  /// What makes the answer doubtful, in the store's words: at most eight, each one printable line.
  public var warnings: [String]
  /// What the store remarks about the query itself.
  public var infos: [String]
  /// Whether parts of the store did not answer: VictoriaMetrics says so; Thanos and Mimir warn.
  public var isPartial: Bool

  public struct Point: Hashable, Sendable {
    public var time: PrometheusTime
    /// May be NaN or infinite.
    public var value: Double
  }

  public struct Sample: Sendable {
    public var labels: Labels
    public var point: Point
  }

  public struct Series: Sendable {
    public var labels: Labels
    /// By rising time; a moment without a value has no point.
    public var points: [Point]
  }

  /// Of a vector; none where the result is of another type.
  public var samples: [Sample] { if case .vector(let samples) = result { samples } else { [] } }
  /// Of a matrix; none where the result is of another type.
  public var series: [Series] { if case .matrix(let series) = result { series } else { [] } }
}

extension PrometheusAnswer {
  private static let mostWarnings = 8

  /// `nil` where the value is no successful answer of the API. A series with a native histogram in the place of numbers
  /// is passed over.
  init?(_ json: JSON) {
    guard json["status"]?.string == "success", let data = json["data"], let type = data["resultType"]?.string else {
      return nil
    }
    let entries = data["result"].map { Array($0.elements) } ?? []
    switch type {
    case "vector":
      var labels = LabelTable.Builder()
      let points = entries.compactMap { entry in
        entry["value"].flatMap { Point($0) }.map { (labels.add(entry["metric"]), $0) }
      }
      let table = labels.table
      result = .vector(points.map { Sample(labels: Labels(table, $0), point: $1) })
    case "matrix":
      var labels = LabelTable.Builder()
      let points = entries.compactMap { entry in
        entry["values"].map { (labels.add(entry["metric"]), $0.elements.compactMap { Point($0) }) }
      }
      let table = labels.table
      result = .matrix(points.map { Series(labels: Labels(table, $0), points: $1) })
    case "scalar":
      guard let point = data["result"].flatMap({ Point($0) }) else { return nil }
      result = .scalar(point)
    case "string": result = .string(entries.dropFirst().first?.string ?? "")
    default: return nil
    }
    func lines(_ key: String) -> [String] {
      json[key]?.elements.prefix(Self.mostWarnings).compactMap { $0.string.map { PrometheusError.sentence($0.utf8) } }
        ?? []
    }
    warnings = lines("warnings")
    infos = lines("infos")
    isPartial = json["isPartial"]?.bool ?? false
  }
}

extension PrometheusAnswer.Point {
  /// `[1795395223.937, "62"]`; what is beyond the year 2255 is no time.
  init?(_ json: JSON) {
    var parts = json.elements
    guard let seconds = parts.next()?.double, seconds.magnitude < 9e9, let value = parts.next()?.double
    else { return nil }
    time = PrometheusTime(milliseconds: Int64((seconds * 1000).rounded()))
    self.value = value
  }
}
