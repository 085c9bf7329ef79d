import TerminalUI

extension Command {
  static let listCommands: [Command] = [
    Command("list.down", "next line", keys: [Key(.down), .character("j")], in: .list) { state, _ in
      state.move(.lines(1))
    },
    Command("list.up", "line before", keys: [Key(.up), .character("k")], in: .list) { state, _ in
      state.move(.lines(-1))
    },
    Command("list.pageDown", "a page down", keys: [Key(.pageDown), .control("f")], in: .list) { state, _ in
      state.move(.pages(1))
    },
    Command("list.pageUp", "a page up", keys: [Key(.pageUp), .control("b")], in: .list) { state, _ in
      state.move(.pages(-1))
    },
    Command("list.first", "first line", keys: [Key(.home), .character("g")], in: .list) { state, _ in
      state.move(.first)
    },
    Command("list.last", "last line", keys: [Key(.end), .character("G")], in: .list) { state, _ in
      state.move(.last)
    },
    Command("list.filter", "show only what contains a text", hint: "filter", keys: [.character("/")], in: .list) {
      state, _ in
      state.openPrompt()
      return []
    },
  ]

  static let screenCommands: [Command] =
    Screen.tabs.map { screen in
      Command(
        "screen.\(screen.title.lowercased())", "open \(screen.title)",
        keys: [.character(Character(String(screen.rawValue)))], in: .screens
      ) { state, _ in
        state.show(screen)
        return []
      }
    } + [
      Command("screen.next", "open the next screen", keys: [Key(.tab)], in: .screens) { state, _ in
        let place = Screen.tabs.firstIndex(of: state.screen) ?? -1
        state.show(Screen.tabs[(place + 1) % Screen.tabs.count])
        return []
      },
      Command("screen.back", "back: close the filter, then the screen", keys: [Key(.escape)], in: .screens) {
        state, _ in
        state.back()
        return []
      },
      Command(
        "help", "the keys of this screen, and all others", hint: "help", keys: [.character("?")], in: .screens,
        .weights, .ramp
      ) {
        state, _ in
        state.show(.help)
        return []
      },
      Command("window.shorter", "count traffic over less time", keys: [.character("[")], in: .screens) { state, _ in
        state.changeWindow(by: -1)
        return []
      },
      Command("window.longer", "count traffic over more time", keys: [.character("]")], in: .screens) { state, _ in
        state.changeWindow(by: 1)
        return []
      },
      Command("quit", "leave meshdeck", hint: "quit", keys: [.character("q")], in: .screens, .tooSmall) { state, _ in
        state.leave()
      },
      Command("quit.now", "leave meshdeck, whatever is open", keys: [.control("c")], in: .always) { state, _ in
        state.leave()
      },
      Command("suspend", "back to the shell; `fg` returns", keys: [.control("z")], in: .always) { _, _ in [.suspend] },
      Command("repaint", "paint the screen anew", keys: [.control("l")], in: .always) { _, _ in [.repaint] },
    ]
}

extension State {
  mutating func show(_ new: Screen) {
    if screen != .help { screenBefore = screen }
    screen = new
    if new == .graph { rebuildGraph() }
    if new == .changes { rebuildTimeline() }
    if new == .help { help = HelpPage() }
  }

  mutating func back() {
    if failedWrite != nil {
      failedWrite = nil
      return
    }
    switch screen {
    case .help: screen = screenBefore
    case .pulse: if !pulse.filter.isEmpty { setFilter("") }
    case .graph: backInGraph()
    case .routes where !routeList.filter.isEmpty: setFilter("")
    case .routes:
      // What is still on its way goes on; only its strip is put away.
      if underway.isEmpty { screen = .pulse } else { underway.removeLast() }
    case .proxies where !proxyList.filter.isEmpty: setFilter("")
    case .changes where changeList.isOpen: changeList.isOpen = false
    case .changes where !changeList.filter.text.isEmpty: filterChanges("")
    case .changes: screen = screenBefore == .changes ? .pulse : screenBefore
    case .logs where logTail.top != nil: logTail.top = nil
    case .logs where logTail.following != nil: logTail.following = nil
    case .logs where logTail.lens.isSifting:
      logTail.ask(.filter, "")
      logTail.ask(.exclude, "")
    case .proxies: screen = screenBefore == .proxies ? .pulse : screenBefore
    case .logs:
      logTail = LogTail(lens: logTail.lens, limit: logTail.ring.limit)
      screen = screenBefore == .logs ? .pulse : screenBefore
    }
  }

  mutating func move(_ movement: Movement) -> [Effect] {
    switch screen {
    case .pulse: moveInPulse(movement)
    case .graph: moveInEdges(movement)
    case .routes: moveInRoutes(movement)
    case .proxies: moveInProxies(movement)
    case .logs: moveInLogs(movement)
    case .changes: moveInChanges(movement)
    case .help: moveInHelp(movement)
    }
    return []
  }
}
