internal import CNcurses
internal import Glibc
public import TerminalUI

/// The terminal that the program was started on: shows frames, tells what is typed, and is given back as it was on
/// every way out: `close()`, a signal, being stopped, a crash. What is written to standard error meanwhile is told then.
///
/// There can be one at a time, and only the main thread may use it; `doorbell` may be rung from any.
///
///     let terminal = try Terminal(look: theme.look)
///     while true {
///       terminal.draw(frame)
///       let news = terminal.wait(.seconds(1))
///       if let ending = news.ending { terminal.close(); ending.endProcess() }
///     }
public final class Terminal {
  /// What happened while waiting.
  public struct News: Hashable, Sendable {
    /// What was typed, and whether the size changed, in order.
    public var events: [TerminalEvent] = []
    /// Someone rang the doorbell.
    public var isRung = false
    /// The program is to end. `close()` the terminal first.
    public var ending: Ending?
  }

  /// Wakes `wait` from any thread.
  public let doorbell: Doorbell
  /// What the terminal can show, or is wanted to.
  public var depth: ColourDepth { screen.depth }
  public private(set) var size: Size

  /// How long after an escape more bytes may come that belong to it.
  private static let escapeDelay: Duration = .milliseconds(25)

  private let line: TerminalLine
  private let signals: Signals
  private let screen: Screen
  private let errors: HeldErrors?
  private var crashGuard: CrashGuard?
  private var decoder = KeyDecoder()
  private var shown: Frame?
  private var isEntered = false
  /// Signals that were read while the terminal took no bytes.
  private var unheard: [Int32] = []
  /// A new size that nobody was told yet.
  private var unheardSize: Size?
  private var isGone = false

  /// Whether the locale can show more than ASCII: choose the glyphs by it.
  public static var isUnicode: Bool {
    setlocale(LC_CTYPE, "")
    return String(cString: nl_langinfo(nl_item(CODESET))) == "UTF-8"
  }

  /// Takes the terminal over.
  /// - Parameters:
  ///   - depth: How many colours to use at most; `nil` leaves it to the terminal and `NO_COLOR`.
  ///   - look: What a style comes to with so many colours. It is asked once for each style.
  /// - Throws: A sentence for the person who started the program; exit code 2.
  public init(depth: ColourDepth? = nil, look: @escaping (Style, ColourDepth) -> Look) throws(TerminalProblem) {
    line = try TerminalLine()
    let isUnicode = Self.isUnicode
    doorbell = try Doorbell()
    size = line.size
    // Before ncurses starts: it takes the signals that it finds free.
    signals = try Signals()
    screen = try Screen(
      terminal: environment("TERM") ?? "", depth: depth, environment: environment, size: size, isUnicode: isUnicode,
      look: look)
    errors = try HeldErrors()
    crashGuard = CrashGuard(
      terminal: line.output, bytes: screen.leaving, settings: line.before, errors: errors?.whenCrashing)
    line.makeRaw()
    errors?.hold()
  }

  deinit { close() }

  /// Shows a frame. It costs what changed since the last one: nothing where nothing did.
  public func draw(_ frame: Frame) {
    guard crashGuard != nil, !isGone else { return }
    shown = frame
    let bytes = screen.draw(frame)
    guard !bytes.isEmpty else { return }
    var whole: [UInt8] = []
    if !isEntered {
      isEntered = true
      whole += "\u{1b}[?2004h".utf8
    }
    // Synchronized output (DEC 2026): the frame appears at once. Terminals that do not know it ignore it; those of few
    // colours may be old enough not to.
    let isSynchronized = screen.depth >= .indexed
    if isSynchronized { whole += "\u{1b}[?2026h".utf8 }
    whole += bytes
    if isSynchronized { whole += "\u{1b}[?2026l".utf8 }
    send(whole)
  }

