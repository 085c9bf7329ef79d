public import ProxyLogs

/// A question about lines of logs, kept as one text: `code >= 500 and dst = v3 and not path ~ /health`.
///
/// What is asked of requests alone is unknown of other lines, and what components alone have is unknown of requests:
/// neither it nor its opposite holds there. A field that a request does not have is `-`, as it is written.
public struct LogFilter: Hashable, Sendable {
  let expression: Expression
  let root: Logic<LogTest>

  public init(_ text: String) throws(ExpressionProblem) {
    expression = try Expression(text, fields: Self.fields)
    root = expression.root.map { LogTest($0) }
  }

  /// As it was written.
  public var text: String { expression.text }

  public func matches(_ line: LogLine) -> Bool { matches(line.bytes, line.record?.fields, writer: line.proxy) }

  /// - Parameter writer: Whose log it is; `nil` where nobody knows, as of a file.
  public func matches(_ line: ProxyLogLine, writer: ProxyID? = nil) -> Bool {
    matches(line.text, line.record?.fields, writer: writer)
  }

  private func matches(_ text: LogText, _ fields: LogFields?, writer: ProxyID?) -> Bool {
    text.withBytes { line in
      let fields = fields ?? LogFields()
      return root.holds { $0.holds(line, fields, writer: writer) } == true
    }
  }

  /// What the word at the cursor can become.
  public static func completion(of text: String, at cursor: Int) -> ExpressionCompletion? {
    ExpressionCompletion(of: text, at: cursor, fields: fields)
  }
}

extension LogFilter: CustomStringConvertible {
  public var description: String { text }
}
