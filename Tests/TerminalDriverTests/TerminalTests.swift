import Glibc
import Pseudoterminal
import Testing

@testable import TerminalDriver

/// A real program on a pseudo-terminal, read through libvterm.
@Suite struct TerminalTests {
  @Test func drawsEverythingInItsPlace() throws {
    let terminal = try Pseudoterminal()
    try terminal.wait(for: "end")
    #expect(terminal.row(0) == "size 60x12 indexed")
    #expect(terminal.row(1) == "failing strong key selected")
    #expect(terminal.row(11).hasSuffix("end") && terminal.row(11).count == 60)
    #expect(terminal.cell(column: 8, row: 1).isBold)
    #expect(terminal.cell(column: 15, row: 1).isReverse)
    #expect(terminal.cell(column: 19, row: 1).background == 0x000099)  // xterm's 19 as libvterm shows it
    #expect(terminal.cursor == (3, 1))
  }

  @Test(arguments: [("xterm-256color", ""), ("xterm-256color", "truecolor"), ("linux", "")])
  func aGroundReachesTheEdge(term: String, colorterm: String) throws {
    let terminal = try Pseudoterminal(environment: ["TERM": term, "COLORTERM": colorterm])
    try terminal.wait(for: "end")
    let ground = terminal.cell(column: 0, row: 11).background
    #expect(ground != -1)
    for column in 1..<60 { #expect(terminal.cell(column: column, row: 11).background == ground, "\(column)") }
  }

  @Test func everyGraphemeTakesItsColumns() throws {
    let terminal = try Pseudoterminal()
    try terminal.wait(for: "end")
    #expect(terminal.row(2) == "漢字|e\u{301}|👩|❤|DE|")
    let bars = [4, 6, 9, 11, 14]
    for column in bars { #expect(terminal.cell(column: column, row: 2).text == "|", "\(column)") }
  }

  @Test func noSequenceOfATextArrives() throws {
    let terminal = try Pseudoterminal()
    try terminal.wait(for: "end")
    #expect(terminal.row(3) == "·]0;pwned··[31mred·2J·txt")
    let written = String(decoding: terminal.written, as: UTF8.self)
    #expect(!written.contains("\u{1b}]0;"))
    #expect(!written.contains("\u{202e}"))
  }

  @Test(arguments: [
    ("a", "a"), ("é", "é"), ("\u{1b}[A", "up"), ("\u{1b}[1;2C", "shift-right"), ("\u{1b}", "escape"),
    ("\u{1b}x", "alt-x"), ("\u{3}", "control-c"), ("\u{1b}[200~two\rlines\u{1b}[201~", "paste two·lines"),
  ])
  func hearsKeys(bytes: String, word: String) throws {
    let terminal = try Pseudoterminal()
    try terminal.wait(for: "end")
    terminal.type(bytes)
    try terminal.wait(word) { $0.row(4) == "0: \(word)" }
  }

  @Test func isWokenByTheDoorbell() throws {
    let terminal = try Pseudoterminal(columns: 160)
    try terminal.wait(for: "end")
    terminal.type("b")
    try terminal.wait(for: "1: rung")
  }

  @Test func followsItsSize() throws {
    let terminal = try Pseudoterminal()
    try terminal.wait(for: "end")
    for (columns, rows) in [(100, 30), (20, 8), (80, 24)] {
      terminal.resize(columns: columns, rows: rows)
      try terminal.wait(for: "size \(columns)x\(rows)")
      try terminal.wait("end in its corner") { $0.row(rows - 1).hasSuffix("end") && $0.row(rows - 1).count == columns }
    }
  }

  @Test func anIdleTerminalIsWrittenNothing() throws {
    let terminal = try Pseudoterminal(columns: 160)
    try terminal.wait(for: "end")
    let before = terminal.written.count
    terminal.type("z")
    try terminal.wait(for: "0: z")
    // One row changed: the frame is that row.
    #expect(terminal.written.count - before < 200)
  }

  // MARK: Ways out

  @Test func quitsClean() throws {
    let terminal = try Pseudoterminal()
    try terminal.wait(for: "end")
    #expect(!terminal.isRestored)
    terminal.type("q")
    #expect(try terminal.waitForExit() == 0)
    #expect(terminal.isRestored && terminal.hasLeft)
    #expect(terminal.text.contains("bye"))
  }

  @Test(arguments: [SIGTERM, SIGHUP, SIGINT])
  func isToldToEnd(signal: Int32) throws {
    let terminal = try Pseudoterminal()
    try terminal.wait(for: "end")
    terminal.send(signal)
    #expect(try terminal.waitForExit() & 0x7f == signal)
    #expect(terminal.isRestored && terminal.hasLeft)
  }

  @Test(arguments: ["1", "2", "3", "4", "5", "6"])
  func crashesClean(way: String) throws {
    let terminal = try Pseudoterminal()
    try terminal.wait(for: "end")
    terminal.type(way)
    let status = try terminal.waitForExit()
    #expect([SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGQUIT].contains(status & 0x7f))
    #expect(terminal.isRestored && terminal.hasLeft)
    if way == "6" {
      let said = String(decoding: terminal.written, as: UTF8.self)
      // Behind what leaves the screen.
      let left = said.ranges(of: "\u{1b}[?1049l").last
      #expect(left.map { said[$0.upperBound...].contains("the last words?[2J") } == true)
    }
  }

  /// What a library writes to standard error does not stand on the screen, and is not lost.
  @Test func complaintsAreToldWhenTheScreenIsLeft() throws {
    let terminal = try Pseudoterminal()
    try terminal.wait(for: "end")
    terminal.type("e")
    try terminal.wait(for: "0: e")
    #expect(!String(decoding: terminal.written, as: UTF8.self).contains("a complaint"))
    terminal.type("q")
    #expect(try terminal.waitForExit() == 0)
    #expect(terminal.text.contains("a complaint"))
  }

  @Test func isStoppedAndGoesOn() throws {
    let shell = try Pseudoterminal("/bin/bash", ["--norc", "--noprofile", "-i"], columns: 160)
    shell.type("\(Pseudoterminal.probe)\r")
    try shell.wait(for: "end")
    // By the key, and by the program itself.
    for key in ["\u{1a}", "s", "\u{1a}"] {
      let before = shell.written.count
      shell.type(key)
      try shell.wait("the shell") {
        $0.hasLeftScreen && String(decoding: $0.written[before...], as: UTF8.self).contains("Stopped")
      }
      // Another size meanwhile.
      shell.resize(columns: shell.columns - 10, rows: 20)
      shell.type("fg\r")
      try shell.wait(for: "size \(shell.columns)x20")
      try shell.wait("the whole picture") { $0.row(1) == "failing strong key selected" && !$0.text.contains("Stopped") }
    }
    shell.type("q")
    try shell.wait("its last word") { $0.hasLeftScreen && $0.text.contains("bye") }
    shell.type("exit\r")
    #expect(try shell.waitForExit() == 0)
  }

  // MARK: Terminals

  @Test(arguments: [
    ("xterm-256color", "truecolor", "", "direct", 0xff6040), ("xterm-256color", "", "", "indexed", 0xff0000),
    ("tmux-256color", "truecolor", "", "direct", 0xff6040), ("screen-256color", "truecolor", "", "indexed", 0xff0000),
    ("linux", "", "", "sixteen", 0xe00000), ("vt100", "", "", "none", -1),
    ("xterm-256color", "truecolor", "1", "none", -1),
  ])
  func usesTheColoursThereAre(term: String, colorterm: String, noColor: String, depth: String, colour: Int) throws {
    let terminal = try Pseudoterminal(environment: ["TERM": term, "COLORTERM": colorterm, "NO_COLOR": noColor])
    try terminal.wait(for: "end")
    #expect(terminal.row(0) == "size 60x12 \(depth)")
    let cell = terminal.cell(column: 0, row: 1)
    if depth == "sixteen" || depth == "indexed" {
      #expect(cell.foreground != -1)
    } else {
      #expect(Int(cell.foreground) == colour)
    }
  }

  @Test func drawsAsciiWhereTheLocaleIsNotUnicode() throws {
    let terminal = try Pseudoterminal(environment: ["LC_ALL": "C"])
    try terminal.wait(for: "end")
    #expect(terminal.row(2) == "????|?|??|?|DE|")
    #expect(terminal.written.allSatisfy { $0 < 0x80 })
  }

  @Test(arguments: ["", "dumb", "no-such-terminal"])
  func saysThatItCannotDraw(term: String) throws {
    let terminal = try Pseudoterminal(columns: 200, environment: ["TERM": term])
    #expect(try terminal.waitForExit() >> 8 == 2)
    #expect(terminal.text.contains("The console "))
    #expect(terminal.text.contains("TERM"))
    #expect(terminal.isRestored)
    #expect(!terminal.written.contains(0x1b))
  }
}
