import MeshModel

/// The rows of a ring that are shown, in order, and what is counted of them. A ring is asked in steps, the newest rows
/// first, so that no key waits for one that is full.
struct LogSift: Equatable, Sendable {
  /// How many bytes of rows are asked in one step, as `LogEntry.cost` has them.
  static let stepCost = 2 << 20

  private(set) var rows: [LogEntry.Key] = []
  /// Those of them that are lines.
  private(set) var lines = 0
  /// Those of them that tell of an error.
  private(set) var errors: [LogEntry.Key] = []
  private(set) var histogram = LogHistogram()
  /// Rows before this one have not been asked yet; `nil` when all have been.
  private(set) var frontier: LogEntry.Key?

  var isUnderWay: Bool { frontier != nil }

  /// Forgets what was found: all rows are to be asked.
  mutating func restart() {
    self = LogSift()
    frontier = .last
  }

  /// Asks the next rows.
  mutating func step(_ ring: LogRing, _ lens: LogLens) {
    guard let frontier else { return }
    let end = ring.place(of: frontier)
    var start = end
    var cost = 0
    while start > 0, cost < Self.stepCost {
      start -= 1
      cost += ring.entries[start].cost
    }
    add(ring.entries[start..<end], lens)
    self.frontier = start == 0 ? nil : ring.entries[start].key
  }

  /// Takes note of rows that have come into the ring, in order, and gives those that are shown. Rows that a later step
  /// asks are left to it.
  mutating func take(_ new: [LogEntry], _ lens: LogLens) -> [LogEntry] {
    add(frontier.map { new[new.place(of: $0)...] } ?? new[...], lens)
  }

  @discardableResult
  private mutating func add(_ entries: ArraySlice<LogEntry>, _ lens: LogLens) -> [LogEntry] {
    var passing: [LogEntry] = []
    var failing: [LogEntry.Key] = []
    for entry in entries where lens.passes(entry) {
      passing.append(entry)
      guard let line = entry.line else { continue }
      lines += 1
      histogram.add(line)
      if line.isError { failing.append(entry.key) }
    }
    rows.merge(passing.map(\.key))
    errors.merge(failing)
    return passing
  }

  /// Lets go of rows that have fallen out of the ring: its oldest, in order.
  mutating func drop(_ fallen: [LogEntry]) {
    guard let last = fallen.last else { return }
    let end = rows.place(of: last.key.next)
    var place = 0
    for entry in fallen where place < end && rows[place] == entry.key {
      place += 1
      guard let line = entry.line else { continue }
      lines -= 1
      histogram.remove(line)
    }
    rows.removeFirst(end)
    errors.removeFirst(errors.place(of: last.key.next))
  }
}
