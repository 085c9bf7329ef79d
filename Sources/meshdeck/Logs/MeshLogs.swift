internal import MeshModel

/// Reads logs of the mesh, and what they tell of one request.
struct MeshLogs {
  let session: Session
  let pick: LogPick
  let counts: LogCounts
  var sink: LogSink

  mutating func run(_ query: LogQuery, reach: LogReach) async throws(CommandFailure) {
    var lastTrouble: Trouble?
    var isSample = false
    for await event in session.mesh.log(query, reach: reach) {
      switch event {
      case .connecting: continue
      case .trouble(let trouble):
        lastTrouble = trouble
        if reach.follows { StandardError.write("meshdeck: \(trouble)\n") }
      case .value(let batch):
        for mark in batch.marks { StandardError.write("meshdeck: \(mark)\n") }
        if let coverage = batch.coverage, coverage.isSample, !isSample {
          isSample = true
          StandardError.write("meshdeck: a sample: \(coverage.followed) of \(coverage.wanted) logs\n")
        }
        let wanted = pick.wanted(of: batch.lines)
        counts.add(read: batch.lines.count, wanted: wanted.count, dropped: batch.dropped)
        for line in wanted { sink.take(line, of: .proxy(line.proxy)) }
        guard sink.flush() else { return }
      }
    }
    sink.finish()
    if let lastTrouble, !reach.follows { throw CommandFailure(lastTrouble) }
  }

  /// What the logs of all proxies tell of one request.
  mutating func follow(request id: String, since: Timestamp, until now: Timestamp) async throws(CommandFailure) {
    var found: RequestTrail?
    for await event in session.mesh.trail(of: id, between: since...now, in: session.identity.scope) {
      switch event {
      case .connecting: continue
      case .trouble(let trouble): throw CommandFailure(trouble)
      case .value(let trail): found = trail
      }
      if found?.isDone == true { break }
    }
    guard let found else { throw CommandFailure(.unreachable, "no log could be read") }
    for trouble in found.troubles { StandardError.write("meshdeck: \(trouble)\n") }
    counts.add(read: found.lines.count, wanted: found.lines.count)
    for line in found.lines { sink.take(line, of: .proxy(line.proxy)) }
    sink.finish()
    if found.lines.isEmpty {
      let logs = Figures.count(found.coverage.followed, "log", "logs")
      StandardError.write("meshdeck: no line of \(logs) names it; what a proxy has not flushed yet is not there\n")
    }
  }
}
