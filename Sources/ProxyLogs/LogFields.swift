/// Where each field stands in a line of bytes. An empty range is an absent field.
public struct LogFields: Sendable {
  private struct Place { var start: UInt16 = 0, end: UInt16 = 0 }

  private var places = InlineArray<37, Place>(repeating: Place())
  /// `nil` for a line of no known format.
  public internal(set) var format: LogFormat?

  public init() {}

  public internal(set) subscript(field: LogField) -> Range<Int> {
    @inline(__always) get {
      let place = places[field.rawValue]
      return Range(uncheckedBounds: (Int(place.start), Int(place.end)))
    }
    @inline(__always) set {
      places[field.rawValue] = Place(
        start: UInt16(truncatingIfNeeded: newValue.lowerBound), end: UInt16(truncatingIfNeeded: newValue.upperBound))
    }
  }

  public var isAccess: Bool { format?.isAccess ?? false }

  /// The field's text, of JSON with its escapes resolved; none where it is absent. Makes nothing but that.
  public func withText<Result>(of field: LogField, in line: Span<UInt8>, _ body: (Span<UInt8>) -> Result) -> Result {
    let range = self[field]
    if format?.isJSON == true,
      line.place(of: UInt8(ascii: "\\"), from: range.lowerBound, to: range.upperBound) != nil
    {
      return body(Array(line.unescaped(in: range).utf8).span)
    }
    return body(line.extracting(range))
  }

  /// `nil` where the proxy wrote `-` or null, or the format has no such field. Bytes that are not UTF-8 become
  /// replacement characters; control characters stay.
  public func string(_ field: LogField, in line: Span<UInt8>) -> String? {
    if isInNanoseconds(field) { return number(field, in: line).map { String($0) } }
    return self[field].isEmpty ? nil : withText(of: field, in: line) { $0.string(in: 0..<$0.count) }
  }

  /// A whole number. Times are in milliseconds, whatever the format writes them in.
  public func number(_ field: LogField, in line: Span<UInt8>) -> UInt64? {
    let number = line.number(in: self[field])
    return isInNanoseconds(field) ? number.map { $0 / 1_000_000 } : number
  }

  private func isInNanoseconds(_ field: LogField) -> Bool {
    format == .linkerdJSON && (field == .duration || field == .upstreamServiceTime)
  }

  /// Whether a request failed on the server's side or was not answered, a connection failed, or a component tells of an
  /// error; `nil` where the line does not say.
  public func isError(in line: Span<UInt8>) -> Bool? {
    guard isAccess else {
      return format == nil ? nil : string(.level, in: line).flatMap { LogLevel($0) }.map { $0 >= .error }
    }
    if let code = number(.responseCode, in: line) { return code >= 500 || code == 0 }
    return format == .ztunnelText || !self[.direction].isEmpty ? !self[.transportFailureReason].isEmpty : nil
  }

  /// Which way a request went through the proxy; `nil` where the line does not say: no cluster was chosen, or it is none
  /// of Istio's.
  public func direction(in line: Span<UInt8>) -> ClusterName.Direction? {
    let word = line.extracting(self[.direction])
    if word.starts(with: "inbound") { return .inbound }
    if word.starts(with: "outbound") { return .outbound }
    let cluster = line.extracting(self[.upstreamCluster])
    if cluster.starts(with: "outbound|") { return .outbound }
    if cluster.starts(with: "inbound|") || cluster.starts(with: "InboundPassthrough") { return .inbound }
    if cluster.starts(with: "PassthroughCluster") || cluster.starts(with: "BlackHoleCluster") { return .outbound }
    return nil
  }
}
