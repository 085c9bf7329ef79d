internal import ArgumentParser
internal import Console
internal import JSON
internal import LiveMesh
internal import MeshHealth
internal import MeshModel
internal import Settings
internal import Synchronization

/// `meshdeck changes`: what anybody changed of late, printed once or as it happens.
struct ChangesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "changes", abstract: "What anybody changed of routing, policies and workloads, and who it was.",
    discussion: """
      Those of this machine's journal are told with their numbers. Of the time before this command the objects tell \
      who changed them and when, and Deployments what their newest rollout was. With --watch what changes is told in \
      full, a line each. What health did after each is told where it is watched: give --after.
      """)

  /// Further back nothing is told.
  private static let farthest: Duration = .seconds(24 * 3600)

  /// How the time line is printed.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case table, json
    /// An object a line, oldest first.
    case jsonl
    /// For a post-mortem, oldest first.
    case markdown
  }

  @OptionGroup var connection: ConnectionOptions

  @Option(name: .shortAndLong, help: "table, json, jsonl or markdown; with --watch a line, or an object a line.")
  var output: Format = .table

  @Option(help: ArgumentHelp("How far back: at most 24h, which is what is told without it.", valueName: "time"))
  var since: Span?

  @Option(
    help: ArgumentHelp(
      "Watch health for so long first, and tell what it did after the changes of the last minute.", valueName: "time"))
  var after: Span?

  @Flag(help: "Go on with what changes from now on. Oldest first.")
  var watch = false

  func validate() throws {
    if let since, since.duration > Self.farthest {
      throw ValidationError("--since goes back 24h at most: the objects tell no more.")
    }
    if watch, output == .markdown { throw ValidationError("--watch tells lines: give -o table or jsonl.") }
    if watch, after != nil { throw ValidationError("--after is of what is printed once, not of --watch.") }
  }

  func run() async throws {
    let session = try Session(connection)
    try await session.tellRecovered()
    let scope = session.identity.scope
    // The objects tell whole seconds.
    let start = since.map { Timestamp(seconds: (MeshClock.system.now() - $0.duration).nanoseconds / 1_000_000_000) }
    func isTold(_ time: Timestamp) -> Bool { start.map { time >= $0 } ?? true }
    if watch { return try await follow(session.mesh.changes(in: scope)) { isTold($0.time) } }
    let effects = await watchHealth(session)
    let changes = try await firstValue(of: session.mesh.changes(in: scope), within: .seconds(10))
    // What cannot be seen is said right after what can.
    let missing = await outcome(of: session.mesh.changes(in: scope), within: .milliseconds(100)) { _ in false }.failure
    if let missing {
      guard !changes.isEmpty else { throw missing }
      StandardError.write("meshdeck: \(missing.message)\n")
    }
    let mesh = session.mesh
    let records = await journal(session, \ChangeRecord.change.route.resource.namespace) {
      () async throws(ChangeFailure) in try await mesh.history()
    }
    let ramps = await journal(session, \RampRecord.plan.route.resource.namespace) {
      () async throws(ChangeFailure) in try await mesh.rampHistory()
    }
    let entries = Timeline.entries(journal: records, observed: changes, ramps: ramps)
      .filter { isTold($0.time) }
      .map { entry in
        var entry = entry
        entry.effect = entry.observed.flatMap { effects?[$0.id] }
        return entry
      }
    switch output {
    case .json: print(JSONValue.array(entries.map(\.json)).text(indent: 2))
    case .jsonl: print(TimelineExport.jsonLines(entries), terminator: "")
    case .markdown:
      print(TimelineExport.markdown(entries, of: session.identity, at: MeshClock.system.now()), terminator: "")
    case .table: print(entries.table, terminator: "")
    }
  }

  private func watchHealth(_ session: Session) async -> ChangeEffects? {
    guard let after else { return nil }
    let latest = Mutex<ChangeEffects?>(nil)
    await PulseWatch(session, over: session.settings.window).run(after: after.duration, goesOn: false) { findings in
      latest.withLock { $0 = findings.effects }
      return true
    }
    return latest.withLock { $0 }
  }

  /// What the journal of this machine has of the scope; without it the others are told all the same.
  private func journal<Record>(
    _ session: Session, _ namespace: KeyPath<Record, String>, _ read: () async throws(ChangeFailure) -> [Record]
  ) async -> [Record] {
    do throws(ChangeFailure) {
      return try await read().filter { session.identity.scope.holds($0[keyPath: namespace]) }
    } catch {
      StandardError.write("meshdeck: \(error)\n")
      return []
    }
  }

  /// Until standard output takes nothing any more.
  private func follow(
    _ feed: Feed<[ObservedChange]>, _ isTold: (ObservedChange) -> Bool
  ) async throws(CommandFailure) {
    var told = Set<ObservedChange.ID>()
    var lastTrouble: Trouble?
    for await event in feed {
      switch event {
      case .connecting: continue
      case .trouble(let trouble):
        if trouble.kind == .unauthenticated { throw CommandFailure(trouble) }
        if trouble != lastTrouble { StandardError.write("meshdeck: \(printable(trouble.description))\n") }
        lastTrouble = trouble
      case .value(let changes):
        for change in changes.reversed() where isTold(change) && !told.contains(change.id) {
          let line = output == .table ? printable(change.line) : TimelineEntry(change).json.text()
          guard StandardOutput.write(line + "\n") else { return }
        }
        // What is told no more cannot come again.
        told = Set(changes.map(\.id))
      }
    }
  }
}

extension [TimelineEntry] {
  fileprivate var table: String {
    var table = TextTable("TIME", "BY", "OBJECT", "WHAT", "TOUCHES")
    for entry in self {
      let number = entry.number.map { "#\($0) " } ?? ""
      let object = "\(entry.object.kind) \(entry.object.namespace)/\(entry.object.name)"
      table.add(
        entry.time.second, entry.by ?? "–", object, number + entry.what, entry.observed?.reach.words ?? "–")
    }
    return table.text
  }
}

extension ObservedChange {
  fileprivate var line: String {
    "\(time.second)  \(by ?? "–")  \(object.kind) \(object.namespace)/\(object.name)  \(what)"
  }
}

extension ObservedChange.Reach {
  fileprivate var words: String {
    switch self {
    case .services(let services, let version):
      services.prefix(3).map { $0.name + (version.map { " \($0)" } ?? "") }.joined(separator: ", ")
        + (services.count > 3 ? " and \(services.count - 3) more" : "")
    case .namespace(let namespace): "all of \(namespace)"
    case .mesh: "all of the mesh"
    }
  }
}

extension Timestamp {
  /// RFC 3339 in whole seconds.
  fileprivate var second: String { rfc3339.prefix(19) + "Z" }
}
