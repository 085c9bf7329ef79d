import ConsoleTestSupport
import MeshModel
import Synchronization
import TerminalUI
import Testing

@testable import ConsoleRuntime

/// A terminal in memory.
final class PaperTerminal: Display {
  var size: Size
  private(set) var frame: Frame
  private(set) var drawn = 0
  private(set) var repaints = 0
  private(set) var copied: String?
  private(set) var suspensions = 0

  init(size: Size) {
    self.size = size
    frame = Frame(size: size)
  }

  func draw(_ frame: Frame) {
    self.frame = frame
    drawn += 1
  }

  func wait(_ time: Duration?) -> [TerminalEvent]? { nil }
  func copy(_ text: String) -> Bool {
    copied = text
    return true
  }

  func suspend() { suspensions += 1 }
  func repaint() { repaints += 1 }
}

/// The whole runtime on a scripted mesh and a terminal in memory. Time stands still but for `pass`; what comes from the
/// mesh is waited for, never slept for.
final class Story {
  let mesh = ScriptedMesh()
  let terminal: PaperTerminal
  let loop: ConsoleLoop
  private let clock: Clock
  private let calls: AsyncStream<Void>.Iterator

  final class Clock {
    var passed: Duration = .zero
  }

  init(
    identity: MeshIdentity = Bookinfo.identity, size: Size = Size(columns: 118, rows: 36), screen: String? = "routes"
  ) {
    let terminal = PaperTerminal(size: size)
    let clock = Clock()
    let (calls, bell) = AsyncStream<Void>.makeStream()
    self.terminal = terminal
    self.clock = clock
    self.calls = calls.makeAsyncIterator()
    loop = ConsoleLoop(
      identity: identity, mesh: mesh, display: terminal, glyphs: .unicode,
      time: .init(now: { Bookinfo.start + clock.passed }, uptime: { clock.passed }), screen: screen
    ) { bell.yield() }
    mesh.routes.send(.value(Bookinfo.routes()))
    mesh.proxies.send(.value(Bookinfo.report()))
    mesh.traffic.send(.value(Bookinfo.sample()))
    loop.turn()
  }

  var screen: String { terminal.frame.text }

  /// Lets time pass; what was due happens.
  func pass(_ span: Duration) {
    clock.passed += span
    loop.turn()
  }

  /// Presses keys, one turn each: characters as they are; `⏎`, `⎋`, `←→↑↓` for the others.
  func press(_ keys: String) {
    for character in keys {
      let code: Key.Code =
        switch character {
        case "⏎": .enter
        case "⎋": .escape
        case "←": .left
        case "→": .right
        case "↑": .up
        case "↓": .down
        default: .character(character)
        }
      loop.turn([.key(Key(code))])
    }
  }

  func resize(_ columns: Int, _ rows: Int) {
    terminal.size = Size(columns: columns, rows: rows)
    loop.turn([.resize(terminal.size)])
  }

  /// Goes on until the screen shows a text. The tests' time limit bounds the wait.
  func sees(_ text: String) async { await until { $0.screen.contains(text) } }

  func until(_ condition: (Story) -> Bool) async {
    var calls = calls
    while true {
      loop.turn()
      // What is drawn waits for the next frame: nothing else passes the time here.
      if let wait = loop.untilNext, wait <= ConsoleLoop.frameInterval { pass(wait) }
      if condition(self) { return }
      if await calls.next() == nil { return }
    }
  }

  /// Until nothing that was asked for is unanswered or unshown.
  func idle() async { await until { $0.loop.isIdle } }
}
