import MeshModel
import TerminalUI

extension State {
  /// Asks for the file's name.
  mutating func openSaving() {
    guard !logTail.shown.isEmpty else {
      notice = "there are no lines to save"
      return
    }
    let time = now.rfc3339.prefix(19).filter { $0 != "-" && $0 != ":" }
    prompt = Prompt(.saveLog, "logs-\(time).txt")
  }

  /// Saves the rows that are shown now, in the format that the name tells.
  mutating func saveLog(to path: String) -> [Effect] {
    guard let format = SavedLog.Format(file: path) else {
      notice = "\(path): the name ends in .txt or .log for the lines, .jsonl for JSON lines, or .csv"
      return []
    }
    prompt = nil
    return [.save(SavedLog(format: format, columns: logTail.lens.columns, rows: logTail.shownEntries), toNewFile: path)]
  }
}
