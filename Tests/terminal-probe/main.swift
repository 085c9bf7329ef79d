// A program for the tests of TerminalDriver: shows what it is told by its terminal, and dies in the ways it is asked to.
import Glibc
import TerminalDriver
import TerminalUI

/// Colours enough to tell roles apart; the themes are tested elsewhere.
func look(_ style: Style, _ depth: ColourDepth) -> Look {
  var look = Look()
  if style.role == .failing { look.foreground = depth == .direct ? .rgb(red: 255, green: 96, blue: 64) : .indexed(9) }
  if style.role == .strong { look.attributes = .bold }
  if style.role == .key { look.attributes = .reverse }
  if style.ground == .selection { look.background = .rgb(red: 0, green: 0, blue: 175) }
  return look
}

func picture(_ terminal: Terminal, heard: [String]) -> Frame {
  var frame = Frame(size: terminal.size, glyphs: Terminal.isUnicode ? .unicode : .ascii)
  frame.put("size \(terminal.size.columns)x\(terminal.size.rows) \(terminal.depth)", at: Point(column: 0, row: 0))
  frame.put("failing", at: Point(column: 0, row: 1), .failing)
  frame.put("strong", at: Point(column: 8, row: 1), .strong)
  frame.put("key", at: Point(column: 15, row: 1), .key)
  frame.put("selected", at: Point(column: 19, row: 1), Style(.text, on: .selection))
  frame.put("漢字|e\u{301}|👩‍🚀|❤️|🇩🇪|", at: Point(column: 0, row: 2))
  frame.put("\u{1b}]0;pwned\u{7}\u{1b}[31mred\u{9b}2J\u{202e}txt", at: Point(column: 0, row: 3))
  for (index, line) in heard.suffix(max(0, terminal.size.rows - 5)).enumerated() {
    frame.put(line, at: Point(column: 0, row: 4 + index))
  }
  let ground = Rect(column: 0, row: terminal.size.rows - 1, columns: terminal.size.columns, rows: 1)
  frame.fill(ground, Style(.text, on: .selection))
  frame.put("end", at: Point(column: 0, row: terminal.size.rows - 1), limit: terminal.size.columns, align: .right)
  frame.cursor = Point(column: 3, row: 1)
  return frame
}

func describe(_ event: TerminalEvent) -> String {
  switch event {
  case .paste(let text): return "paste \(text)"
  case .resize(let size): return "resize \(size.columns)x\(size.rows)"
  case .key(let key):
    let held = [(Key.Modifiers.shift, "shift"), (.alt, "alt"), (.control, "control")]
    let code = if case .character(let character) = key.code { String(character) } else { "\(key.code)" }
    return (held.filter { key.modifiers.contains($0.0) }.map(\.1) + [code]).joined(separator: "-")
  }
}

func crash(_ way: Character, _ empty: [Int]) {
  switch way {
  case "1": print(empty[empty.count])
  case "2": abort()
  case "3": UnsafeMutablePointer<Int>(bitPattern: 8)?.pointee = empty.count
  case "4": kill(getpid(), SIGSEGV)
  case "5": kill(getpid(), SIGQUIT)
  case "6": fatalError("the last words\u{1b}[2J")
  default: break
  }
}

do {
  let terminal = try Terminal(look: look)
  let doorbell = terminal.doorbell
  var heard: [String] = []
  running: while true {
    terminal.draw(picture(terminal, heard: heard))
    let news = terminal.wait()
    if let ending = news.ending {
      terminal.close()
      ending.endProcess()
    }
    if news.isRung { heard.append("\(heard.count): rung") }
    for event in news.events {
      heard.append("\(heard.count): \(describe(event))")
      guard case .key(let key) = event, case .character(let character) = key.code else { continue }
      if character == "q" { break running }
      if character == "s" { terminal.suspend() }
      if character == "e" { _ = write(STDERR_FILENO, "a complaint\n", 12) }
      if character == "b" { Task.detached { doorbell.ring() } }
      crash(character, [])
    }
  }
  terminal.close()
  print("bye")
} catch {
  print(error)
  exit(2)
}
