import MeshModel
import TerminalUI

// Which columns the table of lines has: typed as one line of names, as `meshdeck logs --columns` takes it.
extension State {
  mutating func askForColumns() {
    prompt = Prompt(.logColumns, logColumns.map(\.rawValue).joined(separator: ","))
  }

  /// - Returns: whether all names are those of columns; none are those of the settings.
  mutating func showColumns(_ text: String) -> Bool {
    do throws(LogColumn.UnknownName) {
      let columns = try LogColumn.list(text)
      logColumns = columns.isEmpty ? logSettings.columns : columns
      return true
    } catch {
      notice = error.description
      return false
    }
  }

  /// While they are typed: a name that is not whole changes nothing.
  mutating func previewColumns(_ text: String) {
    if let columns = try? LogColumn.list(text), !columns.isEmpty { logColumns = columns }
  }

  func columnsHint(_ prompt: Prompt) -> Line {
    if let line = prompt.offerLine { return line }
    let shown = (try? LogColumn.list(prompt.input.text)) ?? logColumns
    let others = LogColumn.allCases.filter { !shown.contains($0) }.map(\.rawValue)
    return [
      Span("tab ", .key), Span("the next name; empty: those of the settings   there are also ", .dim),
      Span(others.joined(separator: " "), .text),
    ]
  }

  /// Writes the rows that are shown; the shape follows from the name that was typed.
  mutating func saveLog(to path: String) -> [Effect] {
    guard let format = LogExtract.format(ofFile: path) else {
      notice = "\(path): the name ends in .log for text, .jsonl for JSON lines, or .csv for the table"
      return []
    }
    prompt = nil
    let rows = logTail.shown.compactMap { logTail.ring[$0]?.content }
    notice = "writing \(Figures.count(rows.count, "row", "rows")) to \(path)"
    return [.save(LogExtract(rows: rows, format: format, columns: logColumns), toNewFile: path)]
  }
}

extension LogColumn {
  /// Names that can stand where one is typed.
  static func completion(of text: String, at cursor: Int) -> ExpressionCompletion? {
    let before = Array(text.prefix(cursor))
    let start = before.lastIndex { $0 == "," || $0.isWhitespace }.map { $0 + 1 } ?? 0
    let typed = String(before[start...]).lowercased()
    let others = (try? list(String(before[..<start]))) ?? []
    let choices = allCases.filter { $0.rawValue.hasPrefix(typed) && !others.contains($0) }
    guard !choices.isEmpty else { return nil }
    return ExpressionCompletion(
      range: start..<before.count, choices: choices.map { .init(word: $0.rawValue, meaning: "") })
  }

  /// Its place in the table, by the name that filters ask by.
  func column(isNarrow: Bool) -> Column {
    let gap = isNarrow ? 1 : 2
    func column(_ minimum: Int, _ maximum: Int? = nil, priority: Int = 0, grows: Bool = false) -> Column {
      Column(
        rawValue.uppercased(), isNumber ? .right : .left, minimum: max(minimum, rawValue.count), maximum: maximum,
        priority: priority, grows: grows, gap: gap)
    }
    switch self {
    case .time: return column(12)
    case .pod: return column(12, 24, priority: 3)
    case .path: return column(isNarrow ? 10 : 20, grows: true)
    case .line, .msg: return column(20, grows: true)
    case .code: return column(4)
    case .flags: return column(5, 10)
    case .ms: return column(5, priority: 1)
    case .dst, .src, .upstream, .client: return column(12, 24, priority: 4)
    case .method: return column(6, priority: 5)
    case .dir: return column(3, priority: 6)
    case .id, .trace: return column(8, 36, priority: 7)
    case .upms, .sent, .received, .proto, .level: return column(6, priority: 2)
    case .ns, .host, .details, .cluster, .route, .ua, .xff, .sni, .component: return column(10, 28, priority: 2)
    }
  }

  /// How a request's value there looks.
  func role(in access: AccessFields) -> Role {
    switch self {
    case .code:
      switch access.code {
      case 500...: .failing
      case 400..<500, ...0: .warning
      default: .dim
      }
    case .flags, .details: access.flags.isEmpty ? .dim : .warning
    case .path: .strong
    case .time, .pod, .ns, .dir, .id, .trace: .dim
    default: .text
    }
  }

  /// What says whose a line is and when it was written, rather than what is in it.
  var isOfAnyLine: Bool { [.time, .pod, .ns].contains(self) }
}
