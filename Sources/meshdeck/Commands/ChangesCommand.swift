internal import ArgumentParser
internal import JSON
internal import LiveMesh
internal import MeshModel

/// `meshdeck changes`: what anybody changed of late, printed once or as it happens.
struct ChangesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "changes", abstract: "What anybody changed of routing, policies and workloads, and who it was.",
    discussion: """
      Of the time before this command the objects tell who changed them and when, and Deployments what their newest \
      rollout was. With --watch what changes is told in full, a line each.
      """)

  /// Further back nothing is told.
  private static let farthest: Duration = .seconds(24 * 3600)

  @OptionGroup var connection: ConnectionOptions

  @Option(name: .shortAndLong, help: "table or json; with --watch a line, or an object a line.")
  var output: OutputFormat = .table

  @Option(help: ArgumentHelp("How far back: at most 24h, which is what is told without it.", valueName: "time"))
  var since: Span?

  @Flag(help: "Go on with what changes from now on. Oldest first.")
  var watch = false

  func validate() throws {
    if let since, since.duration > Self.farthest {
      throw ValidationError("--since goes back 24h at most: the objects tell no more.")
    }
  }

  func run() async throws {
    let session = try Session(connection)
    try await session.tellRecovered()
    let scope = session.identity.scope
    // The objects tell whole seconds.
    let start = since.map { Timestamp(seconds: (MeshClock.system.now() - $0.duration).nanoseconds / 1_000_000_000) }
    func isTold(_ change: ObservedChange) -> Bool { start.map { change.time >= $0 } ?? true }
    if watch { return try await follow(session.mesh.changes(in: scope), isTold) }
    let changes = try await firstValue(of: session.mesh.changes(in: scope), within: .seconds(10))
    // What cannot be seen is said right after what can.
    let missing = await outcome(of: session.mesh.changes(in: scope), within: .milliseconds(100)) { _ in false }.failure
    if let missing {
      guard !changes.isEmpty else { throw missing }
      StandardError.write("meshdeck: \(missing.message)\n")
    }
    let told = changes.filter(isTold)
    switch output {
    case .json: print(JSONValue.array(told.map(\.json)).text(indent: 2))
    case .table: print(told.table, terminator: "")
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
          let line = output == .json ? change.json.text() : printable(change.line)
          guard StandardOutput.write(line + "\n") else { return }
        }
        // What is told no more cannot come again.
        told = Set(changes.map(\.id))
      }
    }
  }
}

extension [ObservedChange] {
  fileprivate var table: String {
    var table = TextTable("TIME", "BY", "OBJECT", "WHAT", "TOUCHES")
    for change in self {
      table.add(
        change.time.second, change.by ?? "–", change.place, change.what, change.reach.words)
    }
    return table.text
  }
}

extension ObservedChange {
  fileprivate var place: String { "\(object.kind) \(object.namespace)/\(object.name)" }

  fileprivate var line: String { "\(time.second)  \(by ?? "–")  \(place)  \(what)" }

  /// The shape that docs/commands.md describes.
  var json: JSONValue {
    [
      "time": .string(time.rfc3339), "by": by.map { .string($0) } ?? .null, "action": .string(action.rawValue),
      "object": [
        "kind": .string(object.kind), "namespace": .string(object.namespace), "name": .string(object.name),
      ],
      "fields": .array(
        fields.map { field in
          [
            "name": .string(field.name), "before": field.before.map { .string($0) } ?? .null,
            "after": field.after.map { .string($0) } ?? .null,
          ]
        }),
      "moreFields": .int(moreFields), "reach": .string(reach.name),
      "services": .array(services.map { .string($0.description) }), "version": version.map { .string($0) } ?? .null,
    ]
  }
}

extension ObservedChange.Reach {
  fileprivate var name: String {
    switch self {
    case .services: "services"
    case .namespace: "namespace"
    case .mesh: "mesh"
    }
  }

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