  /// Waits until something happens, at most for `time`; `nil` waits for ever.
  public func wait(_ time: Duration? = nil) -> News {
    let clock = ContinuousClock()
    let end = time.map { clock.now + $0 }
    errors?.forgetWhatIsTooMuch()
    while true {
      let escape = decoder.isPending ? clock.now + Self.escapeDelay : nil
      let soonest = [end, escape].compactMap { $0 }.min()
      var sources = [line.input, signals.hearing, doorbell.hearing].map {
        pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
      }
      if unheard.isEmpty, unheardSize == nil, !isGone {
        poll(&sources, nfds_t(sources.count), soonest.map { milliseconds($0 - clock.now) } ?? -1)
      }
      var news = News()
      if sources[1].revents != 0 || !unheard.isEmpty { hear(&news) }
      if let size = unheardSize { news.events.append(.resize(size)) }
      unheardSize = nil
      if sources[0].revents != 0 { read(&news) }
      if isGone { news.ending = news.ending ?? .hangUp }
      if sources[2].revents != 0 { news.isRung = doorbell.wasRung() }
      if let escape, sources[0].revents == 0, clock.now >= escape { news.events += decoder.flush() }
      if news != News() { return news }
      if let end, clock.now >= end { return news }
    }
  }

  /// Gives the terminal back and stops the process, as `C-z` does; returns when it goes on, with the last frame shown.
  public func suspend() {
    leave()
    signals.stopProcess()
    // What made it go on was a SIGCONT.
    unheard += signals.arrived().filter { $0 != SIGCONT }
    comeBack()
  }

  /// Shows the last frame anew, whatever stands on the terminal.
  public func repaint() {
    screen.forget()
    if let shown { draw(shown) }
  }

  /// Puts a text into the clipboard of whoever looks at the terminal, where the terminal lets programs do so; it tells
  /// nobody whether it did.
  /// - Returns: False for a text that is too long.
  public func copy(_ text: String) -> Bool {
    guard let bytes = Clipboard.bytes(text) else { return false }
    if crashGuard != nil, !isGone { send(bytes) }
    return true
  }

  /// Gives the terminal back as it was. Nothing can be drawn after this.
  public func close() {
    guard crashGuard != nil else { return }
    leave()
    crashGuard = nil
    signals.release()
  }

  // MARK: Inside

  private func read(_ news: inout News) {
    let bytes = drain(line.input)
    if bytes.isEmpty {
      // A terminal that is ready and has nothing to say has hung up.
      isGone = true
    } else {
      news.events += decoder.take(bytes)
    }
  }

  private func hear(_ news: inout News) {
    let arrived = unheard + signals.arrived()
    unheard = []
    for signal in arrived {
      switch signal {
      case SIGTSTP: suspend()
      case SIGCONT: comeBack()
      case SIGWINCH: measure()
      default: news.ending = news.ending ?? Ending(signal: signal)
      }
    }
  }

  private func leave() {
    let bytes = screen.leave()
    isEntered = false
    if !isGone { _ = line.write(bytes) { signalsEnd() } }
    line.restore()
    errors?.tell()
  }

  /// The shell may have changed everything meanwhile.
  private func comeBack() {
    line.makeRaw()
    errors?.hold()
    isEntered = false
    measure()
    repaint()
  }

  private func measure() {
    let now = line.size
    guard now != size else { return }
    size = now
    screen.resize(to: now)
    unheardSize = now
  }

  private func send(_ bytes: [UInt8]) {
    guard !line.write(bytes, unless: signalsEnd) else { return }
    isGone = unheard.isEmpty
  }

  /// Whether a signal has come that must not wait until the terminal takes bytes again.
  private func signalsEnd() -> Bool {
    unheard += signals.arrived()
    return unheard.contains { Ending(signal: $0) != nil }
  }

  private func milliseconds(_ duration: Duration) -> Int32 {
    let (seconds, attoseconds) = duration.components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    return Int32(clamping: min(seconds, 86_400) * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }
}

private func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
