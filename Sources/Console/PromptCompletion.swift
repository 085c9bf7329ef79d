import MeshGraph
import MeshModel
import TerminalUI

extension Prompt {
  /// Words that can stand where one is being typed, and which of them was put there last.
  struct Offer: Equatable, Sendable {
    let completion: ExpressionCompletion
    var chosen: Int

    /// Where that word stands.
    var range: Range<Int> {
      let start = completion.range.lowerBound
      return start..<start + completion.choices[chosen].word.count
    }
  }

  /// What an expression that is typed here can ask about; `nil` where none is typed.
  var fields: [ExpressionField]? {
    switch purpose {
    case .hide, .find: GraphSubject.fields
    case .logs: LogFilter.fields
    case .changes: TimelineEntry.fields
    case .filter, .moment, .logMoment, .logSource, .logColumns, .saveLog, .export, .confirm, .note, .ramp: nil
    }
  }

  /// What is wrong with the expression that is typed.
  var problem: ExpressionProblem? {
    guard let fields, !input.text.allSatisfy(\.isWhitespace) else { return nil }
    do throws(ExpressionProblem) {
      _ = try Expression(input.text, fields: fields)
      return nil
    } catch { return error }
  }

  /// What the word at the cursor can become.
  var completion: ExpressionCompletion? {
    if purpose == .logColumns { return LogColumn.completion(of: input.text, at: input.position) }
    return fields.flatMap { ExpressionCompletion(of: input.text, at: input.position, fields: $0) }
  }

  /// Whether the word at the cursor may become the name of a field.
  var isAtField: Bool { completion.map { !$0.range.isEmpty && isOfFields($0) } ?? false }

  private func isOfFields(_ completion: ExpressionCompletion) -> Bool {
    fields?.contains { $0.name == completion.choices[0].word } ?? false
  }

  /// Puts in the first word that can stand at the cursor; asked again, the next one in its place.
  mutating func complete() {
    var next: Offer
    if let last = offer {
      next = last
      next.chosen = (last.chosen + 1) % last.completion.choices.count
      input.replace(last.range, with: next.completion.choices[next.chosen].word)
    } else {
      guard let completion else { return }
      next = Offer(completion: completion, chosen: 0)
      input.replace(completion.range, with: completion.choices[0].word)
    }
    offer = next
    // What is alone need not be chosen: on to the next word.
    if next.completion.choices.count == 1 {
      input.insert(purpose == .logColumns ? "," : " ")
      offer = nil
    }
  }

  /// The words that `tab` goes through now.
  var offerLine: Line? { offer.map { Self.line($0.completion, chosen: $0.chosen) } }

  /// What can be typed, or what is wrong with what is, and where.
  var expressionHint: Line? {
    guard let fields else { return nil }
    if let offerLine { return offerLine }
    let problem = problem
    // What is still being typed is not wrong yet.
    if let completion, !isRefused, !completion.range.isEmpty || !isOfFields(completion),
      problem.map({ $0.column > completion.range.lowerBound }) ?? true
    {
      return Self.line(completion, chosen: nil)
    }
    if let problem { return Line("\(problem)", .warning) }
    let names = fields.map(\.name).joined(separator: " ")
    return Line("words, or \(names), with = ~ < > and or not ( )", .dim)
  }

  private static func line(_ completion: ExpressionCompletion, chosen: Int?) -> Line {
    let choices = completion.choices
    if choices.count == 1 { return [Span(choices[0].word, .text), Span("  \(choices[0].meaning)", .dim)] }
    var line: Line = [Span("tab ", .key)]
    for (place, choice) in choices.enumerated() {
      line += Line(" \(choice.word)", place == chosen ? .accent : .dim)
    }
    return line
  }
}

extension Frame {
  /// Marks in the line that is typed, where the cursor has been placed, the character that a problem is about.
  mutating func mark(_ problem: ExpressionProblem, in input: TextInput, within field: Rect) {
    guard let cursor else { return }
    let place = problem.column - 1
    let between = min(place, input.position)..<max(place, input.position)
    let columns = Line(String(input.text.dropFirst(between.lowerBound).prefix(between.count))).columns
    let column = cursor.column + (place < input.position ? -columns : columns)
    let cell = Rect(column: column, row: field.row, columns: 1, rows: 1).intersection(field)
    restyle(cell, role: .failing, ground: .selection)
  }
}
