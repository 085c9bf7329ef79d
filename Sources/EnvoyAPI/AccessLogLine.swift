/// A line of an access log: its bytes, and where its fields stand. No field costs anything until it is asked for.
public struct AccessLogLine: Sendable {
  public enum Format: Sendable {
    /// Istio's default.
    case istioText
    /// Istio's with `accessLogEncoding: JSON`, keys in any order; unknown keys are passed over.
    case json
    /// What Envoy writes when no format is configured: without details, clusters, addresses and the route's name.
    case envoyText
  }

  public let text: LogText
  public let format: Format
  private let fields: AccessLogFields

  init(text: LogText, format: Format, fields: AccessLogFields) {
    self.text = text
    self.format = format
    self.fields = fields
  }

  /// A field's text; `nil` where the proxy wrote `-` or null, or the format has no such field. Bytes that are not UTF-8
  /// become replacement characters; control characters stay.
  public subscript(field: AccessLogField) -> String? {
    let range = fields[field]
    guard !range.isEmpty else { return nil }
    return text.withBytes { bytes in
      if format == .json, bytes.place(of: UInt8(ascii: "\\"), from: range.lowerBound, to: range.upperBound) != nil {
        return bytes.unescaped(in: range)
      }
      return bytes.string(in: range)
    }
  }

  /// The field's bytes as they stand in the line (in JSON with its escapes), none where it is absent. Makes nothing.
  public func withBytes<Result>(of field: AccessLogField, _ body: (Span<UInt8>) -> Result) -> Result {
    text.withBytes { body($0.extracting(fields[field])) }
  }

  public func number(_ field: AccessLogField) -> UInt64? { text.withBytes { $0.number(in: fields[field]) } }

  /// When the request began, in nanoseconds since 1970-01-01T00:00:00Z; `nil` where it is not written in RFC 3339, UTC.
  public var startNanoseconds: Int64? { text.withBytes { $0.nanosecondsSince1970(in: fields[.startTime]) } }
  /// 0 where no response was sent.
  public var responseCode: Int? { number(.responseCode).flatMap { Int(exactly: $0) } }
  public var bytesReceived: UInt64? { number(.bytesReceived) }
  public var bytesSent: UInt64? { number(.bytesSent) }
  /// From the first byte of the request to the last of the response, in whole milliseconds.
  public var duration: Duration? { number(.duration).flatMap { Int64(exactly: $0) }.map { .milliseconds($0) } }
  /// How long the upstream took, by its own account.
  public var upstreamServiceTime: Duration? {
    number(.upstreamServiceTime).flatMap { Int64(exactly: $0) }.map { .milliseconds($0) }
  }
  /// In the order in which they stand; none where the field is `-`.
  public var flags: [ResponseFlag] { self[.responseFlags].map { ResponseFlag.all(in: $0) } ?? [] }
  /// The cluster's name in its parts, where it is one of Istio's.
  public var upstreamCluster: ClusterName? { self[.upstreamCluster].flatMap { ClusterName($0) } }
  /// Which way the request went through the proxy; `nil` where the line does not say: no cluster was chosen, or it is
  /// none of Istio's.
  public var direction: ClusterName.Direction? {
    withBytes(of: .upstreamCluster) { cluster in
      if cluster.starts(with: "outbound|") { return .outbound }
      if cluster.starts(with: "inbound|") || cluster.starts(with: "InboundPassthrough") { return .inbound }
      if cluster.starts(with: "PassthroughCluster") || cluster.starts(with: "BlackHoleCluster") { return .outbound }
      return nil
    }
  }
}

extension Span<UInt8> {
  fileprivate func starts(with text: StaticString) -> Bool {
    count >= text.utf8CodeUnitCount && equals(text, in: 0..<text.utf8CodeUnitCount)
  }

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
