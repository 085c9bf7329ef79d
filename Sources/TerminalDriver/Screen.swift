internal import CNcurses
internal import Glibc
internal import TerminalUI

/// ncurses' idea of the screen: takes frames and gives the bytes that turn the last one into the next. ncurses keeps
/// its state for the whole process, so there can be one screen at a time; only the main thread may use it.
final class Screen {
  let depth: ColourDepth
  /// What makes the terminal leave the screen, whatever was drawn.
  let leaving: [UInt8]
  private(set) var size: Size
  private let output: CapturedOutput
  private let input: UnsafeMutablePointer<FILE>
  private let screen: OpaquePointer
  private var pairs: ColourPairs
  private var cells: CellEncoder
  private let look: (Style, ColourDepth) -> Look
  private var inks: [Style: Ink] = [:]
  private var shown: Frame?
  private var cursorIsShown = true
  private var isResized = false

  /// How ncurses draws a style.
  private typealias Ink = (attributes: attr_t, pair: Int32)

  init(
    terminal: String, depth: ColourDepth?, environment: (String) -> String?, size: Size, isUnicode: Bool,
    look: @escaping (Style, ColourDepth) -> Look
  ) throws(TerminalProblem) {
    let output = try CapturedOutput()
    let copy = dup(STDIN_FILENO)
    guard copy >= 0, let input = fdopen(copy, "r") else { throw TerminalProblem(.system("fdopen", errno)) }
    let claimsDirect = ColourClaim.isDirect(terminal: terminal, environment: environment)
    let wantsDirect = depth.map { $0 == .direct } ?? (claimsDirect && !ColourClaim.isRefused(environment))
    // The file in memory cannot tell ncurses the size.
    let opened = Self.having(["LINES": "\(size.rows)", "COLUMNS": "\(size.columns)"]) {
      Self.open(terminal, direct: wantsDirect, output.file, input)
        ?? (wantsDirect ? Self.open(terminal, direct: false, output.file, input) : nil)
    }
    guard let screen = opened else {
      fclose(input)
      throw TerminalProblem(.unknownTerminal(terminal))
    }
    self.output = output
    self.input = input
    self.screen = screen
    self.look = look
    self.size = size
    cells = CellEncoder(isUnicode: isUnicode)

    typeahead(-1)
    nonl()
    leaveok(shim_stdscr(), false)
    scrollok(shim_stdscr(), false)
    resizeterm(Int32(size.rows), Int32(size.columns))
    let most = ColourClaim.depth(colours: Int(shim_colors()))
    let wanted = depth ?? (ColourClaim.isRefused(environment) ? .none : .direct)
    self.depth = min(most, wanted)
    if self.depth > .none {
      start_color()
      use_default_colors()
    }
    pairs = ColourPairs(most: Int(shim_color_pairs()))

    let sequences = ["\u{1b}[?2004l", "sgr0", "op", "cnorm", "rmcup"].map { Array(Self.sequence($0)) }
    leaving = Array(sequences.joined())
  }

  deinit {
    delscreen(screen)
    fclose(input)
  }

  /// The bytes that turn what is shown into `frame`; none when nothing differs.
  func draw(_ frame: Frame) -> [UInt8] {
    guard frame != shown else { return [] }
    let window = shim_stdscr()
    for row in 0..<min(frame.size.rows, size.rows) { draw(row, of: frame, on: window) }
    placeCursor(frame.cursor, on: window)
    wnoutrefresh(window)
    doupdate()
    shown = frame
    let bytes = output.take()
    guard isResized, !bytes.isEmpty else { return bytes }
    isResized = false
    // Some terminals keep the rows that scroll when their size changes. It moves the cursor, but this frame starts anew.
    let scroll = shim_scroll_rows(0, Int32(size.rows - 1)).map { Array(String(cString: $0).utf8) } ?? []
    return scroll + bytes
  }

  /// Everything is drawn anew with the next frame.
  func forget() {
    shown = nil
    clearok(shim_curscr(), true)
  }

  func resize(to size: Size) {
    self.size = size
    resizeterm(Int32(size.rows), Int32(size.columns))
    werase(shim_stdscr())
    isResized = true
    forget()
  }

  /// The bytes that leave the screen; the next frame enters it again.
  func leave() -> [UInt8] {
    endwin()
    _ = output.take()
    forget()
    return leaving
  }

  // MARK: Drawing

