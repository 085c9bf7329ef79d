import MeshModel
import TerminalUI

extension Command {
  static let changeCommands: [Command] = [
    Command(
      "changes.open", "show the change in full, or its line alone", hint: "open", keys: [Key(.enter)], in: .changes
    ) { state, _ in
      state.changeList.isOpen.toggle()
      return []
    },
    Command(
      "changes.undo", "undo the change: shows it and asks", hint: "undo", keys: [.character("u")], in: .changes
    ) { state, _ in
      state.undoSelectedChange()
    },
    Command(
      "changes.export", "write what is listed into a new file", hint: "export", keys: [.character("e")], in: .changes
    ) { state, _ in
      guard !state.changeList.rows.isEmpty else {
        state.notice = "there is nothing to export"
        return []
      }
      state.prompt = Prompt(.export, "")
      return []
    },
  ]
}

extension State {
  fileprivate mutating func undoSelectedChange() -> [Effect] {
    guard let entry = selectedChange else {
      notice = "there is no change to undo"
      return []
    }
    if let record = entry.record { return openUndo(of: record.id) }
    if let ramp = entry.ramp?.ramp {
      askAgain(about: ramp)
      return []
    }
    return entry.observed.map { openUndo(of: $0) } ?? []
  }

  /// The export's format follows from the name that was typed.
  mutating func exportChanges(to path: String) -> [Effect] {
    let rows = changeList.rows
    let text: String
    switch path.split(separator: ".").last {
    case "md": text = TimelineExport.markdown(rows, of: identity, at: now)
    case "jsonl": text = TimelineExport.jsonLines(rows)
    default:
      notice = "\(path): the name ends in .md for Markdown, or .jsonl for JSON lines"
      return []
    }
    prompt = nil
    return [.write(text, toNewFile: path)]
  }

  mutating func exported(_ path: String, _ problem: String?) {
    notice = problem.map { "\(path) was not written: \($0)" } ?? "\(path) is written"
  }
}
