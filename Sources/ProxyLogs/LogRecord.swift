/// A line whose fields were found: its bytes, and where they stand. No field costs anything until it is asked for.
public struct LogRecord: Sendable {
  public let text: LogText
  public let fields: LogFields

  /// A field's text; `nil` where the proxy wrote `-` or null, or the format has no such field. Bytes that are not UTF-8
  /// become replacement characters; control characters stay.
  public subscript(field: LogField) -> String? { text.withBytes { fields.string(field, in: $0) } }

  /// The field's bytes as they stand in the line (in JSON with its escapes), none where it is absent. Makes nothing.
  public func withBytes<Result>(of field: LogField, _ body: (Span<UInt8>) -> Result) -> Result {
    text.withBytes { body($0.extracting(fields[field])) }
  }

  /// A whole number. Times are in milliseconds, whatever the format writes them in.
  public func number(_ field: LogField) -> UInt64? { text.withBytes { fields.number(field, in: $0) } }

  public var direction: ClusterName.Direction? { text.withBytes { fields.direction(in: $0) } }
  public var isError: Bool? { text.withBytes { fields.isError(in: $0) } }
}
