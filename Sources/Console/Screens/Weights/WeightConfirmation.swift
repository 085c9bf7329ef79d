import MeshModel
import TerminalUI

extension State {
  /// How the draft is confirmed: the context and what the change moves decide.
  func confirmation(of editor: WeightEditor) -> Confirmation {
    let radius = if case .accepted(let preview) = editor.check { preview.radius } else { BlastRadius?.none }
    return Confirmation(of: editor.route, radius, in: identity.protection)
  }

  /// Sends a draft that the server's dry run has accepted, or asks for the name where one key is too little.
  mutating func confirmAccepted(_ editor: inout WeightEditor, _ preview: ChangePreview) -> [Effect] {
    if let refusal = preview.checks.refusal {
      notice = "not written: \(refusal)"
      editor.stage = .drafting
      return []
    }
    guard case .name = confirmation(of: editor) else { return send(&editor) }
    editor.stage = .confirming
    prompt = Prompt(.confirm(revision: editor.revision), "")
    return []
  }

  /// The name has been typed: only a draft that is still the one that was asked about is sent.
  mutating func confirmByName(_ text: String, revision: Int) -> [Effect] {
    guard var editor, editor.revision == revision, editor.stage == .confirming || editor.offer != nil,
      case .accepted = editor.check
    else {
      prompt = nil
      notice = "the rule has changed meanwhile: nothing was written"
      return []
    }
    guard confirmation(of: editor).isGiven(by: text) else {
      notice = "\"\(text)\" is not \(editor.route.resource.name): nothing was written"
      return []
    }
    prompt = nil
    defer { self.editor = editor }
    return send(&editor)
  }

  /// Why the draft is made, in the person's words.
  mutating func openNote() {
    guard let editor else { return }
    prompt = Prompt(.note, editor.note ?? "")
  }

  mutating func takeNote(_ text: String) {
    let text = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    editor?.note = text.isEmpty ? nil : String(text.prefix(ChangeDraft.longestNote))
  }
}
