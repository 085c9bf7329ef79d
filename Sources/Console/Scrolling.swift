/// Where a list is scrolled to: the row of the window in which the selected line stands. Lines that come and go above
/// the selection leave it where it is on the screen.
struct Scrolling: Equatable, Sendable {
  private var anchor = 0

  /// The first line in the window.
  func top(selected: Int, count: Int, height: Int) -> Int {
    guard height > 0 else { return 0 }
    let row = min(max(0, anchor), height - 1)
    return min(max(0, selected - row), max(0, count - height))
  }

  /// Takes note that the selection went from one line to another.
  mutating func moved(from old: Int, to new: Int, count: Int, height: Int) {
    guard height > 0 else { return }
    let row = old - top(selected: old, count: count, height: height)
    anchor = min(max(0, row + new - old), height - 1)
  }
}

/// How far a key moves in a list.
enum Movement: Equatable, Sendable {
  case lines(Int)
  case pages(Int)
  case first
  case last

  /// The line to land on, or nil in an empty list.
  func target(from line: Int, count: Int, height: Int) -> Int? {
    guard count > 0 else { return nil }
    let target =
      switch self {
      case .lines(let lines): line + lines
      case .pages(let pages): line + pages * max(1, height - 1)
      case .first: 0
      case .last: count - 1
      }
    return min(max(0, target), count - 1)
  }
}
