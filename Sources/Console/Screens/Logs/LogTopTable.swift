import MeshModel
import TerminalUI

/// What stands most often in the lines that are shown. They are counted in steps, the newest first, and those that
/// come as they come; what falls out of the ring stays counted.
struct LogTopTable: Equatable, Sendable {
  /// How many rows are counted in one step.
  static let stepRows = 2_000
  /// More are not shown.
  static let mostRows = 500

  let subject: LogTop.Subject
  private(set) var counted: LogTop
  /// The oldest that is counted.
  private(set) var since: Timestamp?
  /// Rows before this one have not been counted yet; `nil` when all have been.
  private var frontier: LogEntry.Key? = .last
  var selection: String?
  var scrolling = Scrolling()

  init(_ subject: LogTop.Subject) {
    self.subject = subject
    counted = LogTop(subject)
  }

  var isUnderWay: Bool { frontier != nil }
  var rows: [LogTop.Row] { counted.rows(most: Self.mostRows) }

  /// Counts the next of the rows that are shown.
  mutating func step(_ shown: [LogEntry.Key], _ ring: LogRing) {
    guard let frontier else { return }
    let end = shown.place(of: frontier)
    let start = max(0, end - Self.stepRows)
    count(shown[start..<end].lazy.compactMap { ring[$0] })
    self.frontier = start == 0 ? nil : shown[start]
  }

  /// Takes note of rows that have come and are shown. Those that a later step counts are left to it.
  mutating func take(_ new: [LogEntry]) {
    count(frontier.map { new[new.place(of: $0)...] } ?? new[...])
  }

  private mutating func count(_ entries: some Sequence<LogEntry>) {
    for line in entries.lazy.compactMap(\.line) {
      counted.add(line)
      since = min(since ?? line.time, line.time)
    }
  }
}

extension State {
  /// Counts by the first subject, or puts the table away.
  mutating func toggleTop() {
    logTail.top = logTail.top == nil && logTail.query != nil ? LogTopTable(logTail.topSubject) : nil
    logTail.advance()
  }

  mutating func countBy(step: Int) {
    let all = LogTop.Subject.allCases
    let place = all.firstIndex(of: logTail.topSubject) ?? 0
    logTail.topSubject = all[(place + step + all.count) % all.count]
    logTail.top = LogTopTable(logTail.topSubject)
    logTail.advance()
  }

  mutating func moveInTop(_ movement: Movement) {
    guard let top = logTail.top else { return }
    let rows = top.rows
    let place = top.place(in: rows)
    let height = LogTopLayout(self).list.rows
    guard let target = movement.target(from: place, count: rows.count, height: height) else { return }
    logTail.top?.selection = rows[target].name
    logTail.top?.scrolling.moved(from: place, to: target, count: rows.count, height: height)
  }

  /// Asks for the lines of the selected row alone, or for all but them.
  mutating func narrowToTop(_ question: LogLens.Question) {
    guard let top = logTail.top else { return }
    let rows = top.rows
    guard rows.indices.contains(top.place(in: rows)) else { return }
    let name = rows[top.place(in: rows)].name
    guard let term = top.subject.filter(for: name) else {
      notice = "no filter can ask for “\(name)”"
      return
    }
    let before = logTail.lens[question]?.text
    let text = question == .exclude ? LogFilter.widened(before, by: term) : LogFilter.narrowed(before, by: term)
    do throws(ExpressionProblem) {
      _ = try LogFilter(text)
    } catch {
      notice = "the filter would be too much: \(error)"
      return
    }
    if question == .filter { logTail.top = nil }
    logTail.ask(question, text)
  }
}

extension LogTopTable {
  /// The place of the selected row; the first, where it is none of them.
  func place(in rows: [LogTop.Row]) -> Int { rows.firstIndex { $0.name == selection } ?? 0 }
}
