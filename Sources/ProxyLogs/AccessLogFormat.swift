/// A format that somebody gave their access log, made a reader of: Envoy's format string
/// (https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage), or an object of such
/// strings, as `accessLogFormat` of Istio's MeshConfig holds it.
///
/// Where a client can write what stands between two operators into a header of its own, what stands before and behind
/// that header is still read from the two ends of the line: it garbles its own headers alone.
public struct AccessLogFormat: Hashable, Sendable {
  /// Why a text is no format, and where.
  public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
    /// In characters, from 1.
    public let column: Int
    public let what: String

    public var description: String { "column \(column): \(what)" }
  }

  enum Shape: Sendable {
    case text(AccessLogTemplate)
    /// By the keys of the object.
    case json([(key: [UInt8], value: AccessLogTemplate)])
  }

  /// The operators that are known.
  public static var operators: [String] { AccessLogTemplate.Operator.names }

  public static let longest = 16_384

  public let text: String
  let shape: Shape
  /// The operators that are not known here, with their columns; what they write is passed over.
  public let unknownOperators: [(name: String, column: Int)]

  public init(_ text: String) throws(Problem) {
    guard text.utf8.count <= Self.longest else {
      throw Problem(column: 1, what: "a format is at most \(Self.longest) bytes long")
    }
    self.text = text
    var parser = AccessLogFormatParser(text)
    shape = try parser.parse()
    unknownOperators = parser.unknown
  }

  public static func == (one: AccessLogFormat, other: AccessLogFormat) -> Bool { one.text == other.text }
  public func hash(into hasher: inout Hasher) { hasher.combine(text) }

  /// The format of the line, where it is written so.
  func read(_ line: Span<UInt8>, _ fields: inout LogFields) -> LogFormat? {
    switch shape {
    case .text(let template): return template.read(line, 0..<line.count, &fields) ? .customText : nil
    case .json(let members):
      guard line.count > 0, line[0] == UInt8(ascii: "{") else { return nil }
      var reader = JSONLogReader(line)
      return reader.read(line, members, &fields) ? .customJSON : nil
    }
  }
}
