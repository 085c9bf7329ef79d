/// A piece of text that looks alike.
public struct Span: Hashable, Sendable {
  public var text: String
  public var role: Role

  public init(_ text: String, _ role: Role = .text) {
    self.text = text
    self.role = role
  }
}

/// One row of text in pieces of different roles.
///
///     let line: Line = "seen " + Line("24.7", .strong) + Line(" ±1.2", .dim)
public struct Line: Hashable, Sendable, ExpressibleByStringLiteral, ExpressibleByArrayLiteral {
  public var spans: [Span]

  public init(_ spans: [Span]) { self.spans = spans }
  public init(_ text: String, _ role: Role = .text) { spans = [Span(text, role)] }
  public init(stringLiteral value: String) { self.init(value) }
  public init(arrayLiteral elements: Span...) { spans = elements }

  public var text: String { spans.map(\.text).joined() }
  public var isEmpty: Bool { spans.allSatisfy(\.text.isEmpty) }

  /// How many columns it takes on a terminal.
  public var columns: Int { spans.reduce(0) { $0 + CellWidth.columns(of: $1.text) } }

  public static func + (left: Line, right: Line) -> Line { Line(left.spans + right.spans) }
  public static func += (left: inout Line, right: Line) { left.spans += right.spans }
}
