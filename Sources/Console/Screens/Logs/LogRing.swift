import MeshModel

/// One row of the tail: a line, or what is said between lines.
struct LogEntry: Equatable, Sendable {
  enum Content: Equatable, Sendable {
    case line(LogLine)
    case mark(LogMark)
  }

  /// Where a row stands among the others: by its time, then by when it came. It stays the same for as long as the row is
  /// kept, whatever comes before or falls out.
  struct Key: Hashable, Comparable, Sendable {
    let time: Timestamp
    /// Counts up over the life of the tail.
    let number: Int

    /// Behind every row.
    static let last = Key(time: Timestamp(nanoseconds: .max), number: .max)
    /// The first place behind this row.
    var next: Key { Key(time: time, number: number + 1) }

    static func < (one: Key, other: Key) -> Bool { (one.time, one.number) < (other.time, other.number) }
  }

  let key: Key
  let content: Content

  var line: LogLine? { if case .line(let line) = content { line } else { nil } }

  /// About how much memory it takes.
  var cost: Int { line?.cost ?? 128 }
}

/// The newest rows of the tail in the order of their times, up to a size in bytes: older ones fall out, the oldest
/// first. A row that comes late is put where it belongs.
struct LogRing: Equatable, Sendable {
  /// In bytes.
  let limit: Int
  private(set) var entries: [LogEntry] = []
  private(set) var cost = 0
  /// Rows that are lines.
  private(set) var lines = 0
  private var next = 0

  init(limit: Int = LogSettings.standardRing) { self.limit = limit }

  /// The rows of a batch with their keys, in order; they are not in the ring yet.
  mutating func number(_ batch: LogBatch) -> [LogEntry] {
    var new: [LogEntry] = []
    new.reserveCapacity(batch.lines.count + batch.marks.count)
    func add(_ content: LogEntry.Content, _ time: Timestamp) {
      new.append(LogEntry(key: .init(time: time, number: next), content: content))
      next += 1
    }
    // A mark stands behind the lines of its moment.
    var marks = batch.marks[...]
    for line in batch.lines {
      while let mark = marks.first, mark.time < line.time { add(.mark(marks.removeFirst()), mark.time) }
      add(.line(line), line.time)
    }
    for mark in marks { add(.mark(mark), mark.time) }
    return new.isOrdered ? new : new.sorted { $0.key < $1.key }
  }

  /// Puts rows among the others. Give them in order.
  mutating func add(_ new: [LogEntry]) {
    cost += new.reduce(0) { $0 + $1.cost }
    lines += new.count { $0.line != nil }
    entries.merge(new)
  }

  /// Lets the oldest fall out until the rest fits; gives those that fell. In lumps, so that a row costs no shifting of
  /// all others. Nothing from `held` on falls.
  mutating func trim(holding held: LogEntry.Key? = nil) -> [LogEntry] {
    guard cost > limit else { return [] }
    let end = held.map { place(of: $0) } ?? entries.count
    let goal = limit - limit / 16
    var left = cost
    var count = 0
    while count < end, left > goal {
      left -= entries[count].cost
      count += 1
    }
    let fallen = Array(entries[..<count])
    entries.removeFirst(count)
    cost = left
    lines -= fallen.count { $0.line != nil }
    return fallen
  }

  /// The place of a row, or where it would stand.
  func place(of key: LogEntry.Key) -> Int { entries.place(of: key) }

  subscript(key: LogEntry.Key) -> LogEntry? {
    let place = place(of: key)
    return place < entries.count && entries[place].key == key ? entries[place] : nil
  }
}

/// What stands among the rows by its key.
protocol LogOrdered {
  var key: LogEntry.Key { get }
}

extension LogEntry: LogOrdered {}
extension LogEntry.Key: LogOrdered { var key: LogEntry.Key { self } }

extension Array where Element: LogOrdered {
  /// Where a key stands, or would stand, in an array that is ordered by it.
  func place(of key: LogEntry.Key) -> Int {
    var low = 0, high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle].key < key { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Puts what is ordered into what is ordered. Costs as much as what stands behind the first place.
  mutating func merge(_ new: [Element]) {
    guard let first = new.first, let last, first.key < last.key else {
      self += new
      return
    }
    let start = place(of: first.key)
    let old = Array(self[start...])
    removeSubrange(start...)
    var (left, right) = (0, 0)
    while left < old.count, right < new.count {
      if new[right].key < old[left].key {
        append(new[right])
        right += 1
      } else {
        append(old[left])
        left += 1
      }
    }
    self += old[left...]
    self += new[right...]
  }
}

extension [LogEntry] {
  fileprivate var isOrdered: Bool { zip(self, dropFirst()).allSatisfy { $0.key < $1.key } }
}
