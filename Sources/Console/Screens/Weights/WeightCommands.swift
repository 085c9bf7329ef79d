import MeshModel
import TerminalUI

extension Command {
  static let weightCommands: [Command] = [
    Command(
      "weights.apply", "apply the draft: asks first, then writes", hint: "apply", keys: [Key(.enter)], in: .weights,
      writes: true
    ) {
      state, _ in
      state.confirmDraft()
    },
    Command(
      "weights.leave", "leave; what is on its way goes on", hint: "leave", keys: [Key(.escape)], in: .weights, .ramp
    ) {
      state, _ in
      state.leaveEditor()
    },
    Command("weights.select", "next destination", keys: [Key(.down), .character("j"), Key(.tab)], in: .weights) {
      state, _ in
      state.editor?.select(by: 1)
      return []
    },
    Command("weights.selectBefore", "destination before", keys: [Key(.up), .character("k")], in: .weights) { state, _ in
      state.editor?.select(by: -1)
      return []
    },
    stepping("weights.less", "one percent less", [Key(.left), .character("-")], -1),
    stepping("weights.more", "one percent more", [Key(.right), .character("+")], 1),
    stepping("weights.muchLess", "five percent less", [Key(.left, .shift), .character("[")], -5),
    stepping("weights.muchMore", "five percent more", [Key(.right, .shift), .character("]")], 5),
    Command("weights.type", "type the percentage", keys: Key.digits, in: .weights) { state, key in
      state.type(digit: key.digit ?? 0)
    },
    Command("weights.erase", "take back a typed digit", keys: [Key(.backspace)], in: .weights) { state, _ in
      state.eraseDigit()
    },
    Command(
      "weights.zero", "nothing to this destination; the others take its share", hint: "zero", keys: [.character("z")],
      in: .weights
    ) {
      state, _ in
      state.give(percent: 0)
    },
    Command("weights.even", "the same to every free destination", hint: "even", keys: [.character("e")], in: .weights) {
      state, _ in
      state.edit {
        $0.endTyping()
        $0.draft = $0.draft.even(pinning: $0.pinned)
      }
    },
    Command(
      "weights.swap", "change places with the next free destination", hint: "swap", keys: [.character("s")],
      in: .weights
    ) {
      state, _ in
      state.swapShares()
    },
    Command("weights.pin", "pin or unpin this destination's share", hint: "pin", keys: [.character(" ")], in: .weights)
    {
      state, _ in
      state.togglePin()
      return []
    },
    Command("weights.reset", "back to what the resource says", keys: [.character("x")], in: .weights) { state, _ in
      state.edit {
        $0.endTyping()
        $0.draft = $0.base
      }
    },
    Command(
      "weights.takeTheirs", "after a conflict: take their weights as the base", keys: [.character("t")], in: .weights
    ) {
      state, _ in
      state.takeTheirs()
    },
    Command(
      "weights.offer", "instead: tell the controller that keeps this rule (pause, suspend, abort …)",
      keys: [.character("o")], in: .weights, writes: true
    ) { state, _ in
      state.nextOffer()
    },
    Command("weights.note", "why: a note for the journal", hint: "note", keys: [.character("n")], in: .weights) {
      state, _ in
      state.openNote()
      return []
    },
  ]

  private static func stepping(_ name: String, _ title: String, _ keys: [Key], _ points: Int) -> Command {
    Command(name, title, keys: keys, in: .weights) { state, _ in
      guard state.canGive() else { return [] }
      return state.edit {
        $0.endTyping()
        $0.draft = $0.draft.stepping($0.selected, by: points, pinning: $0.pinned)
      }
    }
  }
}

extension State {
  /// Whether anything can take or give what the selected share loses or gains; says so where not.
  fileprivate mutating func canGive() -> Bool {
    guard let editor else { return false }
    if editor.free.isEmpty {
      notice = "every other share is pinned: nothing can take or give; space unpins"
      return false
    }
    return true
  }

  fileprivate mutating func give(percent: Int) -> [Effect] {
    guard canGive() else { return [] }
    return edit {
      $0.endTyping()
      $0.draft = $0.draft.giving(percent: percent, to: $0.selected, pinning: $0.pinned)
    }
  }

  fileprivate mutating func type(digit: Int) -> [Effect] {
    guard canGive(), let editor else { return [] }
    let typed = editor.typed == "0" ? String(digit) : editor.typed + String(digit)
    // One digit too many is kept and refused: dropped, it would leave a share that nobody typed.
    defer { notice = self.editor?.typingRefusal ?? notice }
    return editor.typingRefusal == nil ? edit { $0.type(typed) } : []
  }

  fileprivate mutating func eraseDigit() -> [Effect] {
    guard let editor, !editor.typed.isEmpty else { return [] }
    return edit { $0.type(String(editor.typed.dropLast())) }
  }

  fileprivate mutating func swapShares() -> [Effect] {
    guard let editor else { return [] }
    let all = editor.draft.destinations
    guard let place = all.firstIndex(of: editor.selected), !editor.pinned.contains(editor.selected),
      let other = (all[(place + 1)...] + all[..<place]).first(where: { !editor.pinned.contains($0) })
    else {
      notice = "there is no other free share to swap with"
      return []
    }
    return edit {
      $0.endTyping()
      $0.draft = $0.draft.swapping($0.selected, other)
    }
  }

  fileprivate mutating func togglePin() {
    guard var editor else { return }
    editor.endTyping()
    if editor.pinned.remove(editor.selected) == nil { editor.pinned.insert(editor.selected) }
    self.editor = editor
  }
}
