internal import CNcurses
internal import Glibc

/// Turns a cell's text into ncurses' form. The last guard of the screen: a character that the C library gives another
/// width than the frame did, or that it does not print, would shift the row, and is replaced.
struct CellEncoder {
  private struct Key: Hashable {
    var text: String
    var columns: Int
  }

  private let isUnicode: Bool
  private var known: [Key: [wchar_t]] = [:]

  init(isUnicode: Bool) { self.isUnicode = isUnicode }

  mutating func encode(_ text: String, columns: Int, attributes: attr_t, pair: Int32) -> cchar_t {
    var cell = cchar_t()
    if columns == 1, text.utf8.count == 1, let byte = text.utf8.first, byte >= 0x20, byte < 0x7f {
      var characters = (wchar_t(byte), wchar_t(0))
      withUnsafeBytes(of: &characters) { buffer in
        _ = shim_setcchar(&cell, buffer.baseAddress!.assumingMemoryBound(to: wchar_t.self), attributes, pair)
      }
      return cell
    }
    let key = Key(text: text, columns: columns)
    var characters = known[key]
    if characters == nil {
      characters = checked(text, columns: columns)
      // Names from outside must not fill the memory.
      if known.count >= 4_096 { known = [:] }
      known[key] = characters
    }
    _ = shim_setcchar(&cell, characters ?? [63, 0], attributes, pair)
    return cell
  }

  /// With the zero that ends it.
  private func checked(_ text: String, columns: Int) -> [wchar_t] {
    let question = wchar_t(UInt8(ascii: "?"))
    guard isUnicode else { return [question, 0] }
    let characters = text.unicodeScalars.prefix(Int(CCHARW_MAX)).map { wchar_t($0.value) }
    let widths = characters.map { wcwidth($0) }
    let isSafe = !characters.isEmpty && !widths.contains { $0 < 0 } && widths.reduce(0, +) == Int32(columns)
    if isSafe { return characters + [0] }
    // A full-width question mark has two columns.
    return [columns == 2 ? 0xFF1F : question, 0]
  }
}