  private func draw(_ row: Int, of frame: Frame, on window: UnsafeMutablePointer<WINDOW>?) {
    let columns = min(frame.size.columns, size.columns)
    let start = row * frame.size.columns
    var first = 0, end = columns
    if let shown, shown.size == frame.size {
      while first < end, frame.cells[start + first] == shown.cells[start + first] { first += 1 }
      while end > first, frame.cells[start + end - 1] == shown.cells[start + end - 1] { end -= 1 }
      guard first < end else { return }
      // A wide grapheme is drawn from its left half.
      while first > 0, frame.cells[start + first].text.isEmpty { first -= 1 }
    }
    var line: [cchar_t] = []
    line.reserveCapacity(end - first)
    var style: Style?
    var ink: Ink = (0, 0)
    for column in first..<end {
      let cell = frame.cells[start + column]
      // The left half has drawn it.
      if cell.text.isEmpty { continue }
      if cell.style != style {
        style = cell.style
        ink = self.ink(cell.style)
      }
      let isWide = column + 1 < columns && frame.cells[start + column + 1].text.isEmpty
      line.append(cells.encode(cell.text, columns: isWide ? 2 : 1, attributes: ink.attributes, pair: ink.pair))
    }
    mvwadd_wchnstr(window, Int32(row), Int32(first), line, Int32(line.count))
  }

  private func placeCursor(_ cursor: Point?, on window: UnsafeMutablePointer<WINDOW>?) {
    if let cursor, (0..<size.columns).contains(cursor.column), (0..<size.rows).contains(cursor.row) {
      wmove(window, Int32(cursor.row), Int32(cursor.column))
      if !cursorIsShown { curs_set(1) }
      cursorIsShown = true
    } else {
      if cursorIsShown { curs_set(0) }
      cursorIsShown = false
    }
  }

  private func ink(_ style: Style) -> Ink {
    if let ink = inks[style] { return ink }
    let look = look(style, depth)
    var attributes: attr_t = 0
    if look.attributes.contains(.bold) { attributes |= shim_bold }
    if look.attributes.contains(.dim) { attributes |= shim_dim }
    if look.attributes.contains(.italic) { attributes |= shim_italic }
    if look.attributes.contains(.underline) { attributes |= shim_underline }
    if look.attributes.contains(.reverse) { attributes |= shim_reverse }
    let pair = pairs.pair(look.foreground?.reduced(to: depth), look.background?.reduced(to: depth))
    let ink = (attributes, pair)
    inks[style] = ink
    return ink
  }

  // MARK: Terminfo

  private static func open(
    _ terminal: String, direct: Bool, _ output: UnsafeMutablePointer<FILE>, _ input: UnsafeMutablePointer<FILE>
  ) -> OpaquePointer? {
    guard !terminal.isEmpty else { return nil }
    guard direct else {
      guard let screen = newterm(terminal, output, input) else { return nil }
      // A terminal that cannot place its cursor (`dumb`) cannot show a frame.
      if shim_tigetstr("cup") != nil { return screen }
      endwin()
      delscreen(screen)
      return nil
    }
    return having(["TERMINFO": DirectColour.terminfo]) { newterm(DirectColour.terminal, output, input) }
  }

  /// Calls `body` with some variables of the environment set, which is how ncurses is told such things. Before other
  /// threads start: they may read the environment.
  private static func having(_ variables: [String: String], _ body: () -> OpaquePointer?) -> OpaquePointer? {
    let before = variables.keys.map { name in (name, getenv(name).map { String(cString: $0) }) }
    for (name, value) in variables { setenv(name, value, 1) }
    defer {
      for (name, value) in before {
        if let value { setenv(name, value, 1) } else { unsetenv(name) }
      }
    }
    return body()
  }

  /// The bytes of a terminfo capability, or of a sequence that is given as it is.
  private static func sequence(_ name: String) -> [UInt8] {
    if name.hasPrefix("\u{1b}") { return Array(name.utf8) }
    guard let bytes = shim_tigetstr(name) else { return [] }
    // Padding (`$<5>`) is for terminals of another age.
    var text = String(cString: bytes)[...]
    var plain = ""
    while let start = text.firstRange(of: "$<") {
      plain += text[..<start.lowerBound]
      text = text[start.upperBound...].drop { $0 != ">" }.dropFirst()
    }
    return Array((plain + text).utf8)
  }
}
