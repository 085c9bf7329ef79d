import MeshModel
import TerminalUI

/// How lines are looked at. It is kept when another log is opened.
struct LogLens: Equatable, Sendable {
  /// What is asked of lines, each as one text.
  enum Question: String, CaseIterable, Sendable {
    /// Only lines for which it holds are shown.
    case filter
    /// Lines for which it holds are not shown.
    case exclude
    /// Lines for which it holds are marked.
    case highlight

    var sign: String {
      switch self {
      case .filter: "/"
      case .exclude: "\\"
      case .highlight: "* "
      }
    }
  }

  private(set) var filter: LogFilter?
  private(set) var exclude: LogFilter?
  private(set) var highlight: LogFilter?
  /// Whether it is shown how many lines there were when.
  var isOverTime = true

  subscript(question: Question) -> LogFilter? {
    get {
      switch question {
      case .filter: filter
      case .exclude: exclude
      case .highlight: highlight
      }
    }
    set {
      switch question {
      case .filter: filter = newValue
      case .exclude: exclude = newValue
      case .highlight: highlight = newValue
      }
    }
  }

  /// Whether lines may be left out.
  var isSifting: Bool { filter != nil || exclude != nil }

  /// A mark is always shown: what is missing could have passed.
  func passes(_ entry: LogEntry) -> Bool {
    guard let line = entry.line else { return true }
    return filter?.matches(line) ?? true && !(exclude?.matches(line) ?? false)
  }

  func isHighlighted(_ line: LogLine) -> Bool { highlight?.matches(line) ?? false }

  /// What is asked, as it is typed.
  func line(_ questions: [Question]) -> Line {
    questions.reduce(Line([])) { line, question in
      guard let filter = self[question] else { return line }
      return line + Line("\(question.sign)\(filter.text)   ", .accent)
    }
  }
}
