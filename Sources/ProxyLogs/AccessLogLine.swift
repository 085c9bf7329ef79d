/// A line of an access log.
public struct AccessLogLine: Sendable {
  public let record: LogRecord

  init(_ record: LogRecord) { self.record = record }

  public var format: LogFormat? { record.fields.format }
  public var text: LogText { record.text }
  public subscript(field: LogField) -> String? { record[field] }
  /// Whether the proxy wrote the field at all. Makes nothing.
  public func has(_ field: LogField) -> Bool { !record.fields[field].isEmpty }
  public func number(_ field: LogField) -> UInt64? { record.number(field) }

  /// When the request began, in nanoseconds since 1970-01-01T00:00:00Z; `nil` where it is not written in RFC 3339, UTC.
  public var startNanoseconds: Int64? { text.withBytes { $0.nanosecondsSince1970(in: record.fields[.startTime]) } }
  /// 0 where no response was sent.
  public var responseCode: Int? { number(.responseCode).flatMap { Int(exactly: $0) } }
  /// Whether it failed on the server's side, or was not answered; `nil` where the line does not say.
  public var isError: Bool? { record.isError }
  public var bytesReceived: UInt64? { number(.bytesReceived) }
  public var bytesSent: UInt64? { number(.bytesSent) }
  /// From the first byte of the request to the last of the response.
  public var milliseconds: UInt64? { number(.duration) }
  public var duration: Duration? { milliseconds.flatMap { Int64(exactly: $0) }.map { .milliseconds($0) } }
  /// How long the upstream took, by its own account.
  public var upstreamServiceTime: Duration? {
    number(.upstreamServiceTime).flatMap { Int64(exactly: $0) }.map { .milliseconds($0) }
  }
  /// The response flags in the order in which they stand; none where the field is `-`. At most 32, so that no line can
  /// make many.
  public var flags: [Substring] {
    self[.responseFlags].map { $0.split(separator: ",", maxSplits: 32).prefix(32).filter { $0 != "-" } } ?? []
  }
  /// The cluster's name in its parts, where it is one of Istio's.
  public var upstreamCluster: ClusterName? { self[.upstreamCluster].flatMap { ClusterName($0) } }
  public var direction: ClusterName.Direction? { record.direction }
}

extension Span<UInt8> {
  /// `2026-11-23T00:32:52.543Z`, with any number of digits in the fraction.
  fileprivate func nanosecondsSince1970(in range: Range<Int>) -> Int64? {
    let start = range.lowerBound
    func digits(_ offset: Int, _ length: Int) -> Int64? {
      number(in: start + offset..<start + offset + length).map { Int64($0) }
    }
    guard range.count >= 20, self[range.upperBound - 1] == UInt8(ascii: "Z"),
      self[start + 4] == UInt8(ascii: "-"), self[start + 7] == UInt8(ascii: "-"),
      self[start + 10] == UInt8(ascii: "T"), self[start + 13] == UInt8(ascii: ":"),
      self[start + 16] == UInt8(ascii: ":"),
      let year = digits(0, 4), let month = digits(5, 2), let day = digits(8, 2), let hour = digits(11, 2),
      let minute = digits(14, 2), let second = digits(17, 2), (1970...2200).contains(year),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
    else { return nil }
    var fraction: Int64 = 0
    if range.count > 20 {
      guard self[start + 19] == UInt8(ascii: "."), range.count > 21 else { return nil }
      var unit: Int64 = 100_000_000
      for place in start + 20..<range.upperBound - 1 {
        let digit = self[place] &- 0x30
        guard digit <= 9 else { return nil }
        fraction += Int64(digit) * unit
        unit /= 10
      }
    }
    // Days since 1970 in the Gregorian calendar, with the year begun in March.
    let shifted = month > 2 ? year : year - 1
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let days = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    return ((days * 24 + hour) * 60 + minute) * 60_000_000_000 + second * 1_000_000_000 + fraction
  }
}

extension AccessLogLine {
  /// The upstream in short: of a cluster that Istio named (`outbound|9080|v3|reviews.bookinfo.svc.cluster.local`) what
  /// tells it apart (`reviews/v3:9080`), anything else as it stands; the service or
  /// host where there is no cluster.
  public var upstreamLabel: String {
    guard let name = self[.upstreamCluster] else { return self[.destinationService] ?? self[.upstreamHost] ?? "-" }
    return ClusterName(name)?.label ?? name
  }
}
