import MeshModel

/// An expression as it is typed: until it can be read, the last one that could stays in force.
struct TypedExpression: Equatable, Sendable {
  private(set) var text = ""
  /// `nil` while nothing is asked for.
  private(set) var expression: Expression?

  mutating func take(_ text: String, fields: [ExpressionField]) {
    self.text = text
    if text.allSatisfy(\.isWhitespace) {
      expression = nil
    } else if let readable = try? Expression(text, fields: fields) {
      expression = readable
    }
  }
}
