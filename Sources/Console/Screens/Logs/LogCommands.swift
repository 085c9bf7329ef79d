import MeshModel
import ProxyLogs
import TerminalUI

extension Command {
  static let logCommands: [Command] = [
    Command("logs.pause", "pause, or follow again", hint: "pause", keys: [.character(" ")], in: .logs) { state, _ in
      state.togglePause()
      return []
    },
    asking(.filter, "show only lines for which an expression holds: code >= 500 and dst = v3", "/", hint: "filter"),
    asking(.exclude, "leave out lines for which an expression holds: path ~ /health", "\\"),
    asking(.highlight, "mark lines for which an expression holds", "h"),
    Command(
      "logs.nextError", "the next line that tells of an error", hint: "next error", keys: [.character("e")], in: .logs
    ) { state, _ in
      state.goTo(errorIn: .next)
      return []
    },
    Command(
      "logs.errorBefore", "the line before that tells of an error", keys: [.character("E")], in: .logs
    ) { state, _ in
      state.goTo(errorIn: .before)
      return []
    },
    Command("logs.mark", "mark the line, or take its mark away", keys: [.character("m")], in: .logs) { state, _ in
      state.logTail.toggleMark()
      return []
    },
    Command("logs.nextMark", "the next line that is marked", keys: [.character("u")], in: .logs) { state, _ in
      state.goTo(markIn: .next)
      return []
    },
    Command("logs.markBefore", "the line before that is marked", keys: [.character("U")], in: .logs) { state, _ in
      state.goTo(markIn: .before)
      return []
    },
    Command("logs.moment", "go to a time: 10m, 02:14, or a date", keys: [.character("T")], in: .logs) { state, _ in
      if state.logTail.query != nil { state.prompt = Prompt(.logMoment, "") }
      return []
    },
    Command("logs.follow", "go to the newest line and follow", keys: [.character("f")], in: .logs) {
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
    Command(
      "logs.overTime", "how many lines there were when, or not", hint: "over time", keys: [.character("i")], in: .logs
    ) { state, _ in
      state.logTail.lens.isOverTime.toggle()
      return []
    },
    Command(
      "logs.choose", "choose whose logs: reviews/v3, ns/bookinfo", hint: "logs of", keys: [.character("l")], in: .logs
    ) {
      state, _ in
      state.askForLogs()
      return []
    },
    Command(
      "logs.columns", "choose and order the columns: time,pod,code,path", hint: "columns", keys: [.character("c")],
      in: .logs
    ) { state, _ in
      if state.logTail.query != nil { state.askForColumns() }
      return []
    },
    Command(
      "logs.save", "write the lines that are shown into a new file", hint: "save", keys: [.character("s")], in: .logs
    ) { state, _ in
      guard !state.logTail.shown.isEmpty else {
        state.notice = "there are no lines to save"
        return []
      }
      state.prompt = Prompt(.saveLog, "")
      return []
    },
    Command(
      "logs.top", "what stands most often in the lines that are shown, or the lines", hint: "top",
      keys: [.character("t")], in: .logs, .logTop
    ) { state, _ in
      state.toggleTop()
      return []
    },
    Command(
      "top.narrow", "show the lines of the row alone: adds to the filter", hint: "narrow", keys: [Key(.enter)],
      in: .logTop
    ) { state, _ in
      state.narrowToTop(.filter)
      return []
    },
    Command(
      "top.exclude", "leave out the lines of the row", hint: "leave out", keys: [.character("-")], in: .logTop
    ) { state, _ in
      state.narrowToTop(.exclude)
      return []
    },
    Command("top.next", "count by the next subject", hint: "next", keys: [Key(.right), Key(.tab)], in: .logTop) {
      state, _ in
      state.countBy(step: 1)
      return []
    },
    Command("top.before", "count by the subject before", keys: [Key(.left)], in: .logTop) { state, _ in
      state.countBy(step: -1)
      return []
    },
    Command("logs.copy", "copy the line", keys: [.character("y")], in: .logs) { state, _ in
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

  private static func asking(
    _ question: LogLens.Question, _ title: String, _ key: Character, hint: String? = nil
  ) -> Command {
    Command("logs.\(question)", title, hint: hint, keys: [.character(key)], in: .logs, .logTop) { state, _ in
      if state.logTail.query != nil { state.prompt = Prompt(.logs(question), state.logTail.lens[question]?.text ?? "") }
      return []
    }
  }
}

extension State {
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
}
