import MeshModel
import Peers
import TerminalUI
import Testing

@testable import Console

/// Screens as text, committed beside the tests. `RECORD=1 swift test` writes them.
enum Pictures {
  static let sizes = [Size(columns: 80, rows: 24), Size(columns: 118, rows: 36), Size(columns: 200, rows: 60)]

  static func frame(_ state: State, glyphs: Glyphs = .unicode) -> Frame {
    var frame = Frame(size: state.size, glyphs: glyphs)
    state.draw(on: &frame)
    return frame
  }

  /// Compares a screen with its picture, in all three sizes.
  static func expect(
    _ name: String, _ state: State, glyphs: Glyphs = .unicode, location: SourceLocation = #_sourceLocation
  ) throws {
    for size in sizes {
      var state = state
      _ = state.update(.terminal(.resize(size)))
      let frame = frame(state, glyphs: glyphs)
      var text = frame.text + "\n"
      if let cursor = frame.cursor { text += "cursor: column \(cursor.column), row \(cursor.row)\n" }
      try expectFile("Pictures/\(name)-\(size.columns)x\(size.rows).txt", text, location: location)
    }
  }

  static func expectFile(_ path: String, _ text: String, location: SourceLocation = #_sourceLocation) throws {
    let committed = try committedText(path, beside: #filePath, recording: text)
    #expect(committed == text, "\(path) differs; RECORD=1 writes it anew", sourceLocation: location)
  }
}
