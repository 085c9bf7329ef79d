import MeshModel
import Synchronization

/// Makes one log of many, between those that read the logs and the one that takes the lines. It holds a few megabytes:
/// what comes faster than it is taken is dropped, the oldest first, and counted to the line; or it waits outside.
final class LogCollector: Sendable {
  /// In bytes. A tenth of a second of a hundred thousand lines is some three.
  static let limit = 8 << 20

  private struct Chunk {
    let lines: [LogLine]
    let cost: Int
  }

  private struct State {
    /// In the order in which they came; those before `start` are gone.
    var chunks: [Chunk] = []
    var start = 0
    var cost = 0
    var losses: [ProxyID: LogLoss] = [:]
    var marks: [LogMark] = []
    var trouble: Trouble?
    var coverage: LogCoverage?
    var isChanged = false
    var isClosed = false
    var waiter: CheckedContinuation<Void, Never>?
    /// Logs that wait for room.
    var writers: [CheckedContinuation<Void, Never>] = []

    mutating func letOneIn() {
      if !writers.isEmpty { writers.removeFirst().resume() }
    }

    mutating func dropOldest() {
      let chunk = chunks[start]
      chunks[start] = Chunk(lines: [], cost: 0)
      start += 1
      cost -= chunk.cost
      for line in chunk.lines { losses[line.proxy, default: LogLoss(from: line.time)].count(line.time) }
    }
  }

  private let state = Mutex(State())
  private let limit: Int
  private let overflow: LogReach.Overflow

  init(limit: Int = LogCollector.limit, overflow: LogReach.Overflow = .drops) {
    self.limit = limit
    self.overflow = overflow
  }

  /// Adds lines of one log. Where nothing may be dropped it returns when there is room, or nobody takes lines any more.
  func add(_ lines: [LogLine]) async {
    if overflow == .waits { await makeRoom() }
    let chunk = Chunk(lines: lines, cost: lines.reduce(0) { $0 + $1.cost })
    change { state in
      state.chunks.append(chunk)
      state.cost += chunk.cost
      if state.cost < limit { state.letOneIn() }
      // One chunk is always kept, whatever its size.
      while overflow == .drops, state.cost > limit, state.chunks.count - state.start > 1 { state.dropOldest() }
    }
  }

  func add(_ mark: LogMark) { change { $0.marks.append(mark) } }

  /// What is wrong now; the newest of several.
  func note(_ trouble: Trouble) { change { $0.trouble = trouble } }

  func note(_ coverage: LogCoverage) { change { $0.coverage = coverage } }

  private func change(_ body: (inout State) -> Void) {
    let waiter = state.withLock { state in
      body(&state)
      state.isChanged = true
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume()
  }

  /// Returns when there is something to take, or nothing will come any more.
  func wait() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isReady = state.withLock { state in
          if state.isChanged || state.isClosed || Task.isCancelled { return true }
          state.waiter = continuation
          return false
        }
        if isReady { continuation.resume() }
      }
    } onCancel: {
      close()
    }
  }

  /// Logs that wait go on one after the other, each when the lines of the one before are in.
  private func makeRoom() async {
    await withCheckedContinuation { continuation in
      let hasRoom = state.withLock { state in
        if state.cost < limit || state.isClosed { return true }
        state.writers.append(continuation)
        return false
      }
      if hasRoom { continuation.resume() }
    }
  }

  var isClosed: Bool { state.withLock { $0.isClosed } }

  func close() {
    let waiting = state.withLock { state in
      state.isClosed = true
      defer { (state.waiter, state.writers) = (nil, []) }
      return state.writers + [state.waiter].compactMap { $0 }
    }
    for one in waiting { one.resume() }
  }

  /// All that has come since the last time, the lines in the order of their times; those of one moment as they came.
  /// - Parameter most: of the lines, so many of the newest: for the first batch, which each log fills with its own end.
  func take(most: Int = .max) -> [FeedEvent<LogBatch>] {
    let taken = state.withLock { state in
      state.letOneIn()
      defer { state = State(coverage: state.coverage, isClosed: state.isClosed, writers: state.writers) }
      return state
    }
    var events: [FeedEvent<LogBatch>] = []
    let lines = taken.chunks.count == 1 ? taken.chunks[0].lines : taken.chunks.flatMap(\.lines)
    let losses = taken.losses.map { $1.mark(of: $0) }
    let marks = (taken.marks + losses).sorted { ($0.time, $0.proxy) < ($1.time, $1.proxy) }
    if !lines.isEmpty || !marks.isEmpty {
      events.append(
        .value(LogBatch(lines: Array(lines.orderedByTime.suffix(most)), marks: marks, coverage: taken.coverage)))
    }
    if let trouble = taken.trouble { events.append(.trouble(trouble)) }
    return events
  }
}

extension [LogLine] {
  /// Lines of one moment keep the order in which they came. Keys are sorted rather than lines, which are large; what is
  /// in order already, as of one log, costs one look at each.
  var orderedByTime: [LogLine] {
    if zip(self, dropFirst()).allSatisfy({ $0.time <= $1.time }) { return self }
    let keys = enumerated().map { (time: $0.element.time, place: $0.offset) }
    return keys.sorted { ($0.time, $0.place) < ($1.time, $1.place) }.map { self[$0.place] }
  }
}
