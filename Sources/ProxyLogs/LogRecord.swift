/// A line whose fields were found: its bytes, and where they stand. No field costs anything until it is asked for.
public struct LogRecord: Sendable {
  public let text: LogText
  /// Whether fields are the insides of JSON strings, with their escapes.
  let isEscaped: Bool
  let fields: LogFields

  /// A field's text; `nil` where the proxy wrote `-` or null, or the format has no such field. Bytes that are not UTF-8
  /// become replacement characters; control characters stay.
  public subscript(field: LogField) -> String? {
    let range = fields[field]
    guard !range.isEmpty else { return nil }
    return text.withBytes { bytes in
      if isEscaped, bytes.place(of: UInt8(ascii: "\\"), from: range.lowerBound, to: range.upperBound) != nil {
        return bytes.unescaped(in: range)
      }
      return bytes.string(in: range)
    }
  }

  /// The field's bytes as they stand in the line (in JSON with its escapes), none where it is absent. Makes nothing.
  public func withBytes<Result>(of field: LogField, _ body: (Span<UInt8>) -> Result) -> Result {
    text.withBytes { body($0.extracting(fields[field])) }
  }

  /// The field's text as bytes, of JSON with its escapes resolved; none where it is absent.
  public func withText<Result>(of field: LogField, _ body: (Span<UInt8>) -> Result) -> Result {
    text.withBytes { bytes in
      let range = fields[field]
      if isEscaped, bytes.place(of: UInt8(ascii: "\\"), from: range.lowerBound, to: range.upperBound) != nil {
        return body(Array(bytes.unescaped(in: range).utf8).span)
      }
      return body(bytes.extracting(range))
    }
  }

  public func number(_ field: LogField) -> UInt64? { text.withBytes { $0.number(in: fields[field]) } }

  /// Which way a request went through the proxy; `nil` where the line does not say: no cluster was chosen, or it is none
  /// of Istio's.
  public var direction: ClusterName.Direction? {
    withBytes(of: .direction) { word -> ClusterName.Direction? in
      if word.starts(with: "inbound") { return .inbound }
      return word.starts(with: "outbound") ? .outbound : nil
    }
      ?? withBytes(of: .upstreamCluster) { cluster in
        if cluster.starts(with: "outbound|") { return .outbound }
        if cluster.starts(with: "inbound|") || cluster.starts(with: "InboundPassthrough") { return .inbound }
        if cluster.starts(with: "PassthroughCluster") || cluster.starts(with: "BlackHoleCluster") { return .outbound }
        return nil
      }
  }
}
