public import Transport

/// A moment as a store counts time: milliseconds since 1970-01-01T00:00:00Z.
public struct PrometheusTime: Hashable, Comparable, Sendable, CustomStringConvertible {
  public var milliseconds: Int64

  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  public static func < (one: PrometheusTime, other: PrometheusTime) -> Bool { one.milliseconds < other.milliseconds }

  /// Seconds with three digits behind the point, as the API takes them.
  public var description: String {
    let fraction = milliseconds.magnitude % 1000
    let zeros = fraction < 10 ? "00" : fraction < 100 ? "0" : ""
    return "\(milliseconds < 0 ? "-" : "")\(milliseconds.magnitude / 1000).\(zeros)\(fraction)"
  }
}

/// A question to a Prometheus-compatible store, as a value (Prometheus, "HTTP API", expression queries).
public struct PrometheusQuery: Hashable, Sendable {
  public enum Span: Hashable, Sendable {
    /// `nil` is the store's own now.
    case instant(PrometheusTime?)
    /// From the first moment to the last one, each step once.
    case range(from: PrometheusTime, to: PrometheusTime, step: Duration)
  }

  /// In PromQL.
  public var expression: String
  public var span: Span
  /// How long the store may compute; it gives up by itself after that.
  public var timeout: Duration?

  public init(_ expression: String, _ span: Span = .instant(nil), timeout: Duration? = nil) {
    self.expression = expression
    self.span = span
    self.timeout = timeout
  }

  var path: String {
    switch span {
    case .instant: "/api/v1/query"
    case .range: "/api/v1/query_range"
    }
  }

  private var parameters: [(String, String?)] {
    var items: [(String, String?)] = [("query", expression)]
    switch span {
    case .instant(let time): if let time { items.append(("time", time.description)) }
    case .range(let start, let end, let step):
      items += [("start", start.description), ("end", end.description), ("step", seconds(step))]
    }
    if let timeout { items.append(("timeout", seconds(timeout))) }
    return items
  }

  /// The query as a request: its parameters in a form, which may be of any length, or in the target, where only GET is
  /// let through.
  public func request(
    _ method: HTTPRequest.Method, to endpoint: Endpoint, headers: HTTPHeaders = [:], deadline: Duration
  ) -> HTTPRequest {
    var headers = headers
    headers["Accept"] = "application/json"
    let query = queryString(parameters)
    guard method == .post else {
      return HTTPRequest(
        method, endpoint, path + query, headers: headers, headDeadline: deadline, deadline: deadline)
    }
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    return HTTPRequest(
      method, endpoint, path, headers: headers, body: Array(query.utf8.dropFirst()), headDeadline: deadline,
      deadline: deadline)
  }

  private func seconds(_ span: Duration) -> String {
    let (seconds, attoseconds) = span.components
    return PrometheusTime(milliseconds: seconds &* 1000 &+ attoseconds / 1_000_000_000_000_000).description
  }
}
