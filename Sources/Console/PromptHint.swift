import MeshModel
import TerminalUI

extension State {
  /// What can be typed, or what is wrong with what is.
  func hint(for prompt: Prompt) -> Line? {
    switch prompt.purpose {
    case .filter: return nil
    case .note: return Line("a note for the journal: why this change is made", .dim)
    case .ramp: return rampHint(prompt.input.text)
    case .confirm:
      guard let editor, case .name(let name, let reason) = confirmation(of: editor) else { return nil }
      return Line("type \(name) to say that it is meant: \(reason)", .warning)
    case .moment: return Line("10m ago, 02:14 (UTC), 2026-11-23T02:14:00Z; empty is now", .dim)
    case .logSource: return Line(Self.sourcesThatCanBeTyped, .dim)
    case .logColumns: return columnsHint(prompt)
    case .saveLog: return Line("a new file, .log for text, .jsonl for JSON lines or .csv for the table", .dim)
    case .logMoment: return Line("10m ago, 02:14 (UTC), 2026-11-23T02:14:00Z", .dim)
    case .export: return Line("a new file, .md for Markdown or .jsonl for JSON lines", .dim)
    case .hide, .find, .logs, .changes: return prompt.expressionHint
    }
  }
}
