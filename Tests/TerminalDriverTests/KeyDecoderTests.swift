import Testing
import TerminalUI

@testable import TerminalDriver

@Suite struct KeyDecoderTests {
  @Test(arguments: [
    ("a", Key(.character("a"))), ("é", Key(.character("é"))), ("👍", Key(.character("👍"))),
    ("\r", Key(.enter)), ("\t", Key(.tab)), ("\u{7f}", Key(.backspace)),
    ("\u{3}", Key(.character("c"), .control)), ("\0", Key(.character(" "), .control)),
    ("\u{1b}a", Key(.character("a"), .alt)), ("\u{1b}\u{3}", Key(.character("c"), [.alt, .control])),
    ("\u{1b}[A", Key(.up)), ("\u{1b}OA", Key(.up)), ("\u{1b}[1;2D", Key(.left, .shift)),
    ("\u{1b}[1;6C", Key(.right, [.shift, .control])), ("\u{1b}[Z", Key(.tab, .shift)),
    ("\u{1b}[5~", Key(.pageUp)), ("\u{1b}[6~", Key(.pageDown)), ("\u{1b}[3~", Key(.delete)),
    ("\u{1b}[1~", Key(.home)), ("\u{1b}OF", Key(.end)), ("\u{1b}[8~", Key(.end)),
    ("\u{1b}OP", Key(.function(1))), ("\u{1b}[15~", Key(.function(5))), ("\u{1b}[[B", Key(.function(2))),
    ("\u{1b}[24;2~", Key(.function(12), .shift)), ("\u{1b}[97;5u", Key(.character("a"), .control)),
    ("\u{1b}[27u", Key(.escape)),
  ])
  func decodes(bytes: String, key: Key) {
    var whole = KeyDecoder()
    #expect(whole.take(bytes.utf8) == [.key(key)])
    #expect(!whole.isPending)
    var slow = KeyDecoder()
    #expect(bytes.utf8.flatMap { slow.take([$0]) } == [.key(key)], "byte by byte")
  }

  @Test func anEscapeAloneWaitsForTheDelay() {
    var decoder = KeyDecoder()
    #expect(decoder.take([0x1b]) == [])
    #expect(decoder.isPending)
    #expect(decoder.flush() == [.key(Key(.escape))])
    #expect(!decoder.isPending)
  }
}
