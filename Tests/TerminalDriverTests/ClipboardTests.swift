import Testing

@testable import TerminalDriver

@Suite struct ClipboardTests {
  private func sent(_ text: String) -> String? {
    Clipboard.bytes(text).map { String(decoding: $0, as: UTF8.self) }
  }

  /// RFC 4648, 10.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"),
  ])
  func isBase64(_ text: String, _ coded: String) { #expect(sent(text) == "\u{1b}]52;c;\(coded)\u{1b}\\") }

  @Test func nothingGetsOutOfIt() throws {
    let coded = try #require(sent("\u{1b}]52;c;!\u{7}\u{1b}\\\u{0}é"))
    #expect(
      coded.dropFirst(7).dropLast(2).allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "+/=".contains($0)) })
  }

  @Test func isBounded() {
    #expect(sent(String(repeating: "x", count: Clipboard.most))?.utf8.count == 7 + Clipboard.most / 3 * 4 + 2)
    #expect(sent(String(repeating: "x", count: Clipboard.most + 1)) == nil)
  }
}
