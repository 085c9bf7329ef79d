internal import MeshModel
internal import ProxyLogs

/// Reads files and pipes: one alone in place, several as one log in the order of their times.
struct FileLogs {
  private let files: [LogFile]
  private let pick: LogPick
  private let counts: LogCounts
  private var sink: LogSink

  /// Files that are read at once: each holds a block, and one of the process's descriptors.
  static let most = 200
  /// Between two looks at files that are followed.
  private static let interval: Duration = .milliseconds(100)

  init(_ paths: [String], _ pick: LogPick, _ sink: LogSink, _ counts: LogCounts) throws(CommandFailure) {
    guard paths.count <= Self.most else { throw CommandFailure(.usage, "more than \(Self.most) files") }
    var files: [LogFile] = []
    for path in paths { files.append(try LogFile(path, formats: pick.formats)) }
    self.files = files
    self.pick = pick
    self.sink = sink
    self.counts = counts
  }

  mutating func run(follows: Bool) async throws(CommandFailure) {
    if files.count == 1, sink.isPlainPrint, pick.since == nil, !follows {
      try readAlone(files[0])
    } else {
      try readTogether(follows: follows)
    }
    if follows, sink.output.isOpen {
      sink.printOn()
      try await follow()
    }
    sink.finish()
  }

  /// In place; nothing is made of a line that is not wanted.
  private mutating func readAlone(_ file: LogFile) throws(CommandFailure) {
    var scans = LogScans(pick)
    var wanted = 0
    func look(_ line: Swift.Span<UInt8>) {
      guard scans.wants(line) else { return }
      wanted += 1
      sink.print(line, of: file.origin)
    }
    var isMore = true
    while isMore {
      isMore = try file.read(counts, look)
      if !isMore { try file.finish(counts, look) }
      counts.add(wanted: wanted)
      wanted = 0
      guard sink.flush() else { return }
    }
  }

  /// The file whose next line is the oldest is next. As far as each file is in order, so is the whole.
  private mutating func readTogether(follows: Bool) throws(CommandFailure) {
    var queues = [[LogLine]](repeating: [], count: files.count)
    var places = [Int](repeating: 0, count: files.count)
    var isOver = [Bool](repeating: false, count: files.count)
    while true {
      for place in files.indices where places[place] == queues[place].count && !isOver[place] {
        (queues[place], places[place]) = ([], 0)
        while queues[place].isEmpty, !isOver[place] {
          isOver[place] = try !take(from: files[place], isToFinish: !follows, &queues[place])
        }
      }
      let waiting = files.indices.filter { places[$0] < queues[$0].count }
      guard let next = waiting.min(by: { queues[$0][places[$0]].time < queues[$1][places[$1]].time }) else { return }
      // Its lines up to the first of another file.
      let others = waiting.filter { $0 != next }.map { queues[$0][places[$0]].time }.min()
      repeat {
        sink.take(queues[next][places[next]], of: files[next].origin)
        places[next] += 1
      } while places[next] < queues[next].count && others.map({ queues[next][places[next]].time <= $0 }) ?? true
      guard sink.output.isOpen else { return }
    }
  }

  /// Reads once; `false` at the end.
  private func take(
    from file: LogFile, isToFinish: Bool, _ lines: inout [LogLine]
  ) throws(CommandFailure) -> Bool {
    let before = lines.count
    defer { counts.add(wanted: lines.count - before) }
    func look(_ bytes: Swift.Span<UInt8>) {
      let line = file.line(bytes)
      if pick.wants(line) { lines.append(line) }
    }
    let isMore = try file.read(counts, look)
    if !isMore, isToFinish { try file.finish(counts, look) }
    return isMore
  }

  private mutating func follow() async throws(CommandFailure) {
    while sink.flush() {
      var lines: [(line: LogLine, origin: LogOrigin)] = []
      for file in files {
        var new: [LogLine] = []
        while try take(from: file, isToFinish: false, &new) {}
        let change = file.reopenIfChanged()
        if change != .none {
          StandardError.write("meshdeck: \(file.origin.name) was \(change == .replaced ? "replaced" : "truncated")\n")
          while try take(from: file, isToFinish: false, &new) {}
        }
        lines += new.map { ($0, file.origin) }
      }
      for (line, origin) in lines.sorted(by: { $0.line.time < $1.line.time }) { sink.take(line, of: origin) }
      guard sink.flush(), (try? await Task.sleep(for: Self.interval)) != nil else { return }
    }
  }
}
