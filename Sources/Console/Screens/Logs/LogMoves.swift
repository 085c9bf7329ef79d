import MeshModel
import TerminalUI

extension State {
  /// Where to look from the selected row.
  enum LogSide: Sendable { case next, before }

  mutating func togglePause() {
    switch logTail.mode {
    case .following:
      guard let last = logTail.shown.last else { return }
      let count = logTail.shown.count
      logTail.scrolling.moved(from: count - 1, to: count - 1, count: count, height: LogsLayout(self).list.rows)
      logTail.mode = .paused(at: last)
    case .paused: logTail.mode = .following
    }
  }

  mutating func moveInLogs(_ movement: Movement) {
    if logTail.top != nil { return moveInTop(movement) }
    let count = logTail.shown.count
    let height = LogsLayout(self).list.rows
    guard let target = movement.target(from: logTail.selected, count: count, height: height) else { return }
    select(target)
    if movement == .last { logTail.mode = .following }
  }

  /// Keeps a row in sight, by its place among those that are shown.
  private mutating func select(_ target: Int) {
    let count = logTail.shown.count
    let height = LogsLayout(self).list.rows
    if logTail.mode == .following {
      // Following, the newest row is the lowest of the window.
      logTail.scrolling.moved(from: 0, to: count - 1, count: count, height: height)
    }
    logTail.scrolling.moved(from: logTail.selected, to: target, count: count, height: height)
    logTail.mode = .paused(at: logTail.shown[target])
  }

  mutating func goTo(errorIn side: LogSide) {
    if !goTo(side, of: logTail.sift.errors) { notice = "no error \(side.words)" }
  }

  mutating func goTo(markIn side: LogSide) {
    let shown = logTail.marked.filter { key in
      let place = logTail.shown.place(of: key)
      return place < logTail.shown.count && logTail.shown[place] == key
    }
    if !goTo(side, of: shown) {
      notice = logTail.marked.isEmpty ? "no line is marked: m marks one" : "no mark \(side.words)"
    }
  }

  /// To the nearest of some rows that are shown; false where none is on that side.
  private mutating func goTo(_ side: LogSide, of keys: [LogEntry.Key]) -> Bool {
    guard logTail.shown.indices.contains(logTail.selected) else { return false }
    let key = logTail.shown[logTail.selected]
    let place = side == .next ? keys.place(of: key.next) : keys.place(of: key) - 1
    guard keys.indices.contains(place) else { return false }
    select(logTail.shown.place(of: keys[place]))
    return true
  }

  /// Goes to the first row from a typed time on; false, and says why, where there is none.
  mutating func goTo(_ text: String) -> Bool {
    guard let moment = Timestamp(moment: text, now: now) else {
      notice = "“\(text)” is no moment of the past: write 10m, 02:14 or 2026-11-23T02:14:00Z, all UTC"
      return false
    }
    guard let first = logTail.shown.first, let last = logTail.shown.last else {
      notice = "there are no lines to go to"
      return true
    }
    select(min(logTail.shown.place(of: LogEntry.Key(time: moment, number: 0)), logTail.shown.count - 1))
    if moment > last.time { notice = "the newest line is of \(last.time.clock)" }
    if moment < first.time { notice = "the oldest line that is kept is of \(first.time.clock)" }
    return true
  }
}

extension State.LogSide {
  fileprivate var words: String {
    switch self {
    case .next: "after this line"
    case .before: "before this line"
    }
  }
}
