internal import ProxyLogs

extension LogLine {
  /// What it has in a column; `nil` where it says nothing of it. Control characters stay.
  public subscript(column: LogColumn) -> String? {
    switch column {
    // A line without a time of its own stands at that of its arrival.
    case .time: time.rfc3339
    default: bytes.withBytes { column.text(of: $0, record?.fields ?? LogFields(), writer: proxy) }
    }
  }
}

extension LogColumn {
  /// What it is, for a person.
  public var meaning: String {
    switch self {
    case .time: "when the request began, or the line was written"
    case .line: "the line as it was written"
    default: LogFilter.fields.first { $0.name == rawValue }?.meaning ?? ""
    }
  }
}
