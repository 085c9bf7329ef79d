import MeshModel
import TerminalUI

extension State {
  /// What the controllers of the rule understand in place of a change under their hands.
  private func offers(of editor: WeightEditor) -> [ControllerAction] {
    if case .accepted(let preview) = editor.check { preview.reconcilers.flatMap(\.offers) } else { [] }
  }

  /// Asks about the next thing that a controller understands.
  mutating func nextOffer() -> [Effect] {
    guard var editor else { return [] }
    defer { self.editor = editor }
    let all = offers(of: editor)
    guard !all.isEmpty, editor.stage == .drafting || editor.stage == .confirming else {
      notice = "there is no controller here that could be told anything"
      return []
    }
    editor.stage = .drafting
    let place = editor.offer.flatMap(all.firstIndex(of:)).map { $0 + 1 } ?? 0
    editor.offer = place < all.count ? all[place] : nil
    return []
  }

  /// Sends what is asked about, by the road of every change.
  mutating func confirmOffer(_ editor: inout WeightEditor) -> [Effect] {
    guard case .name = confirmation(of: editor) else { return send(&editor) }
    prompt = Prompt(.confirm(revision: editor.revision), "")
    return []
  }

  /// The controller has been told: what it will do now is asked anew, the draft stays.
  mutating func offerTaken(_ applied: AppliedChange) -> [Effect] {
    notice = "#\(applied.id) written: \(applied.change.edit)"
    guard var editor else { return [.readHistory] }
    editor.offer = nil
    editor.note = nil
    editor.stage = .drafting
    guard editor.isChanged else {
      self.editor = editor
      return [.readHistory]
    }
    revision += 1
    editor.revision = revision
    editor.check = .waiting(isAsked: true)
    self.editor = editor
    return [.readHistory, .preview(editor.change, revision: revision)]
  }
}
