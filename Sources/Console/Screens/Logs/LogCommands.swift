import MeshModel
import ProxyLogs
import TerminalUI

extension Command {
  static let logCommands: [Command] = [
    Command("logs.pause", "pause, or follow again", hint: "pause", keys: [.character(" ")], in: .logs) { state, _ in
      state.togglePause()
      return []
    },
    Command("logs.follow", "go to the newest line and follow", hint: "follow", keys: [.character("f")], in: .logs) {
      state, _ in
      state.logTail.mode = .following
      return []
    },
    Command(
      "logs.request", "follow the request of the line through all proxies, or leave it", hint: "follow request",
      keys: [.character("x")], in: .logs
    ) { state, _ in
      state.followRequest()
      return []
    },
    Command("logs.copy", "copy the line", hint: "copy", keys: [.character("y")], in: .logs) { state, _ in
      guard let line = state.logTail.entry(state.logTail.selected)?.line else { return [] }
      return [.copy(line.text)]
    },
    Command(
      "logs.debug", "let the line's proxy write debug for 5 minutes, then what it wrote before",
      hint: "debug for 5 m", keys: [.character("d")], in: .logs, writes: true
    ) { state, _ in
      guard let line = state.logTail.entry(state.logTail.selected)?.line else { return [] }
      return [.setLevel(LogLevelSetting(proxy: line.proxy, level: .debug))]
    },
    Command("logs.right", "show more of the right", keys: [Key(.right)], in: .logs) { state, _ in
      state.logTail.pan = min(state.logTail.pan + 20, 16_384)
      return []
    },
    Command("logs.left", "back to the left", keys: [Key(.left)], in: .logs) { state, _ in
      state.logTail.pan = max(0, state.logTail.pan - 20)
      return []
    },
  ]
}

extension State {
  /// Tails what is selected on this screen.
  mutating func openLogs() {
    let query: LogQuery? =
      switch screen {
      case .pulse: logQueryOfFinding
      case .graph: graphDestination.map(LogQuery.destination)
      case .routes:
        (editor?.selected ?? routeList.selection?.destination).map(LogQuery.destination)
      case .proxies: proxyList.selection.map(LogQuery.proxy)
      case .logs, .changes, .help: nil
      }
    guard let query else {
      notice = "nothing is selected whose log could be shown"
      return
    }
    if query != logTail.query { logTail = LogTail(query) }
    show(.logs)
  }

  mutating func followRequest() {
    guard logTail.following == nil else {
      logTail.following = nil
      return
    }
    guard let line = logTail.entry(logTail.selected)?.line, let access = line.access, access.requestID != "-" else {
      notice = "the line names no request"
      return
    }
    let times = line.time...max(line.time, line.time + (access.duration ?? .zero))
    logTail.following = FollowedRequest(id: access.requestID, times: times)
    if logTail.mode == .following { togglePause() }
  }

  mutating func togglePause() {
    switch logTail.mode {
    case .following:
      guard !logTail.shown.isEmpty else { return }
      let last = logTail.shown.count - 1
      logTail.scrolling.moved(from: last, to: last, count: logTail.shown.count, height: LogsLayout(self).list.rows)
      logTail.mode = .paused(at: logTail.shown[last])
    case .paused: logTail.mode = .following
    }
  }

  mutating func moveInLogs(_ movement: Movement) {
    let tail = logTail
    let height = LogsLayout(self).list.rows
    guard let target = movement.target(from: tail.selected, count: tail.shown.count, height: height) else { return }
    let start = tail.mode == .following ? tail.shown.count - 1 : tail.selected
    if tail.mode == .following {
      // Following, the newest row is the lowest of the window.
      logTail.scrolling.moved(from: 0, to: tail.shown.count - 1, count: tail.shown.count, height: height)
    }
    logTail.scrolling.moved(from: start, to: target, count: tail.shown.count, height: height)
    logTail.mode = movement == .last ? .following : .paused(at: tail.shown[target])
  }
}
