public import ProxyLogs

/// One line of a log: as it was written, and what could be read from it.
public struct LogLine: Sendable {
  public enum Content: Sendable {
    case access(AccessFields)
    /// What the proxy, Istio's agent, ztunnel or istiod says of itself.
    case component(ComponentFields)
    /// Of no known format.
    case raw
  }

  /// A line goes through many hands, by ten thousands a second: what is copied is the way to it.
  private final class Parts: Sendable {
    let proxy: ProxyID
    let time: Timestamp
    let bytes: LogText
    let content: Content

    init(proxy: ProxyID, time: Timestamp, bytes: LogText, content: Content) {
      self.proxy = proxy
      self.time = time
      self.bytes = bytes
      self.content = content
    }
  }

  private let parts: Parts

  public var proxy: ProxyID { parts.proxy }
  /// The line's own time, or that of its arrival.
  public var time: Timestamp { parts.time }
  /// The line as it came.
  public var bytes: LogText { parts.bytes }
  public var content: Content { parts.content }

  /// - Parameter arrival: Its time where it has none of its own.
  public init(_ line: ProxyLogLine, proxy: ProxyID, arrival: Timestamp) {
    let (time, content): (Timestamp?, Content) =
      switch line {
      case .access(let line): (AccessFields(line).start, .access(AccessFields(line)))
      case .component(let line): (ComponentFields(line).time, .component(ComponentFields(line)))
      case .raw: (nil, .raw)
      }
    parts = Parts(proxy: proxy, time: time ?? arrival, bytes: line.text, content: content)
  }

  /// A line whose fields do not come from its text.
  public init(proxy: ProxyID, time: Timestamp, text: String, access: AccessFields? = nil) {
    parts = Parts(
      proxy: proxy, time: time, bytes: LogText(text), content: access.map(Content.access) ?? .raw)
  }

  /// Not made safe for a terminal. Made anew each time.
  public var text: String { bytes.string }
  /// The fields, when it is an access-log line.
  public var access: AccessFields? { if case .access(let fields) = content { fields } else { nil } }
  public var component: ComponentFields? { if case .component(let fields) = content { fields } else { nil } }

  /// A code of 500 or more, no response, or what a component finds to be an error: what `error` asks in a filter.
  public var isError: Bool {
    switch content {
    case .access(let fields): fields.line.responseCode.map { $0 >= 500 || $0 == 0 } ?? false
    case .component(let fields): fields.level.map { $0 >= .error } ?? false
    case .raw: false
    }
  }

  /// A field as it is written; `nil` where it is absent.
  public subscript(field: LogField) -> String? { record?[field] }

  /// What a column shows of it; `nil` where it says nothing of it. Control characters stay.
  public func text(of column: LogColumn) -> String? {
    let fields = fields
    return bytes.withBytes { column.text(of: $0, fields, writer: proxy, arrival: time) }
  }

  /// Where its fields stand; without a format where they are not known.
  public var fields: LogFields { record?.fields ?? LogFields() }

  /// About how much memory it takes.
  public var cost: Int { bytes.count + Self.overhead }

  /// Of the object, its header among it, and of the row that points to it.
  private static let overhead =
    MemoryLayout<(ProxyID, Timestamp, LogText, Content)>.stride + 16 + 32

  var record: LogRecord? {
    switch content {
    case .access(let fields): fields.line.record
    case .component(let fields): fields.line.record
    case .raw: nil
    }
  }
}

extension LogLine: Hashable {
  public static func == (one: LogLine, other: LogLine) -> Bool {
    one.proxy == other.proxy && one.time == other.time && one.bytes == other.bytes
      && one.record?.text == other.record?.text
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(proxy)
    hasher.combine(time)
    hasher.combine(bytes)
  }
}
